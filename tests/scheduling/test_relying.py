"""A consultation that a session relies on is not moved behind it, and a session that lost it waits for a clinician."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import Change, Wish
from clinic.scheduling.refusals import ReliedOn
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, patient
from tests.scheduling.laser import Laser, front
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def clinic(db: None) -> Laser:
    return Laser()


@pytest.fixture
def pat(db: None) -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org")


@pytest.fixture
def both(clinic: Laser, pat: Patient) -> list[Appointment]:
    """A consultation on Monday, and a session that relies on it two weeks later."""
    choices = [clinic.choice(clinic.consultation, MONDAY), clinic.choice(clinic.nafl, MONDAY + 14 * DAY)]
    return front(clinic, pat, *choices)


def change(clinic: Laser, visit: Appointment, day: date, override: str = "") -> Appointment:
    asked = Change(visit.pk, clinic.at("12:00", day=day), override=override)
    return operations.reschedule(actor=Actor(user=clinic.reception), change=asked, key=uuid4(), now=NOW)


def end(clinic: Laser, visit: Appointment, verb: str = "cancel", reason: str = "") -> Appointment:
    return operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, verb, reason), now=NOW)


def story(visit: Appointment) -> list[str]:
    return [event.verb for event in visit.events.order_by("number")]


def test_the_talk_moves_as_far_as_the_session_allows(clinic: Laser, both: list[Appointment]) -> None:
    assert change(clinic, both[0], MONDAY + 4 * DAY).during.lower.date() == MONDAY + 4 * DAY
    with pytest.raises(ReliedOn) as refused:
        change(clinic, both[0], MONDAY + 8 * DAY)
    assert "before your visit on Monday 15 March 2027" in str(refused.value)
    assert Appointment.objects.get(pk=both[0].pk).during.lower.date() == MONDAY + 4 * DAY


def test_on_the_last_possible_day_it_still_serves(clinic: Laser, both: list[Appointment]) -> None:
    assert change(clinic, both[0], MONDAY + 7 * DAY).status == Status.BOOKED


def test_staff_may_move_it_with_a_reason(clinic: Laser, both: list[Appointment]) -> None:
    assert change(clinic, both[0], MONDAY + 8 * DAY, "seen elsewhere meanwhile").status == Status.BOOKED


@pytest.mark.parametrize(("verb", "reason"), [("cancel", ""), ("wrong-entry", "never asked for")])
def test_without_the_talk_a_clinician_looks_at_the_session(
    clinic: Laser, both: list[Appointment], verb: str, reason: str
) -> None:
    letters = Envelope.objects.filter(subject=both[1].pk).count()
    end(clinic, both[0], verb, reason)
    session = Appointment.objects.get(pk=both[1].pk)
    assert session.status == Status.PENDING
    assert session.claims.exists()
    assert story(session) == ["confirm", "reopen-review"]
    assert "on Monday 1 March 2027, will not take place" in session.events.get(verb="reopen-review").reason
    assert Envelope.objects.filter(subject=both[1].pk).count() == letters  # nothing has changed for the patient yet


def test_another_talk_that_serves_as_well_leaves_the_session_alone(
    clinic: Laser, pat: Patient, both: list[Appointment]
) -> None:
    clinic.book(pat, clinic.consultation, MONDAY + 2 * DAY)
    end(clinic, both[0])
    assert story(both[1]) == ["confirm"]


def test_a_session_that_never_had_a_talk_is_not_looked_at_again(clinic: Laser, pat: Patient) -> None:
    session = clinic.book(pat, clinic.nafl, MONDAY + 2 * DAY, override="seen elsewhere")
    end(clinic, clinic.book(pat, clinic.consultation, MONDAY))
    assert story(session) == ["book"]


def test_a_visit_on_which_nothing_relies_is_cancelled_alone(clinic: Laser, both: list[Appointment]) -> None:
    end(clinic, both[1])
    assert story(both[0]) == ["confirm"]
