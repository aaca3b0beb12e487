"""Consent on the tablet, in a real browser: read to the end, signed by both, and nothing else of the site meanwhile."""

import time
from collections.abc import Callable
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment
from patients.models import Consent, ConsentReading
from tests import build
from tests.build import Clinic
from tests.journeys import acts
from tests.journeys.day import acknowledged, around_noon, booked, minutes_from_now, moved, on_day
from tests.journeys.people import returning
from tests.journeys.test_everything import RULES
from treatments.models import ConsentVersion
from treatments.versions import content_hash

PageOf = Callable[[User], Page]


def with_texts(clinic: Clinic) -> Clinic:
    """Around noon, with the consent texts in force since yesterday."""
    build.consents(now=timezone.now() - timedelta(days=1))
    return around_noon(clinic)


def arrived(clinic: Clinic) -> Appointment:
    patient = returning(clinic.place, "robin@example.org", open_page="")
    visit = booked(clinic, patient, minutes_from_now(-5), treatment=clinic.microneedling)
    return moved(clinic, acknowledged(visit), "arrive")


def fit(page: Page) -> None:
    """No violation that axe knows, and not wider than a phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_consent_on_the_tablet(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = with_texts(open_clinic)
    visit = arrived(clinic)
    doctor = clinic.practitioners[0].user
    page = page_of(doctor)
    page.goto(f"/workspace/visits/{visit.pk}/")
    page.get_by_role("link", name="Consent", exact=True).click()
    other = page.context.new_page()
    other.goto("/workspace/#main")
    page.get_by_label("A PIN for this hand-over").fill("4711")
    page.get_by_role("button", name="Hand the tablet over").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Consent to microneedling")  # nobody's day in another tab
    other.close()

    button = page.get_by_role("button", name="I agree, and sign")
    expect(button).to_be_disabled()
    fit(page)
    page.go_back()
    expect(button).to_be_visible()  # the page before leads here too
    page.goto("/workspace/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Consent to microneedling")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(button).to_be_disabled()
    page.locator("#end-of-text").scroll_into_view_if_needed()
    expect(button).to_be_enabled()
    button.click()
    expect(page.locator(".error-summary")).to_contain_text("Write your full name.")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Your full name").fill("Robin Example")
    page.get_by_role("button", name="I agree, and sign").click()
    expect(page.get_by_text("Please give the tablet back.")).to_be_visible()
    fit(page)

    page.get_by_role("link", name="take the tablet back").click()
    fit(page)
    page.get_by_label("The PIN of this hand-over").fill("0000")
    page.get_by_role("button", name="Take the tablet back").click()
    expect(page.locator(".error-summary")).to_contain_text("Tries left: 4.")
    page.get_by_label("The PIN of this hand-over").fill("4711")
    page.get_by_role("button", name="Take the tablet back").click()
    expect(page.get_by_text("Your signature is missing.")).to_be_visible()

    page.get_by_role("button", name="It is me").click()
    acts.sign_in(page, doctor.email)
    page.get_by_role("button", name="Sign as the practitioner").click()
    expect(page.get_by_text("Signed by both.")).to_be_visible()
    fit(page)
    version = ConsentVersion.objects.live(visit.during.lower).get(treatment=clinic.microneedling)
    expect(page.get_by_text(content_hash(version))).to_be_visible()
    assert Consent.objects.get().name == "Robin Example"

    own = page_of(visit.patient.user)
    own.goto("/record/consents/")
    own.get_by_role("link", name="Read, print or withdraw").click()
    expect(own.get_by_text("on the clinic's tablet")).to_contain_text("Robin Example, ")
    own.get_by_role("button", name="Withdraw this consent").click()
    expect(own.get_by_text("Your consent is withdrawn.")).to_be_visible()
    page.goto(f"/workspace/visits/{visit.pk}/")
    expect(page.get_by_text("not signed yet")).to_be_visible()


def test_reading_beforehand(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = with_texts(open_clinic)
    patient = returning(clinic.place, "robin@example.org", open_page="")
    visit = booked(clinic, patient, on_day(clinic, 9), treatment=clinic.microneedling, ago=0)
    page = page_of(patient.user)
    page.goto(f"/visits/{visit.pk}/done/")
    page.get_by_role("link", name="Read it now").click()
    button = page.get_by_role("button", name="I have read this")
    expect(button).to_be_disabled()
    fit(page)
    page.locator("#end-of-text").scroll_into_view_if_needed()
    button.click()
    expect(page.get_by_text("only then you decide")).to_be_visible()
    expect(page.get_by_role("link", name="Read it now")).to_have_count(0)
    assert time.time() - ConsentReading.objects.get().at.timestamp() < 60
