"""The check of the last days: asked in its window, and an answer that fires sends a booked visit to a clinician."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinic.letters import compose
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.queries import checks
from patients.models import Evaluation, Patient
from patients.operations import save_page
from patients.queries import intake
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from tests.patients.world import answer_all, ticket
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
VISIT = MONDAY + 14 * DAY


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(screening=True)


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org")


@pytest.fixture
def visit(clinic: Clinic, pat: Patient) -> Appointment:
    """Booked more than two weeks ahead, all answers given."""
    answer_all(pat, ticket(on=VISIT), NOW)
    booking = Booking(Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=VISIT)), pat)
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


@pytest.fixture
def before(visit: Appointment) -> datetime:
    """The day before the visit."""
    return visit.during.lower - DAY


def check(pat: Patient, visit: Appointment, now: datetime, **said: str) -> list[Appointment]:
    """Every page of the check, then what the site does after each saved page."""
    asked = checks.open_check(visit, now)
    assert asked
    answer_all(pat, asked, now, **said)
    return operations.take_answers(actor=Actor(user=pat.user), patient=pat, now=now + timedelta(minutes=1))


def now_is(visit: Appointment) -> Appointment:
    return Appointment.objects.get(pk=visit.pk)


def test_nothing_is_open_before_the_window_and_all_of_it_the_day_before(visit: Appointment, before: datetime) -> None:
    assert visit.status == Status.BOOKED
    assert checks.open_check(visit, NOW) is None
    asked = checks.open_check(visit, before)
    assert asked
    assert {"active_infection", "active_acne", "cold_sore"} <= set(asked.only)


def test_harmless_answers_leave_the_visit_booked(pat: Patient, visit: Appointment, before: datetime) -> None:
    assert check(pat, visit, before) == [visit]
    assert now_is(visit).status == Status.BOOKED
    assert checks.open_check(now_is(visit), before + timedelta(minutes=2)) is None
    assert Evaluation.objects.count() == 2


def test_a_firing_answer_makes_it_pending_and_keeps_its_time(pat: Patient, visit: Appointment, before: datetime) -> None:
    check(pat, visit, before, active_infection="yes")
    after = now_is(visit)
    assert (after.status, after.during) == (Status.PENDING, visit.during)
    assert after.claims.count() == visit.claims.count()
    assert after.evaluation
    assert "Yes" in {line["answer"] for line in after.evaluation.fired}
    assert [event.verb for event in after.events.order_by("number")] == ["book", "reopen-review"]


def test_half_of_the_check_changes_nothing_yet(pat: Patient, visit: Appointment, before: datetime) -> None:
    asked = checks.open_check(visit, before)
    assert asked
    page, actor = intake.pages(pat, asked, before)[0], Actor(user=pat.user)
    save_page(actor=actor, patient=pat, page=page, values={"active_infection": "yes"}, now=before)
    later = before + timedelta(minutes=1)
    assert intake.next_page(pat, asked, later)  # the others are still open
    assert operations.take_answers(actor=actor, patient=pat, now=later) == []
    assert now_is(visit).status == Status.BOOKED


def test_without_new_answers_nothing_is_evaluated_again(pat: Patient, visit: Appointment, before: datetime) -> None:
    assert operations.take_answers(actor=Actor(user=pat.user), patient=pat, now=before) == []
    assert Evaluation.objects.count() == 1


def test_one_neutral_letter_leads_to_the_check(pat: Patient, visit: Appointment, before: datetime) -> None:
    assert operations.announce_checks(now=NOW) == 0
    for _twice in range(2):
        operations.announce_checks(now=before)
    assert Envelope.objects.filter(kind="check").count() == 1
    with time_machine.travel(before, tick=False):
        letter = compose("check", visit.pk)
        assert letter
        assert f"/visits/{visit.pk}/questions/" in letter.body
        assert "needling" not in f"{letter.subject} {letter.body}".lower()
        check(pat, visit, before)
        assert compose("check", visit.pk) is None


def test_the_page_of_the_visit_leads_there_and_back(
    client: Client, pat: Patient, visit: Appointment, before: datetime
) -> None:
    with time_machine.travel(before, tick=False):
        client.force_login(pat.user)
        assert "A few questions before your visit" in client.get(f"/visits/{visit.pk}/").content.decode()
        assert client.get(f"/visits/{visit.pk}/questions/")["Location"].startswith("/questions/?ticket=")
        check(pat, visit, before)
        answer = client.get(f"/visits/{visit.pk}/questions/", follow=True)
        assert "There is nothing more to answer before this visit." in answer.content.decode()


def test_somebody_elses_check_is_not_found(client: Client, visit: Appointment) -> None:
    client.force_login(build.user())
    assert client.get(f"/visits/{visit.pk}/questions/").status_code == 404
