"""A waiting visit in a browser: asked and answered, ended with an invitation, confirmed all the same; and being called."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.scheduling.models import AnswerRequest, Appointment, CallBack, Status
from patients.models import Patient
from tests.build import Clinic
from tests.journeys import acts
from tests.journeys.conftest import send_letters
from tests.journeys.day import around_noon, booked, on_day
from tests.journeys.people import answering, returning
from tests.journeys.reviewing import closed

PageOf = Callable[[User], Page]


@pytest.fixture
def clinic(open_clinic: Clinic) -> Clinic:
    return around_noon(open_clinic)


@pytest.fixture
def robin(clinic: Clinic) -> Patient:
    return returning(clinic.place, "robin@example.org")


@pytest.fixture
def visit(clinic: Clinic, robin: Patient) -> Appointment:
    """Waits for a clinician because of an answer about breastfeeding."""
    answering(robin, clinic.place, breastfeeding="yes")
    made = booked(clinic, robin, on_day(clinic, 9), treatment=clinic.microneedling, ago=0)
    assert made.status == Status.PENDING
    return made


@pytest.fixture
def looked_at() -> Iterator[Callable[[Page], None]]:
    """Whatever page is given to it passes axe."""
    axe, wrong = Axe(), []

    def look(page: Page) -> None:
        found = axe.run(page).response["violations"]
        wrong.extend((page.url, rule["id"]) for rule in found if {"wcag2a", "wcag2aa", "wcag22aa"} & {*rule["tags"]})

    yield look
    assert wrong == []


def open_answers(page: Page) -> None:
    page.goto("/workspace/review/")
    page.get_by_role("button", name="Open answers").click()
    expect(page.get_by_role("heading", name="Answers to look at")).to_be_visible()


def now_is(visit: Appointment) -> str:
    return Appointment.objects.get(pk=visit.pk).status


def test_a_patient_is_asked_answers_and_is_acknowledged(
    page_of: PageOf, clinic: Clinic, robin: Patient, visit: Appointment, looked_at
) -> None:
    room, own = page_of(clinic.practitioners[1].user), page_of(robin.user)
    open_answers(room)
    room.get_by_text("Choose questions and write a note").click()
    room.get_by_label("Are you breastfeeding").check()
    room.get_by_text("Other questions before this visit").first.click()
    room.get_by_label("Do you smoke").check()
    room.get_by_label("Note to the patient").first.fill("Until when, do you think?")
    looked_at(room)
    room.get_by_role("button", name="Ask the patient").click()
    expect(room.get_by_role("status")).to_contain_text("The patient is asked.")
    send_letters()
    letter = acts.letter_to("robin@example.org")
    assert "we have a question for you" in letter
    assert "breast" not in letter
    own.goto("/visits/")
    looked_at(own)
    own.get_by_role("link", name="Read it and answer").click()
    expect(own.get_by_text("Until when, do you think?")).to_be_visible()
    looked_at(own)
    own.get_by_role("link", name="Answer now").click()
    expect(own.get_by_text("Last time you answered: Yes")).to_be_visible()
    looked_at(own)
    acts.answer_all(own)
    expect(own.get_by_role("status")).to_contain_text("A clinician looks at your answers")
    expect(own.get_by_text("We have a question for you")).to_have_count(0)
    assert AnswerRequest.objects.get().answered_at
    assert now_is(visit) == Status.PENDING
    room.goto("/workspace/review/")
    expect(room.get_by_text("answered on")).to_be_visible()
    open_answers(room)
    expect(room.get_by_text("Answered on")).to_be_visible()
    room.get_by_role("button", name="Acknowledge").click()
    expect(room.get_by_text("Nobody waits for a clinician.")).to_be_visible()
    assert now_is(visit) == Status.BOOKED


def test_a_visit_is_ended_with_a_note_that_leads_to_a_consultation(
    page_of: PageOf, clinic: Clinic, robin: Patient, visit: Appointment, looked_at
) -> None:
    room, own = page_of(clinic.practitioners[1].user), page_of(robin.user)
    open_answers(room)
    room.get_by_text("End this visit, and invite").click()
    room.get_by_role("button", name="End this visit").click()
    expect(room.locator(".error-summary")).to_be_visible()
    room.get_by_label("Note to the patient").last.fill("Come and talk to us about a good time.")
    looked_at(room)
    room.get_by_role("button", name="End this visit").click()
    expect(room.get_by_text("Nobody waits for a clinician.")).to_be_visible()
    send_letters()
    assert f"/book/{clinic.consultation.pk}/" in acts.letter_to("robin@example.org")
    own.goto(f"/visits/{visit.pk}/")
    expect(own.get_by_text("Come and talk to us about a good time.")).to_be_visible()
    looked_at(own)
    own.get_by_role("link", name="Find a time: Consultation").click()
    expect(own.locator("button.time").first).to_be_visible()


def test_what_the_answers_close_is_confirmed_with_a_reason(
    page_of: PageOf, clinic: Clinic, robin: Patient, looked_at
) -> None:
    visit = closed(clinic, robin, on_day(clinic, 9))
    room = page_of(clinic.practitioners[1].user)
    open_answers(room)
    expect(room.get_by_role("button", name="Acknowledge")).to_have_count(0)
    room.get_by_role("button", name="Confirm all the same").click()
    expect(room.locator(".error-summary")).to_be_visible()
    room.get_by_label("Reason").fill("spoke with the patient")
    looked_at(room)
    room.get_by_role("button", name="Confirm all the same").click()
    expect(room.get_by_text("Nobody waits for a clinician.")).to_be_visible()
    assert now_is(visit) == Status.BOOKED
    own = page_of(robin.user)
    own.goto(f"/visits/{visit.pk}/")
    expect(own.locator("p.status")).to_have_text("booked")
    expect(own.get_by_text("spoke with the patient")).to_have_count(0)


def test_who_may_not_book_is_offered_a_call_and_a_consultation(
    page_of: PageOf, clinic: Clinic, robin: Patient, looked_at
) -> None:
    own, desk = page_of(robin.user), page_of(clinic.reception)
    acts.choose_first_time(own, "Microneedling")
    own.goto("/book/next/")
    acts.answer_all(own, pregnant="Yes")
    expect(own.get_by_role("heading", name="We'd like to talk to you before booking")).to_be_visible()
    expect(own.get_by_role("link", name=clinic.place.telephone)).to_have_attribute("href", "tel:+442079460000")
    looked_at(own)
    talk = own.url
    own.get_by_role("link", name="ask us to call you").click()
    own.get_by_label("Your number").fill("020 7946 0009")
    own.get_by_label("In the afternoon").check()
    looked_at(own)
    own.get_by_role("button", name="Please call me").click()
    expect(own.get_by_text("We call you by")).to_be_visible()
    looked_at(own)
    desk.goto("/workspace/")
    desk.get_by_role("link", name="1 patient asked to be called").click()
    looked_at(desk)
    desk.get_by_role("link", name="Called").click()
    desk.get_by_label("We have spoken").check()
    looked_at(desk)
    desk.get_by_role("button", name="Keep this").click()
    expect(desk.get_by_text("Nobody waits for a call.")).to_be_visible()
    assert CallBack.objects.get().done_by == clinic.reception
    own.goto(talk)
    own.locator("form[data-once] button.btn-primary").first.click()
    own.wait_for_url("**/book/**")
    own.goto("/book/confirm/")
    own.get_by_role("button", name="Book").click()
    expect(own.get_by_role("heading", level=1)).to_have_text("You are booked")
    assert Appointment.objects.get(patient=robin).treatment == clinic.consultation
