"""Courses: several sessions booked at once, all or none, and the later ones moved when an earlier one moves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Course, CourseItem, Location
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.book import Booking, asked_for, book_in, needed
from clinic.scheduling.operations.hold import Choice
from clinic.scheduling.operations.reschedule import Change, carry, check_may, claimed, target, visit_of
from clinic.scheduling.queries.availability import candidates
from clinic.scheduling.refusals import NotAllowed, NotBookable, NotNow, Refused, TryAgain
from patients.models import Patient
from treatments.acting import Actor
from treatments.models import Treatment


@dataclass(frozen=True)
class Planned:
    """One session: its time, or None to plan it later. `practitioner` None: whoever is free."""

    treatment: Treatment
    start: datetime | None
    practitioner: int | None = None


@dataclass(frozen=True)
class NewCourse:
    """A patient's sessions in their order at one location. With `override`, a reason, rest days and rules are relaxed."""

    patient: Patient
    location: Location
    sessions: tuple[Planned, ...]
    override: str = ""

    @property
    def bookings(self) -> list[Booking | None]:
        """What is to be booked, None for what is planned later."""
        return [self._booking(session) for session in self.sessions]

    def _booking(self, session: Planned) -> Booking | None:
        if session.start is None:
            return None
        choice = Choice(session.treatment, self.location, session.start, session.practitioner)
        return Booking(choice, self.patient, override=self.override)

    @property
    def fingerprint(self) -> str:
        sessions = [(s.treatment.pk, s.start.timestamp() if s.start else None, s.practitioner) for s in self.sessions]
        more = {"place": self.location.pk, "sessions": sessions, "override": self.override}
        return inner.fingerprint(patient=self.patient.pk, **more)


def book_course(*, actor: Actor, course: NewCourse, key: UUID, now: datetime) -> Course:
    """The course with all its visits; the same again for a repeated request. One that cannot be had undoes them all.

    Raises NotAllowed, or what `book` raises; the refusal's `item` says which session it was, counted from 0.
    """
    if actor.user is None or not actor.may("scheduling.book_for_patients"):
        raise NotAllowed
    if course.override and (_is_own(actor, course.patient) or not actor.may("scheduling.override_policy")):
        raise NotAllowed
    if not any(session.start for session in course.sessions):
        raise NotBookable
    return inner.carry_out(actor, partial(_book_course, actor, actor.user.pk, course, key, now))


def _book_course(actor: Actor, user: int, course: NewCourse, key: UUID, now: datetime) -> Course:
    bookings = [(booking, asked_for(booking, now)) if booking else None for booking in course.bookings]
    resources = {resource for each in bookings if each for resource in needed(each[1], each[0], now)}
    locked = locks.take(patients=[course.patient.pk], resources=resources)
    done = inner.replay(actor, key, course.fingerprint)
    if done:
        return Course.objects.get(items__appointment=done)
    made = Course(patient=course.patient, location=course.location, created_at=now)
    made.planned_by_id = user
    made.save()
    visits = []
    for position, (session, each) in enumerate(zip(course.sessions, bookings, strict=True)):
        item = CourseItem.objects.create(course=made, position=position + 1, treatment=session.treatment)
        with told_which(position):
            visits += [_fill(item, book_in(locked, actor, *each, now))] if each else []
    inner.remember(actor, key, course.fingerprint, visits[0])
    return made


def _fill(item: CourseItem, visit: Appointment) -> Appointment:
    """This item, and no older one that waits for the same treatment."""
    CourseItem.objects.filter(appointment=visit).exclude(pk=item.pk).update(appointment=None)
    item.appointment = visit
    item.save(update_fields=["appointment"])
    return visit


def reflow(*, actor: Actor, changes: Sequence[Change], key: UUID, now: datetime) -> list[Appointment]:
    """Several visits of one patient at their new times, in one transaction: all or none. By staff or by the patient.

    The first change is the one that was wished for; limits of patients bind it, and not the others, which move along.
    Raises what `reschedule` raises; the refusal's `item` says which change it was, counted from 0.
    """
    return inner.carry_out(actor, partial(_reflow, actor, changes, key, now))


def _reflow(actor: Actor, changes: Sequence[Change], key: UUID, now: datetime) -> list[Appointment]:
    before = [visit_of(change.visit) for change in changes]
    moving = tuple(visit.pk for visit in before)
    if len({visit.patient_id for visit in before}) != 1:
        raise NotNow
    pairs = enumerate(zip(before, changes, strict=True))
    targets = [target(actor, visit, change, None, now, along=n > 0) for n, (visit, change) in pairs]
    resources = {resource for to in targets for resource in candidates(to.place.search)} | claimed(moving)
    locked = locks.take(
        patients={visit.patient_id for visit in before if visit.patient_id}, resources=resources, appointments=moving
    )
    asked = inner.fingerprint(changes=[change.fingerprint for change in changes])
    if inner.replay(actor, key, asked):
        return [visit_of(pk) for pk in moving]
    visits = [visit_of(pk) for pk in moving]
    if [(v.status, v.during) for v in visits] != [(v.status, v.during) for v in before]:
        raise TryAgain
    for visit in visits:
        visit.claims.all().delete()  # one may take the time that another leaves
    waiting = set(moving)
    for n in _in_order(visits, changes):
        with told_which(n):
            check_may(actor, visits[n], changes[n], now, along=n > 0)
            carry(locked, actor, visits[n], targets[n].among(waiting), changes[n], now)
        waiting.discard(visits[n].pk)
    inner.remember(actor, key, asked, visits[0])
    return visits


def _in_order(visits: Sequence[Appointment], changes: Sequence[Change]) -> list[int]:
    """Those that go later from the last on, then those that go earlier from the first on: nobody is in two places."""
    starts = [change.start or visit.during.lower for visit, change in zip(visits, changes, strict=True)]
    later = [n for n, visit in enumerate(visits) if starts[n] >= visit.during.lower]
    earlier = [n for n in range(len(visits)) if n not in later]
    return sorted(later, key=lambda n: starts[n], reverse=True) + sorted(earlier, key=lambda n: starts[n])


@contextmanager
def told_which(item: int) -> Iterator[None]:
    """A refusal inside the block says which of several it was about."""
    try:
        yield
    except Refused as refusal:
        refusal.item = item
        raise


def _is_own(actor: Actor, patient: Patient) -> bool:
    return actor.user is not None and patient.user_id == actor.user.pk
