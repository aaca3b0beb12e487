"""Courses: planned on real times, booked all or none, and moved together."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Closure, Course, CourseItem, Status
from clinic.scheduling.operations import Booking, Change, Choice, NewCourse, Planned, Wish
from clinic.scheduling.queries.planning import Session, Wishes, plan_course
from clinic.scheduling.refusals import JustTaken, KeyReused, NotAllowed, NotBookable, TooSoon
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(practitioners=2, rooms=2, pens=2)


@pytest.fixture
def pat() -> Patient:
    return patient(user=build.user(email="pat@example.org"))


def planned(clinic: Clinic, pat: Patient, sessions: int = 4, **wishes: Any) -> list[Session]:
    asked = Wishes(wishes.pop("first", MONDAY), **wishes)
    return plan_course(pat, clinic.place, [clinic.microneedling] * sessions, asked, NOW)


def course(clinic: Clinic, pat: Patient, *days: int, clock: str = "10:00", **more: Any) -> NewCourse:
    starts = [clinic.at(clock, day=MONDAY + day * DAY) for day in days]
    return NewCourse(pat, clinic.place, tuple(Planned(clinic.microneedling, start) for start in starts), **more)


def book(clinic: Clinic, asked: NewCourse, key=None, by: Any = None) -> Course:
    actor = Actor(user=by or clinic.reception)
    return operations.book_course(actor=actor, course=asked, key=key or uuid4(), now=NOW)


def local(clinic: Clinic, session: Session) -> Any:
    assert session.start
    return session.start.astimezone(clinic.place.tz)


def days_of(clinic: Clinic, sessions: list[Session]) -> list[date]:
    return [local(clinic, session).date() for session in sessions]


def taken(clinic: Clinic, start: Any) -> None:
    for name in ("One", "Two"):
        booking = Booking(Choice(clinic.microneedling, clinic.place, start), patient(given=name))
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def test_sessions_follow_each_other_at_the_usual_distance(clinic: Clinic, pat: Patient) -> None:
    days = days_of(clinic, planned(clinic, pat))
    assert days == [MONDAY, MONDAY + 28 * DAY, MONDAY + 56 * DAY, MONDAY + 84 * DAY]


def test_wishes_for_weekday_time_and_practitioner_are_met(clinic: Clinic, pat: Patient) -> None:
    who = clinic.practitioners[1].pk
    sessions = planned(clinic, pat, weekdays=(3, 4), from_time=time(13), to_time=time(15), practitioner=who)
    assert all(session.as_wished for session in sessions)
    assert {local(clinic, session).isoweekday() for session in sessions} <= {3, 4}
    assert all(time(13) <= local(clinic, session).time() <= time(15) for session in sessions)


def test_what_cannot_be_as_wished_is_planned_all_the_same_and_marked(clinic: Clinic, pat: Patient) -> None:
    sessions = planned(clinic, pat, weekdays=(7,))
    assert [session.as_wished for session in sessions] == [False] * 4
    assert all(session.start for session in sessions)


def test_when_nothing_is_free_the_session_stays_open(clinic: Clinic, pat: Patient) -> None:
    closed = DateTimeTZRange(clinic.at("00:00"), clinic.at("00:00", day=MONDAY + 700 * DAY))
    Closure.objects.create(location=clinic.place, during=closed)
    assert [session.start for session in planned(clinic, pat, 2)] == [None, None]


def test_visits_that_are_there_already_count(clinic: Clinic, pat: Patient) -> None:
    book(clinic, course(clinic, pat, 0))
    assert days_of(clinic, planned(clinic, pat, 2))[0] == MONDAY + 28 * DAY


def test_planning_stores_nothing(clinic: Clinic, pat: Patient) -> None:
    planned(clinic, pat)
    assert (Course.objects.count(), Appointment.objects.count()) == (0, 0)


def test_other_times_are_shown_beside_the_chosen_one(clinic: Clinic, pat: Patient) -> None:
    session = planned(clinic, pat, 1)[0]
    assert session.start in session.choices
    assert len(session.choices) > 3


def test_a_plan_can_be_booked_as_it_is(clinic: Clinic, pat: Patient) -> None:
    sessions = planned(clinic, pat, 6)
    asked = tuple(Planned(session.treatment, session.start) for session in sessions)
    made = book(clinic, NewCourse(pat, clinic.place, asked))
    assert [item.appointment.during.lower for item in made.items.all()] == [session.start for session in sessions]


def test_of_different_treatments_each_keeps_its_distance(clinic: Clinic, pat: Patient) -> None:
    sessions = plan_course(pat, clinic.place, [clinic.consultation, clinic.microneedling], Wishes(MONDAY), NOW)
    first, second = days_of(clinic, sessions)
    assert first < second


def test_one_that_cannot_be_had_undoes_them_all_and_is_named(clinic: Clinic, pat: Patient) -> None:
    taken(clinic, clinic.at("10:00", day=MONDAY + 28 * DAY))
    before = Appointment.objects.count()
    with pytest.raises(JustTaken) as refused:
        book(clinic, course(clinic, pat, 0, 28, 56))
    assert refused.value.item == 1
    assert (Course.objects.count(), Appointment.objects.count()) == (0, before)


def test_rest_days_hold_between_the_sessions(clinic: Clinic, pat: Patient) -> None:
    with pytest.raises(TooSoon) as refused:
        book(clinic, course(clinic, pat, 0, 27))
    assert refused.value.item == 1
    assert book(clinic, course(clinic, pat, 0, 27, override="she moves away")).items.count() == 2


def test_a_repeated_request_books_one_course(clinic: Clinic, pat: Patient) -> None:
    key = uuid4()
    assert book(clinic, course(clinic, pat, 0, 28), key) == book(clinic, course(clinic, pat, 0, 28), key)
    assert Course.objects.count() == 1
    with pytest.raises(KeyReused):
        book(clinic, course(clinic, pat, 0, 29), key)


def test_only_reception_books_courses_and_nobody_an_empty_one(clinic: Clinic, pat: Patient) -> None:
    for who in (pat.user, clinic.practitioners[0].user):
        with pytest.raises(NotAllowed):
            book(clinic, course(clinic, pat, 0), by=who)
    with pytest.raises(NotBookable):
        book(clinic, NewCourse(pat, clinic.place, (Planned(clinic.microneedling, None),)))


def test_a_later_booking_fills_the_session_that_is_still_open(clinic: Clinic, pat: Patient) -> None:
    start = clinic.at("10:00")
    made = book(
        clinic, NewCourse(pat, clinic.place, (Planned(clinic.microneedling, start), Planned(clinic.microneedling, None)))
    )
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=MONDAY + 28 * DAY))
    visit = operations.book(actor=Actor(user=clinic.reception), booking=Booking(choice, pat), key=uuid4(), now=NOW)
    assert made.items.last().appointment == visit
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, "cancel"), now=NOW)
    again = operations.book(actor=Actor(user=clinic.reception), booking=Booking(choice, pat), key=uuid4(), now=NOW)
    assert CourseItem.objects.get(course=made, position=2).appointment == again


class TestReflow:
    def moved(self, clinic: Clinic, made: Course, *days: int, clock: str = "10:00") -> list[Appointment]:
        visits = [item.appointment for item in made.items.all()][-len(days) :]
        changes = [
            Change(visit.pk, clinic.at(clock, day=MONDAY + day * DAY)) for visit, day in zip(visits, days, strict=True)
        ]
        return operations.reflow(actor=Actor(user=clinic.reception), changes=changes, key=uuid4(), now=NOW)

    def days(self, made: Course) -> list[int]:
        items = made.items.order_by("position")
        return [(item.appointment.during.lower.date() - MONDAY).days for item in items]

    def test_all_later_ones_move_with_it(self, clinic: Clinic, pat: Patient) -> None:
        made = book(clinic, course(clinic, pat, 0, 28, 56))
        self.moved(clinic, made, 35, 63)
        assert self.days(made) == [0, 35, 63]

    @pytest.mark.parametrize("days", [(28, 56, 84), (3, 31, 59)])
    def test_one_may_take_the_time_that_another_leaves(self, clinic: Clinic, pat: Patient, days: tuple[int, ...]) -> None:
        made = book(clinic, course(clinic, pat, 0, 28, 56))
        self.moved(clinic, made, *days)
        assert self.days(made) == list(days)

    def test_one_that_cannot_be_had_keeps_them_all_where_they_are(self, clinic: Clinic, pat: Patient) -> None:
        made = book(clinic, course(clinic, pat, 0, 28, 56))
        taken(clinic, clinic.at("10:00", day=MONDAY + 63 * DAY))
        with pytest.raises(JustTaken) as refused:
            self.moved(clinic, made, 35, 63)
        assert refused.value.item == 1
        assert self.days(made) == [0, 28, 56]
        assert all(item.appointment.claims.exists() for item in made.items.all())

    def test_rest_days_hold_among_those_that_move(self, clinic: Clinic, pat: Patient) -> None:
        made = book(clinic, course(clinic, pat, 0, 28, 56))
        with pytest.raises(TooSoon):
            self.moved(clinic, made, 36, 63)
        assert self.days(made) == [0, 28, 56]

    def test_each_patient_is_told_once_for_each_visit(self, clinic: Clinic, pat: Patient) -> None:
        made = book(clinic, course(clinic, pat, 0, 28))
        visits = self.moved(clinic, made, 7, 35)
        assert [visit.events.last().verb for visit in visits] == ["reschedule", "reschedule"]
        assert {visit.status for visit in visits} == {Status.BOOKED}
