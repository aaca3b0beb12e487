"""Closed time, the visits that lie in it, and the other times that are proposed for them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from clinic import letters
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Closure, Resource, Status
from clinic.scheduling.operations import Booking, Change, Choice, Closing
from clinic.scheduling.queries.closed import closures_at, visits_in, visits_in_closed_time
from clinic.scheduling.refusals import HoldLost, JustTaken, NotAllowed, NotBookable, NotNow, WrongSpan
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(practitioners=2, rooms=2, pens=2)


@pytest.fixture
def pat() -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org")


def book(clinic: Clinic, who: Patient, clock: str = "10:00", practitioner: int = 0) -> Appointment:
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock), clinic.practitioners[practitioner].pk)
    return operations.book(actor=Actor(user=clinic.reception), booking=Booking(choice, who), key=uuid4(), now=NOW)


def close(clinic: Clinic, *, days: int = 1, by: Any = None, **what: Any) -> Closure:
    """From Monday on."""
    first = clinic.at("00:00")
    what = what or {"location": clinic.place}
    closing = Closing(what.pop("first", first), what.pop("last", first + days * DAY), **what)
    return operations.close(actor=Actor(user=by or clinic.reception), closing=closing, now=NOW)


def propose(clinic: Clinic, visit: Appointment, now: datetime = NOW) -> Appointment:
    return operations.propose(actor=Actor(user=clinic.reception), visit=visit.pk, now=now)


def accept(visit: Appointment, hold: Appointment, by: Any, now: datetime = NOW) -> Appointment:
    change = Change(visit.pk, taking=hold.pk)
    return operations.reschedule(actor=Actor(user=by), change=change, key=uuid4(), now=now)


def test_closed_time_is_not_offered_and_not_booked(clinic: Clinic, pat: Patient) -> None:
    close(clinic)
    with pytest.raises(NotBookable):
        book(clinic, pat)


def test_a_visit_in_closed_time_stays_and_is_listed(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    made = close(clinic)
    assert list(visits_in(made, NOW)) == [visit]
    assert visits_in_closed_time(clinic.place, NOW) == 1
    assert Appointment.objects.get(pk=visit.pk).status == Status.BOOKED


def test_of_a_person_only_their_own_visits_are_listed_and_only_while_they_are_needed(clinic: Clinic, pat: Patient) -> None:
    mine, other = book(clinic, pat), book(clinic, patient(given="Other"), practitioner=1)
    made = close(clinic, resource=clinic.practitioners[0], kind="time_off")
    assert list(visits_in(made, NOW)) == [mine]
    numbing = mine.claims.filter(resource=clinic.practitioners[0]).order_by("during")
    gap = Closure.objects.create(
        resource=clinic.practitioners[0],
        during=(numbing[0].during.upper, numbing[1].during.lower),  # the practitioner is free meanwhile
    )
    gap.refresh_from_db()
    assert list(visits_in(gap, NOW)) == []
    assert other not in visits_in(made, NOW)


def test_a_room_and_a_device_can_be_closed(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    room = visit.claims.get(resource__kind=Resource.Kind.ROOM).resource
    assert list(visits_in(close(clinic, resource=room, kind="maintenance"), NOW)) == [visit]
    assert closures_at(clinic.place, NOW)[0].resource == room


def test_reopening_gives_back_what_is_left(clinic: Clinic) -> None:
    made = close(clinic, days=3)
    half = clinic.at("12:00", day=MONDAY + DAY)
    operations.reopen_time(actor=Actor(user=clinic.reception), closure=made.pk, now=half)
    assert Closure.objects.get().during.upper == half
    with pytest.raises(NotNow):
        operations.reopen_time(actor=Actor(user=clinic.reception), closure=made.pk, now=half + HOUR)
    again = close(
        clinic,
        first=clinic.at("00:00", day=MONDAY + 7 * DAY),
        last=clinic.at("00:00", day=MONDAY + 8 * DAY),
        location=clinic.place,
    )
    operations.reopen_time(actor=Actor(user=clinic.reception), closure=again.pk, now=NOW)
    assert Closure.objects.count() == 1


def test_who_may_close_and_what_makes_no_sense(clinic: Clinic) -> None:
    for roles in (("practitioner",), ("content_admin",), ()):
        with pytest.raises(NotAllowed):
            close(clinic, by=build.user(roles=roles))
    with pytest.raises(NotAllowed):
        close(clinic, location=clinic.place, kind="holiday")
    for first, last in ((NOW - 2 * DAY, NOW - DAY), (NOW + DAY, NOW + DAY), (NOW + DAY, NOW)):
        with pytest.raises(WrongSpan):
            close(clinic, location=clinic.place, first=first, last=last)


class TestProposals:
    def test_the_same_practitioners_next_free_time_is_kept_for_a_day(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic, resource=clinic.practitioners[0], kind="time_off")
        hold = propose(clinic, visit)
        assert hold.practitioner == clinic.practitioners[0]
        assert hold.during.lower.date() == MONDAY + DAY
        assert (hold.held_for, hold.held_for_visit, hold.expires_at) == ("closure", visit, NOW + DAY)
        choice = Choice(clinic.microneedling, clinic.place, hold.during.lower, hold.practitioner_id)
        with pytest.raises(JustTaken):
            operations.hold(holder="x", address=None, choice=choice, key=uuid4(), now=NOW)

    def test_when_the_same_practitioner_has_nothing_it_is_another_one(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic, resource=clinic.practitioners[0], kind="time_off", days=300)
        hold = propose(clinic, visit)
        assert hold.practitioner == clinic.practitioners[1]
        assert hold.during.lower == visit.during.lower + timedelta(minutes=0) or hold.during.lower > visit.during.lower

    def test_when_nothing_is_free_that_is_said(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic, days=400)
        with pytest.raises(NotBookable):
            propose(clinic, visit)

    def test_asked_twice_it_is_one_proposal_and_one_letter(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic)
        assert propose(clinic, visit) == propose(clinic, visit)
        assert Envelope.objects.filter(kind="proposal").count() == 1

    def test_a_lapsed_proposal_is_followed_by_a_new_one(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic)
        first = propose(clinic, visit)
        again = propose(clinic, visit, now=NOW + DAY + HOUR)
        assert first.pk != again.pk
        assert list(visit.proposals.all()) == [again]

    def test_accepting_moves_the_visit_and_tells_the_patient(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        made = close(clinic)
        hold = propose(clinic, visit)
        moved = accept(visit, hold, pat.user)
        assert moved.during == hold.during
        assert Appointment.objects.count() == 1
        assert list(visits_in(made, NOW)) == []
        assert Envelope.objects.filter(kind="changed", subject=visit.pk).count() == 1

    def test_staff_accept_on_the_telephone_and_nobody_else_does(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic)
        hold = propose(clinic, visit)
        with pytest.raises(NotAllowed):
            accept(visit, hold, build.user(email="other@example.org"))
        assert accept(visit, hold, clinic.reception).during == hold.during

    def test_a_proposal_that_lapsed_and_was_taken_is_lost_and_the_visit_stands(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic)
        hold = propose(clinic, visit)
        operations.sweep(now=NOW + 2 * DAY)
        with pytest.raises(HoldLost):
            accept(visit, hold, pat.user, now=NOW + 2 * DAY)
        assert Appointment.objects.get().during == visit.during

    def test_no_browser_confirms_it(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic)
        propose(clinic, visit)
        for holder in ("", "x"):
            wish = operations.Confirmation(holder, pat)
            with pytest.raises(HoldLost):
                operations.confirm(actor=Actor(task="test"), wish=wish, key=uuid4(), now=NOW)

    def test_the_letter_is_neutral_and_sent_only_while_the_time_is_kept(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        close(clinic)
        hold = propose(clinic, visit)
        with time_machine.travel(NOW + HOUR, tick=False):
            letter = letters.compose("proposal", visit.pk)
        assert letter
        assert f"/visits/{visit.pk}/proposal/" in letter.body
        assert "icroneedling" not in letter.subject + letter.body
        assert "Tuesday 2 March 2027" in letter.body
        with time_machine.travel(hold.expires_at, tick=False):
            assert letters.compose("proposal", visit.pk) is None

    def test_whoever_is_asked_to_move_may_choose_a_time_however_late(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        late = visit.during.lower - 2 * HOUR
        close(clinic, resource=clinic.practitioners[0])
        propose(clinic, visit, now=late)
        change = Change(visit.pk, clinic.at("13:00", day=MONDAY + DAY))
        moved = operations.reschedule(actor=Actor(user=pat.user), change=change, key=uuid4(), now=late)
        assert moved.during.lower == clinic.at("13:00", day=MONDAY + DAY)
