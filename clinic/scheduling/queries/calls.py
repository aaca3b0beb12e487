"""Who asked to be called, and until when that is to be."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from clinic.scheduling.models import CallBack, Closure, Hours, Location
from clinic.scheduling.policies.half_days import Half, due, halves
from patients.access import contacts_visible_to

if TYPE_CHECKING:
    from clinic.accounts.models import User

AHEAD = 21  # days in which a place is open some time
OTHERWISE = timedelta(days=3)  # where it is not


def due_for(place: Location, when: str, now: datetime) -> datetime:
    """The end of the next half day, as wished, in which the location is open; in three days where it never is."""
    return due(_open_halves(place, now), when, now) or now + OTHERWISE


def own_call(user: "User") -> CallBack | None:
    """The open wish of whoever signs in as `user`, if there is one."""
    own = contacts_visible_to(user).filter(user=user)
    return CallBack.objects.filter(patient__in=own, done_at=None).select_related("location").first()


def _open_halves(place: Location, now: datetime) -> Iterator[Half]:
    """Open is from the first opening to the last closing of whoever and whatever works there, closed time apart."""
    rows = list(Hours.objects.filter(location=place, resource__active=True))
    closed = list(Closure.objects.filter(Q(location=place), during__endswith__gt=now).values_list("during", flat=True))
    today = now.astimezone(place.tz).date()
    for day in (today + timedelta(days=n) for n in range(AHEAD)):
        open_then = [row for row in rows if row.weekday == day.isoweekday() and _holds(row, day)]
        if open_then:
            opens, closes = min(row.opens for row in open_then), max(row.closes for row in open_then)
            found = halves(day, opens, closes, place.tz)
            yield from (h for h in found if all(h.last <= c.lower or h.first >= c.upper for c in closed))


def _holds(row: Hours, day: date) -> bool:
    first, last = row.valid.lower, row.valid.upper
    return (first is None or first <= day) and (last is None or day < last)
