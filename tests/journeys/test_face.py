"""The zones of a face, chosen on the drawing and in the list, with a script and without, and by keyboard."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from patients.models import Patient, ScarAssessment
from patients.tickets import Ticket
from tests.build import Clinic
from tests.journeys import acts
from tests.journeys.conftest import visiting
from tests.journeys.people import returning, sign_in_quietly
from tests.patients.world import user_of


def ticket(clinic: Clinic) -> Ticket:
    on = timezone.localdate() + timedelta(days=9)
    return Ticket("microneedling", on, clinic.place.jurisdiction, "/visits/")


def spot(page: Page, zone: str) -> None:
    """A click into the middle of a zone of the drawing, once the page stands still."""
    page.wait_for_timeout(0 if page.evaluate("scrollY") == 0 else 600)
    box = page.locator(f'svg[data-spot="{zone}"] use').bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def is_marked(page: Page, zone: str) -> bool:
    """Whether the zone has another colour than one that nobody has chosen."""
    fill = "zone => getComputedStyle(document.querySelector(`.face-map [data-zone=${zone}]`)).fill"
    return page.evaluate(fill, zone) != page.evaluate(fill, "neck")


@pytest.mark.parametrize("script", [True, False])
def test_zones_are_chosen_on_the_drawing_and_described_one_by_one(
    browser: Browser, server: str, open_clinic: Clinic, script: bool
) -> None:
    patient = returning(open_clinic.place, "robin@example.org", open_page="scars-where")
    with visiting(browser, server, script=script) as context:
        sign_in_quietly(context, user_of(patient), server)
        page = context.new_page()
        page.goto(ticket(open_clinic).url("scars-where"))
        spot(page, "forehead")
        spot(page, "cheek_left")
        spot(page, "cheek_right")
        spot(page, "cheek_right")  # taken back
        if script:
            assert page.evaluate("scrollY") == 0, "the drawing went away"
        page.get_by_label("Chin", exact=True).focus()
        page.keyboard.press("Space")
        for zone, chosen in {"Forehead": True, "Left cheek": True, "Right cheek": False, "Chin": True}.items():
            expect(page.get_by_role("checkbox", name=zone, exact=True)).to_be_checked(checked=chosen)
        if script:  # without one nobody can ask for a colour
            assert [is_marked(page, zone) for zone in ("forehead", "cheek_left", "chin", "cheek_right")] == [True] * 3 + [
                False
            ]
        page.get_by_role("button", name="Save and go on").click()
        acts.settle(page)
        describe(page, patient)


def describe(page: Page, patient: Patient) -> None:
    """On the next page; then what was said is kept by zone."""
    expect(page.get_by_role("heading", level=1)).to_have_text("What they look like")
    for question, look in {"Forehead": "Rolling", "Left cheek": "I'm not sure", "Chin": "Keloid"}.items():
        page.get_by_role("group", name=f"{question}: which comes closest?").get_by_label(look, exact=True).check()
    page.get_by_label("Chin, in your own words").fill("since I was sixteen")
    page.get_by_role("button", name="Save and go on").click()
    acts.settle(page)
    acts.answer_all(page)
    found = ScarAssessment.objects.get(patient=patient)
    kept = {("forehead", "rolling"), ("cheek_left", "unsure"), ("chin", "keloid")}
    assert set(found.findings.values_list("zone", "type")) == kept
    assert found.said == {"chin": "since I was sixteen"}
