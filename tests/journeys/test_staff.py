"""Reception and practitioners through a day."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment, Status
from patients.models import Patient
from tests import build
from tests.build import Clinic
from tests.journeys import acts
from tests.journeys.conftest import send_letters
from tests.journeys.day import around_noon, booked, minutes_from_now, on_day
from tests.journeys.people import answering, returning

PageOf = Callable[[User], Page]


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_reception_books_for_a_caller_without_an_address(page: Page, open_clinic: Clinic) -> None:
    clinic = around_noon(open_clinic)
    page.goto("/account/sign-in/")
    acts.sign_in(page, clinic.reception.email)
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_label("Find the patient").fill("Caller")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text("Nobody fits")).to_be_visible()
    page.get_by_role("link", name="Register a new patient").click()
    acts.give_details(page, "Kim", "Caller")
    expect(heading(page)).to_have_text("Book a visit for Kim Caller")
    page.get_by_label("Treatment").select_option("Consultation")
    page.get_by_role("button", name="Show times").click()
    page.get_by_label("With").select_option("Dr B")
    page.get_by_label("Day", exact=True).fill(f"{on_day(clinic, 2):%Y-%m-%d}")
    page.get_by_role("button", name="Show times").click()
    page.locator("a.time").filter(has_text="11:00").click()
    page.locator("#chosen").get_by_role("button", name="Book").click()
    expect(page.get_by_role("status")).to_contain_text("There is no e-mail address: read it out.")
    expect(heading(page)).to_have_text("Kim Caller")
    visit, caller = Appointment.objects.get(), Patient.objects.get()
    assert (caller.email, caller.user) == ("", None)
    assert (visit.patient, visit.status, visit.during.lower) == (caller, Status.BOOKED, on_day(clinic, 2, "11:00"))
    send_letters()
    assert "Your appointment" not in acts.all_letters()


def card(page: Page, visit: Appointment) -> Locator:
    return page.locator(f"#visit-{visit.pk}")


def press(page: Page, visit: Appointment, button: str, then: str) -> None:
    """A button of the visit's card, perhaps behind “More”; the card says `then` afterwards."""
    found = card(page, visit).get_by_role("button", name=re.compile(f"^{button}"), include_hidden=True)
    if not found.is_visible():
        card(page, visit).locator("summary").click()
    found.click()
    expect(card(page, visit).locator(".status")).to_have_text(then)


def test_a_visit_from_the_door_to_the_clean_down_and_every_step_can_be_undone(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = around_noon(open_clinic)
    visit = booked(clinic, build.patient(given="Kim"), minutes_from_now(-5))
    desk, room = page_of(clinic.reception), page_of(clinic.practitioners[0].user)
    desk.goto("/workspace/")
    press(desk, visit, "Arrived", "arrived")
    press(desk, visit, "Undo “arrived”", "booked")
    press(desk, visit, "Arrived", "arrived")
    room.goto("/workspace/")
    press(room, visit, "Start", "being treated")
    press(room, visit, "Undo “start”", "arrived")
    press(room, visit, "Start", "being treated")
    press(room, visit, "Complete", "done")
    press(room, visit, "Reopen", "being treated")
    press(room, visit, "Complete", "done")
    desk.reload()
    expect(card(desk, visit).locator(".status")).to_have_text("done")
    expect(card(desk, visit).get_by_role("button", include_hidden=True)).to_have_count(0)
    told = ["book", "arrive", "undo-arrive", "arrive", "start", "undo-start", "start", "complete", "reopen", "complete"]
    assert list(visit.events.order_by("at").values_list("verb", flat=True)) == told


def test_who_does_not_come_gives_the_time_back_until_they_come_after_all(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = around_noon(open_clinic)
    late = booked(clinic, build.patient(given="Kim"), minutes_from_now(-20))
    desk = page_of(clinic.reception)
    desk.goto("/workspace/")
    press(desk, late, "Did not come", "did not come")
    assert late.claims.count() == 0
    press(desk, late, "Came after all", "arrived")
    assert late.claims.count() > 0


def test_a_wrong_entry_needs_a_reason(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = around_noon(open_clinic)
    visit = booked(clinic, build.patient(given="Kim"), minutes_from_now(60))
    desk = page_of(clinic.reception)
    desk.goto("/workspace/")
    card(desk, visit).locator("summary").click()
    card(desk, visit).get_by_role("link", name="Wrong entry").click()
    desk.get_by_role("button", name="Wrong entry").click()
    expect(desk.locator(".error-summary")).to_contain_text("Reason")
    expect(desk.locator(".error-summary")).to_be_focused()
    desk.get_by_label("Reason").fill("entered for the wrong person")
    desk.get_by_role("button", name="Wrong entry").click()
    expect(card(desk, visit).locator(".status")).to_have_text("wrong entry")


def test_a_move_on_an_old_page_is_refused_and_says_what_happened(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = around_noon(open_clinic)
    visit = booked(clinic, build.patient(given="Kim"), minutes_from_now(-5))
    desk, room = page_of(clinic.reception), page_of(clinic.practitioners[0].user)
    desk.goto("/workspace/")
    room.goto("/workspace/")
    press(room, visit, "Arrived", "arrived")
    card(desk, visit).get_by_role("button", name="Did not come").click()
    expect(desk.locator(".error-summary")).to_contain_text("Last change: Arrived")
    expect(card(desk, visit).locator(".status")).to_have_text("arrived")


def test_a_practitioner_reads_the_answers_and_the_patient_is_written_to(page_of: PageOf, open_clinic: Clinic) -> None:
    clinic = around_noon(open_clinic)
    patient = returning(clinic.place, "robin@example.org")
    answering(patient, clinic.place, breastfeeding="yes")
    visit = booked(clinic, patient, on_day(clinic, 9), treatment=clinic.microneedling, ago=0)
    assert visit.status == Status.PENDING
    room = page_of(clinic.practitioners[1].user)
    room.goto("/workspace/")
    room.get_by_role("link", name="1 visit waits for you").click()
    room.get_by_role("button", name="Open answers").click()
    expect(room.get_by_role("heading", name="breastfeeding")).to_be_visible()
    room.get_by_label(re.compile(r"^Note \(optional\)")).fill("talked about it")
    room.get_by_role("button", name="Acknowledge").click()
    expect(room.get_by_text("Nobody waits for a clinician.")).to_be_visible()
    send_letters()
    assert "your appointment is booked" in acts.letter_to("robin@example.org")
    own = page_of(patient.user)
    own.goto(f"/visits/{visit.pk}/")
    expect(own.locator("p.status")).to_have_text("booked")
    own.goto("/record/")
    expect(own.get_by_text("opened your answers for a visit, to look at them before your visit on")).to_be_visible()
