"""A month of days with free times."""

from calendar import Calendar
from collections import Counter
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import Wanted

DAY = timedelta(days=1)


class MonthDay(NamedTuple):
    """`free`: how many times the day offers; `inside` is False for the days of the months before and after."""

    day: date
    free: int
    inside: bool


def month(
    asked: Wanted, first: date, now: datetime, *, practitioner: int | None = None, ignoring: tuple[UUID, ...] = ()
) -> list[list[MonthDay]]:
    """The weeks, from Monday on, of the month that begins on `first`. One query."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    search = asked.search(first, next_month(first) - DAY, now, practitioner=practitioner, ignoring=ignoring)
    starts = {free.start for free in free_starts(search, now)}
    free = Counter(start.astimezone(asked.location.tz).date() for start in starts)
    return [[MonthDay(day, free[day], day.month == first.month) for day in week] for week in weeks]


def next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def month_before(first: date) -> date:
    return (first - DAY).replace(day=1)
