"""Closing time of a place, a person, a room or a device. No visit is moved by it: those that lie in it are listed."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from clinic.scheduling import locks
from clinic.scheduling.models import Closure, Location, Resource
from clinic.scheduling.operations import inner
from clinic.scheduling.refusals import NotAllowed, NotNow, WrongSpan
from treatments.acting import Actor


@dataclass(frozen=True)
class Closing:
    """What is closed from `first` to `last`, instants: exactly one of a location and a resource."""

    first: datetime
    last: datetime
    location: Location | None = None
    resource: Resource | None = None
    kind: str = Closure.Kind.CLOSED
    note: str = ""


def close(*, actor: Actor, closing: Closing, now: datetime) -> Closure:
    """From now on nobody books into it; a booking at the same moment is either listed or refused.

    Raises NotAllowed, or WrongSpan for time that is over, or ends before it begins.
    """
    _check_actor(actor, closing.kind)
    if closing.last <= max(closing.first, now):
        raise WrongSpan
    return inner.carry_out(actor, partial(_close, closing))


def reopen_time(*, actor: Actor, closure: int, now: datetime) -> None:
    """Give the time back: all of it, or what is left of it. Raises NotAllowed, or NotNow when it is over or gone."""
    found = Closure.objects.filter(pk=closure).first()
    if found is None:
        raise NotNow
    _check_actor(actor, found.kind)
    inner.carry_out(actor, partial(_reopen, closure, now))


def _check_actor(actor: Actor, kind: str) -> None:
    """Public holidays are the owner's, everything else also the desk's."""
    needed = "manage_places" if kind == Closure.Kind.HOLIDAY else "close_time"
    if not actor.may(f"scheduling.{needed}"):
        raise NotAllowed


def _close(closing: Closing) -> Closure:
    locks.take(resources=concerned(closing.location, closing.resource))
    return Closure.objects.create(
        location=closing.location,
        resource=closing.resource,
        kind=closing.kind,
        during=DateTimeTZRange(closing.first, closing.last),
        reason=closing.note,
    )


def _reopen(pk: int, now: datetime) -> None:
    found = Closure.objects.select_related("location", "resource").filter(pk=pk, during__endswith__gt=now).first()
    if found is None:
        raise NotNow
    locks.take(resources=concerned(found.location, found.resource))
    if found.during.lower >= now:
        found.delete()
    else:
        found.during = DateTimeTZRange(found.during.lower, now)
        found.save(update_fields=["during"])


def concerned(location: Location | None, resource: Resource | None) -> set[int]:
    """The ids of all that a closure takes away: one, or whoever and whatever there is at a location."""
    if resource is not None:
        return {resource.pk}
    there = Resource.objects.filter(Q(location=location) | Q(hours__location=location))
    return set(there.values_list("pk", flat=True))
