"""Weekly hours: a new week from a day on, or other hours for one day; what was before ends there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from itertools import pairwise

from django.db.backends.postgresql.psycopg_any import DateRange

from clinic.scheduling import locks
from clinic.scheduling.models import Hours, Location, Resource
from clinic.scheduling.operations import inner
from clinic.scheduling.refusals import NotAllowed, WrongHours
from treatments.acting import Actor

Week = Mapping[int, Sequence[tuple[time, time]]]  # ISO weekday → spans from–to; breaks are the gaps between them


@dataclass(frozen=True)
class NewHours:
    """The hours of a resource at a location from `since` on, until the day before `until` (None: for good).

    Weekdays that `week` leaves out are free days.
    """

    resource: Resource
    location: Location
    since: date
    week: Week
    until: date | None = None


def set_hours(*, actor: Actor, hours: NewHours) -> list[Hours]:
    """The rows of the new hours. Visits stay where they are. Raises NotAllowed or WrongHours."""
    if not actor.may("scheduling.manage_places"):
        raise NotAllowed
    _check(hours)
    return inner.carry_out(actor, partial(_set, hours))


def other_hours(
    *, actor: Actor, resource: Resource, location: Location, day: date, spans: Sequence[tuple[time, time]]
) -> list[Hours]:
    """Hours of one day only; none: the day is free. Raises NotAllowed or WrongHours."""
    week = {day.isoweekday(): spans}
    return set_hours(actor=actor, hours=NewHours(resource, location, day, week, day + timedelta(days=1)))


def _set(hours: NewHours) -> list[Hours]:
    locks.take(resources=[hours.resource.pk])  # a booking that has looked already goes first
    there = Hours.objects.filter(resource=hours.resource, location=hours.location)
    for row in there.filter(valid__overlap=DateRange(hours.since, hours.until)):
        _cut(row, hours)
    valid = DateRange(hours.since, hours.until)
    rows = [
        Hours(resource=hours.resource, location=hours.location, weekday=day, opens=opens, closes=closes, valid=valid)
        for day, spans in sorted(hours.week.items())
        for opens, closes in sorted(spans)
    ]
    return Hours.objects.bulk_create(rows)


def _cut(row: Hours, hours: NewHours) -> None:
    """Leave of an older row what lies before and after the new hours."""
    first, last = row.valid.lower, row.valid.upper
    row.delete()
    pieces = [(first, hours.since)] if first is None or first < hours.since else []
    if hours.until and (last is None or last > hours.until):
        pieces.append((hours.until, last))
    for piece in pieces:
        row.pk, row.valid = None, DateRange(*piece)
        row._state.adding = True
        row.save()


def _check(hours: NewHours) -> None:
    """Raises WrongHours for a span that ends before it begins, or two that overlap."""
    for day, spans in hours.week.items():
        name = str(Hours.Weekday(day).label)
        if any(opens >= closes for opens, closes in spans):
            raise WrongHours(name)
        if any(after < before for (_, before), (after, _) in pairwise(sorted(spans))):
            raise WrongHours(name)
