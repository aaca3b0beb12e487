"""A whole course on paper: for each session the first real free time that suits, before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.scheduling.models import Location
from clinic.scheduling.policies.intervals import Need, Past, earliest_after, missing_on
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import Wanted, wanted
from patients.models import Patient
from treatments.models import Treatment, TreatmentVersion

DAY, WEEK = timedelta(days=1), timedelta(days=7)
USUAL = (28, 42)  # days between sessions where the treatment's version says nothing
LOOKS = 8  # weeks beyond the usual distance in which a session is still sought
CHOICES = 6  # other times that are shown for a session


@dataclass(frozen=True)
class Wishes:
    """What would suit: ISO weekdays (none: any), local times from–until (of the start), a practitioner's id."""

    first: date
    weekdays: tuple[int, ...] = ()
    from_time: time | None = None
    to_time: time | None = None
    practitioner: int | None = None

    def met_by(self, start: datetime) -> bool:
        """Whether a start, in local time, is as wished."""
        early = self.from_time is not None and start.time() < self.from_time
        late = self.to_time is not None and start.time() > self.to_time
        return not early and not late and (not self.weekdays or start.isoweekday() in self.weekdays)


@dataclass(frozen=True)
class Session:
    """One session of the plan. `start` None: nothing is free, or `missing` has to be booked in front of it.

    `choices` are times around the start, it among them; `earliest` is the first day that the rest days allow, `usual` the
    days in which it is usually had.
    """

    treatment: Treatment
    version: TreatmentVersion
    earliest: date
    usual: tuple[date, date]
    start: datetime | None = None
    as_wished: bool = True
    choices: tuple[datetime, ...] = field(default=())
    missing: tuple[Need, ...] = ()


def plan_course(
    patient: Patient, location: Location, treatments: Sequence[Treatment], wishes: Wishes, now: datetime
) -> list[Session]:
    """The sessions in their order, each after the one before and rested from all others. Two or three queries each.

    Raises NotBookable for a treatment that is not offered at the location.
    """
    planned: list[Past] = []
    sessions: list[Session] = []
    for treatment in treatments:
        asked = wanted(treatment, location, now).of(patient, now, also=tuple(planned))
        session = _session(asked, _days(asked, planned, wishes.first), wishes, now)
        sessions.append(session)
        day = session.start.astimezone(location.tz).date() if session.start else session.usual[0]
        planned.append(Past(treatment.pk, day))
    return sessions


def _days(asked: Wanted, planned: Sequence[Past], first: date) -> tuple[date, date]:
    """The usual days of the next session: so many after the last one."""
    if not planned:
        return first, first + 2 * WEEK
    least, most = asked.version.interval_typical_from_days, asked.version.interval_typical_to_days
    after = planned[-1].day
    if asked.treatment.pk != planned[-1].treatment:
        return earliest_after(after + DAY, asked.barred), after + timedelta(days=most or USUAL[1])
    return after + timedelta(days=least or USUAL[0]), after + timedelta(days=most or USUAL[1])


def _session(asked: Wanted, usual: tuple[date, date], wishes: Wishes, now: datetime) -> Session:
    """The first time that is as wished, in the usual days or soon after them; else the first of any."""
    missing = missing_on(usual[0], asked.barred)
    if missing:
        return Session(asked.treatment, asked.version, usual[0], usual, missing=missing)
    earliest = earliest_after(usual[0], asked.barred)
    usual = (earliest, max(usual[1], earliest))
    starts = free_between(asked, earliest, usual[1] + LOOKS * WEEK, now, wishes.practitioner)
    suiting = [start for start in starts if wishes.met_by(start.astimezone(asked.location.tz))]
    as_wished = bool(suiting)
    if not starts and wishes.practitioner:
        starts, as_wished = free_between(asked, earliest, usual[1] + LOOKS * WEEK, now, None), False
    found = next(iter(suiting or starts), None)
    near = _around(found, suiting or starts, asked) if found else ()
    return Session(asked.treatment, asked.version, earliest, usual, found, as_wished, near)


def free_between(
    asked: Wanted,
    first: date,
    last: date,
    now: datetime,
    practitioner: int | None = None,
    ignoring: tuple[UUID, ...] = (),
) -> list[datetime]:
    """Free starts of the local days, on the patients' grid but as far ahead as staff may book. One query."""
    grid = asked.policy.grid_minutes
    search = asked.search(first, last, now, practitioner=practitioner, ignoring=ignoring, by_staff=True, grid=grid)
    return sorted({free.start for free in free_starts(search, now) if free.start > now})


def _around(found: datetime, starts: Sequence[datetime], asked: Wanted) -> tuple[datetime, ...]:
    """The chosen start and others to choose from: two of its day, then the first of the next days."""
    tz = asked.location.tz
    same = [start for start in starts if start.astimezone(tz).date() == found.astimezone(tz).date()]
    firsts = {start.astimezone(tz).date(): start for start in reversed(starts)}
    picked = {*same[:3], *list(reversed(firsts.values()))[:CHOICES]}
    return tuple(sorted(picked))[: CHOICES + 2]
