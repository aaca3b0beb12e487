"""A new patient, from the home page to a booked visit; and the other ways that it may go."""

from datetime import timedelta

from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import BrowserContext, Page, expect

from clinic.scheduling.models import Appointment, Status
from tests.build import Clinic
from tests.journeys import acts
from tests.journeys.conftest import send_letters
from tests.journeys.people import returning


def test_a_new_patient_books_and_takes_the_calendar_file(page: Page, open_clinic: Clinic) -> None:
    acts.choose_first_time(page, "Microneedling")
    acts.sign_in(page, "robin@example.org")
    acts.give_details(page)
    acts.answer_all(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to my calendar").click()
    visit = Appointment.objects.get()
    event = Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")[0]
    assert (event["dtstart"].dt, event["dtend"].dt) == (visit.during.lower, visit.during.upper)
    assert "needling" not in download.value.path().read_text().lower()
    assert visit.status == Status.BOOKED
    send_letters()
    assert "your appointment is booked" in acts.letter_to("robin@example.org")


def come_back(page: Page, clinic: Clinic, **special: str) -> None:
    """Somebody who has been here before books microneedling, and answers the one page that is asked again."""
    returning(clinic.place, "robin@example.org")
    acts.choose_first_time(page, "Microneedling")
    acts.sign_in(page, "robin@example.org")
    acts.answer_all(page, **special)


def test_an_answer_that_a_clinician_must_see_makes_the_visit_pending(page: Page, open_clinic: Clinic) -> None:
    come_back(page, open_clinic, breastfeeding="Yes")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your request")
    assert Appointment.objects.get().status == Status.PENDING


def test_a_block_leads_to_a_consultation_and_asks_nothing_again(page: Page, open_clinic: Clinic) -> None:
    come_back(page, open_clinic, pregnant="Yes")
    expect(page.get_by_role("heading", level=1)).to_have_text("We'd like to talk to you before booking")
    expect(page.get_by_text("+44 20 7946 0000").last).to_be_visible()
    buttons = page.locator("main form button[name=start]")
    expect(buttons).to_have_count(3)
    buttons.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert Appointment.objects.get().treatment == open_clinic.consultation


def test_a_recent_treatment_leads_to_the_first_free_time_after_the_earliest_date(page: Page, open_clinic: Clinic) -> None:
    returning(open_clinic.place, "robin@example.org", open_page="earlier_treatments")
    acts.choose_first_time(page, "Microneedling")
    acts.sign_in(page, "robin@example.org")
    peel = timezone.localdate() - timedelta(days=7)
    acts.answer_all(page, peel=peel.isoformat())
    expect(page.get_by_role("heading", level=1)).to_have_text("A little later")
    page.get_by_role("link", name="First free time from").click()
    page.locator("button.time").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
    page.get_by_role("button", name="Book this visit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert Appointment.objects.get().during.lower.date() >= peel + timedelta(weeks=4)


def test_questions_go_on_where_they_stopped_on_another_device(page: Page, open_clinic: Clinic, browser, server: str) -> None:
    acts.choose_first_time(page, "Microneedling")
    acts.sign_in(page, "robin@example.org")
    acts.give_details(page)
    for _ in range(3):
        acts.answer_page(page)
    fourth = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Sign out").click()
    other: BrowserContext = browser.new_context(base_url=server, viewport={"width": 1280, "height": 900})
    desk = other.new_page()
    acts.choose_first_time(desk, "Microneedling")
    acts.sign_in(desk, "robin@example.org")
    expect(desk.get_by_role("heading", level=1)).to_have_text(fourth)
    expect(desk.get_by_text("Page 4 of")).to_be_visible()
    other.close()


def test_a_lost_time_answers_with_the_three_nearest(page: Page, open_clinic: Clinic, browser, server: str) -> None:
    def open_times(somebody: Page) -> None:
        somebody.goto("/book/")
        somebody.get_by_role("link", name="Microneedling", exact=True).click()
        somebody.get_by_label("With").select_option("Dr A")
        somebody.get_by_role("button", name="Show times").click()
        acts.open_next_wednesday(somebody)

    other: BrowserContext = browser.new_context(base_url=server)
    slow, quick = page, other.new_page()
    for somebody in (slow, quick):
        open_times(somebody)
    quick.locator("button.time").nth(3).click()
    expect(quick.get_by_role("heading", level=1)).to_have_text("Who is coming?")
    slow.locator("button.time").nth(3).click()
    expect(slow.get_by_text("Somebody else has just taken this time")).to_be_visible()
    near = slow.locator(".error-summary button")
    expect(near).to_have_count(3)
    near.first.click()
    expect(slow.get_by_role("heading", level=1)).to_have_text("Who is coming?")
    other.close()


def test_a_patient_cancels_and_the_time_is_free_again(page: Page, open_clinic: Clinic) -> None:
    acts.choose_first_time(page, "Consultation")
    acts.sign_in(page, "robin@example.org")
    acts.give_details(page)
    acts.answer_all(page)
    page.get_by_role("button", name="Book this visit").click()
    page.get_by_role("link", name="Your visits").last.click()
    page.locator(".visit-card a").click()
    page.get_by_role("link", name="Cancel this visit").click()
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.locator("p.status")).to_have_text("cancelled")
    visit = Appointment.objects.get()
    assert (visit.status, visit.claims.count()) == (Status.CANCELLED, 0)
    send_letters()
    assert "this appointment is cancelled" in acts.letter_to("robin@example.org")
