"""Courses as pages show them, and where their later sessions go when an earlier one moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from clinic.scheduling.models import Appointment, Course, CourseItem, Status
from clinic.scheduling.policies.intervals import LAST, Past, earliest_after
from clinic.scheduling.queries.planning import LOOKS, WEEK, free_between
from clinic.scheduling.queries.times import Wanted, wanted_again
from clinic.scheduling.queries.visits import TO_COME, barred_for
from patients.models import Patient
from treatments.models import TreatmentVersion

OVER = (Status.CANCELLED, Status.NOSHOW, Status.ENTERED_IN_ERROR)


@dataclass(frozen=True)
class Line:
    """One session: done, booked, or still to be planned, then with the first day that the rest days allow."""

    position: int
    name: str
    treatment: int
    visit: Appointment | None
    earliest: date | None
    to_come: bool

    @property
    def done(self) -> bool:
        return self.visit is not None and self.visit.status == Status.FULFILLED


class Shown(NamedTuple):
    course: Course
    lines: list[Line]

    @property
    def done(self) -> int:
        return sum(line.done for line in self.lines)

    @property
    def is_over(self) -> bool:
        """Nothing is booked and nothing remains to be planned."""
        return self.course.ended_at is not None or all(line.visit and not line.to_come for line in self.lines)


def courses_of(patient: Patient, now: datetime) -> list[Shown]:
    """The newest first. Two queries, and two for each treatment that is still to be planned."""
    related = ("items__treatment", "items__appointment__location", "items__appointment__version")
    courses = patient.courses.select_related("location", "patient").prefetch_related(*related)
    live = TreatmentVersion.objects.live(now).values_list("treatment_id", "name")
    names = dict(live)
    return [Shown(course, [_line(course, item, names, now) for item in course.items.all()]) for course in courses]


def course_shown(pk: UUID, patient: Patient, now: datetime) -> Shown | None:
    return next((shown for shown in courses_of(patient, now) if shown.course.pk == pk), None)


def _line(course: Course, item: CourseItem, names: dict[int, str], now: datetime) -> Line:
    visit = item.appointment if item.appointment and item.appointment.status not in OVER else None
    to_come = visit is not None and visit.status in TO_COME and visit.during.upper > now
    name = visit.version.name if visit else names.get(item.treatment_id, item.treatment.code)
    earliest = None if visit or course.ended_at else _earliest(course, item, now)
    return Line(item.position, name, item.treatment_id, visit, earliest, to_come)


def _earliest(course: Course, item: CourseItem, now: datetime) -> date | None:
    """None when something else has to be booked first."""
    today = now.astimezone(course.location.tz).date()
    earliest = earliest_after(today, barred_for(course.patient, item.treatment, course.location, now))
    return earliest if earliest <= LAST else None


@dataclass(frozen=True)
class Shift:
    """A visit of the course, and its proposed new start; the same one when it can stay, None when nothing is free."""

    position: int
    visit: Appointment
    start: datetime | None

    @property
    def stays(self) -> bool:
        return bool(self.start == self.visit.during.lower)


def moving_with(shown: Shown, position: int) -> dict[int, Appointment]:
    """{position: visit} of the session at `position` and the later ones, as far as they are to come."""
    return {line.position: line.visit for line in shown.lines if line.position >= position and line.to_come and line.visit}


def session_of(visit: Appointment, patient: Patient, now: datetime) -> tuple[Shown, int] | None:
    """The course that `visit` is a session of, and its position there; None where no later session is to come."""
    for shown in courses_of(patient, now):
        position = next((line.position for line in shown.lines if line.visit == visit), None)
        if position is not None and len(moving_with(shown, position)) > 1:
            return shown, position
    return None


def shifted(shown: Shown, position: int, start: datetime, now: datetime) -> list[Shift]:
    """The session at `position` at `start`, and each later one where it then can be: as far from it as before.

    Sessions that need not move stay. One or two queries for each.
    """
    moving = moving_with(shown, position)
    ids = tuple(visit.pk for visit in moving.values())
    planned: list[Past] = []
    shifts: list[Shift] = []
    for at, visit in moving.items():
        new: datetime | None = start
        if at != position:
            new = _place(shown, visit, planned, start - shifts[0].visit.during.lower, ids, now)
        shifts.append(Shift(at, visit, new))
        day = (new or visit.during.lower).astimezone(visit.location.tz).date()
        planned.append(Past(visit.treatment_id, day))
    return shifts


def _place(
    shown: Shown, visit: Appointment, planned: Sequence[Past], by: timedelta, ids: tuple[UUID, ...], now: datetime
) -> datetime | None:
    """Where it is, when that is still far enough from the one before; else near to where the shift takes it."""
    asked = wanted_again(visit, visit.location, now).of(shown.course.patient, now, ignoring=ids, also=tuple(planned))
    here: datetime = visit.during.lower
    day = here.astimezone(visit.location.tz).date()
    if day > planned[-1].day and earliest_after(day, asked.barred) == day:
        return here
    return _nearest(asked, here + by, planned[-1].day, visit.practitioner_id, ids, now)


def _nearest(
    asked: Wanted, there: datetime, after: date, practitioner: int, ids: tuple[UUID, ...], now: datetime
) -> datetime | None:
    first = earliest_after(after + timedelta(days=1), asked.barred)
    last = max(first, there.astimezone(asked.location.tz).date()) + LOOKS * WEEK
    for who in (practitioner, None):
        starts = free_between(asked, first, last, now, who, ignoring=ids)
        if starts:
            return min(starts, key=lambda free: (abs(free - there), free))
    return None
