"""A content admin changes what the public reads; what was booked before stays as it was booked."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment
from tests import build
from tests.build import Clinic
from tests.journeys.day import MINUTE, around_noon, booked, on_day
from tests.patients.world import person
from treatments.models import TreatmentVersion

WORDS = "Very fine needles wake up the skin's own repair, said anew."


def edit_microneedling(editor: Page) -> None:
    """New words for the summary, and five minutes more for the needling itself."""
    editor.goto("/editing/")
    editor.get_by_role("link", name="Microneedling", exact=True).click()
    expect(editor.get_by_label("Price")).to_have_count(0)  # prices are offers, and offers are the owner's
    editor.get_by_label("Summary", exact=True).fill(WORDS)
    needling = editor.get_by_role("group", name="Steps of a session: 5")
    expect(needling.get_by_label("Title")).to_have_value("Needling")
    needling.get_by_label("Minutes").fill("45")


def test_a_change_goes_public_with_a_reason_and_leaves_older_visits_alone(
    page: Page, page_of: Callable[[User], Page], open_clinic: Clinic
) -> None:
    clinic = around_noon(open_clinic)
    patient = person(given="Robin", email="robin@example.org")
    before = booked(clinic, patient, on_day(clinic, 3), treatment=clinic.microneedling)
    editor = page_of(build.user(roles=("content_admin",), name="Con Tent"))
    edit_microneedling(editor)
    editor.get_by_role("button", name="Save and preview").click()
    expect(editor.get_by_role("heading", name="Preview of the draft")).to_be_visible()
    expect(editor.get_by_text(WORDS)).to_be_visible()
    page.goto("/treatments/microneedling/")
    expect(page.get_by_text(WORDS)).to_have_count(0)
    editor.get_by_role("link", name="Compare and publish").click()
    expect(editor.locator(".diff ins").first).to_be_visible()
    editor.get_by_label("Why does this change?").fill("Said more plainly; needling takes longer")
    editor.get_by_role("button", name="Publish now").click()
    expect(editor.get_by_role("status")).to_be_visible()
    page.reload()
    expect(page.get_by_text(WORDS).first).to_be_visible()
    expect(page.get_by_text("£180").first).to_be_visible()
    kept = Appointment.objects.get(pk=before.pk)
    assert (kept.version.number, kept.price_minor, kept.during) == (1, 18000, before.during)
    own = page_of(patient.user)
    own.goto(f"/visits/{before.pk}/")
    expect(own.get_by_text("£180")).to_be_visible()
    after = booked(clinic, build.patient(), on_day(clinic, 3, "14:00"), treatment=clinic.microneedling, ago=0)
    assert (after.version, after.version.number) == (TreatmentVersion.objects.latest("published_at"), 2)
    lasts = [visit.during.upper - visit.during.lower for visit in (before, after)]
    assert lasts[1] - lasts[0] == 5 * MINUTE
