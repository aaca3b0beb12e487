"""A week of free times as the page shows it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.scheduling.models import Location
from clinic.scheduling.queries.availability import FreeStart, first_free, first_starts, free_starts
from clinic.scheduling.queries.times import Wanted

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
AROUND = timedelta(days=14)


@dataclass(frozen=True)
class Time:
    """A start that is offered, with the one who would take it when nobody is asked for (None: several could)."""

    start: datetime
    practitioners: tuple[int, ...]


@dataclass(frozen=True)
class Day:
    day: date
    times: tuple[Time, ...]


def week_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def week(
    asked: Wanted, monday: date, now: datetime, *, practitioner: int | None = None, ignoring: tuple[UUID, ...] = ()
) -> list[Day]:
    """Seven days from `monday` with their free times. One query."""
    search = asked.search(monday, monday + WEEK - DAY, now, practitioner=practitioner, ignoring=ignoring)
    return _days(free_starts(search, now), monday, asked.location)


def first_free_week(
    asked: Wanted, after: date, now: datetime, *, practitioner: int | None = None, ignoring: tuple[UUID, ...] = ()
) -> tuple[date, list[Day]] | None:
    """The first local day from `after` on with a free time, and its week; None within the horizon. One query."""
    last = (now + timedelta(days=asked.policy.horizon_days)).astimezone(asked.location.tz).date()
    search = asked.search(week_of(after), last, now, practitioner=practitioner, ignoring=ignoring)
    starts = first_starts(search, after, now)
    days = (free.start.astimezone(asked.location.tz).date() for free in starts)
    found = next((day for day in days if day >= after), None)
    return (found, _days(starts, week_of(found), asked.location)) if found else None


def nearest(
    asked: Wanted,
    start: datetime,
    now: datetime,
    *,
    practitioner: int | None = None,
    ignoring: tuple[UUID, ...] = (),
    count: int = 3,
) -> list[datetime]:
    """The free starts nearest to `start`, in time order: what a page offers instead of a time that is taken."""
    day = start.astimezone(asked.location.tz).date()
    search = asked.search(day - AROUND, day + AROUND, now, practitioner=practitioner, ignoring=ignoring)
    starts = {free.start for free in free_starts(search, now)} or {
        free.start for free in first_free(replace(search, first=day, last=day + timedelta(days=90)), now, count)
    }
    return sorted(sorted(starts, key=lambda free: (abs(free - start), free))[:count])


def _days(starts: list[FreeStart], monday: date, place: Location) -> list[Day]:
    by_day: dict[date, list[FreeStart]] = defaultdict(list)
    for free in starts:
        by_day[free.start.astimezone(place.tz).date()].append(free)
    return [Day(day, _times(by_day[day])) for day in (monday + n * DAY for n in range(7))]


def _times(starts: list[FreeStart]) -> tuple[Time, ...]:
    together: dict[datetime, list[int]] = defaultdict(list)
    for free in starts:
        together[free.start].append(free.practitioner)
    return tuple(Time(start, tuple(who)) for start, who in together.items())
