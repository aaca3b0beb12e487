"""A visit that runs late, ends early, or goes on in another room. Never at the cost of another visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Claim, Resource, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.reclaiming import delete_claims, end_at, moved_end
from clinic.scheduling.operations.reschedule import is_staff, visit_of
from clinic.scheduling.refusals import NotAllowed, NotBookable, NotNow, TryAgain, WouldTouch, WrongSpan
from clinic.scheduling.words import time_words
from treatments.acting import Actor

GOING_ON = (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
Span = tuple[int, datetime, datetime]  # a resource, from, to


@dataclass(frozen=True)
class Adjustment:
    """`until`: when the patient leaves (None: as planned); `room`: where it goes on from now (None: where it is)."""

    visit: UUID
    until: datetime | None = None
    room: int | None = None
    reason: str = ""


def adjust(*, actor: Actor, adjustment: Adjustment, now: datetime) -> Appointment:
    """The visit with its new end or room.

    Raises NotAllowed, NotNow, WrongSpan for an end before the start or in the past, NotBookable for a room that does not
    suit, WouldTouch with whom it would touch, or PatientBusy.
    """
    return inner.carry_out(actor, partial(_adjust, actor, adjustment, now))


def _adjust(actor: Actor, adjustment: Adjustment, now: datetime) -> Appointment:
    before = visit_of(adjustment.visit)
    claimed = set(before.claims.values_list("resource_id", flat=True))
    rooms = {adjustment.room} if adjustment.room else set()
    patients = [before.patient_id] if before.patient_id else []
    locked = locks.take(patients=patients, resources=claimed | rooms, appointments=[before.pk])
    visit = visit_of(adjustment.visit)
    if (visit.status, visit.during, visit.occupied) != (before.status, before.during, before.occupied):
        raise TryAgain
    _check(actor, visit, adjustment, now)
    if adjustment.until and adjustment.until != visit.during.upper:
        _make_room(locked, visit, _ended(visit, adjustment.until), now)
        end_at(locked, visit, adjustment.until)
    if adjustment.room:
        _swap(locked, visit, adjustment.room, now)
    inner.note_event(actor, visit, "adjust", visit.status, now, adjustment.reason)
    return visit


def _check(actor: Actor, visit: Appointment, adjustment: Adjustment, now: datetime) -> None:
    treats = actor.user is not None and visit.practitioner.user_id == actor.user.pk and actor.may("scheduling.treat")
    if not treats and not is_staff(actor, visit):
        raise NotAllowed
    if visit.status not in GOING_ON:
        raise NotNow
    until = adjustment.until
    if until and (until <= visit.during.lower or (until < now and until < visit.during.upper)):
        raise WrongSpan


def _ended(visit: Appointment, until: datetime) -> list[Span]:
    """The claims as they would be."""
    leaves = visit.during.upper
    return [
        (claim.resource_id, *span)
        for claim in visit.claims.all()
        for span in moved_end(claim.during.lower, claim.during.upper, leaves, until)
    ]


def _swap(locked: locks.Locked, visit: Appointment, pk: int, now: datetime) -> None:
    """What is left of the visit's time in its room passes to the other room."""
    room = Resource.objects.filter(pk=pk, kind=Resource.Kind.ROOM, location=visit.location, active=True)
    if not room.filter(treatments=visit.treatment).exists():
        raise NotBookable
    claims = list(visit.claims.select_related("resource"))
    left = [claim for claim in claims if claim.during.upper > now]
    if any(claim.resource.fixed_in_id not in (None, pk) for claim in left):
        raise NotBookable  # a device that cannot be moved stands in the old room
    spans = [span for claim in claims for span in _passed_on(claim, pk, now)]
    _make_room(locked, visit, spans, now)
    delete_claims(locked, visit)
    Claim.objects.bulk_create(
        Claim(appointment=visit, resource_id=resource, during=DateTimeTZRange(first, last))
        for resource, first, last in spans
    )


def _passed_on(claim: Claim, room: int, now: datetime) -> list[Span]:
    first, last = claim.during.lower, claim.during.upper
    if claim.resource.kind != Resource.Kind.ROOM or claim.resource_id == room or last <= now:
        return [(claim.resource_id, first, last)]
    if first >= now:
        return [(room, first, last)]
    return [(claim.resource_id, first, now), (room, now, last)]


def _make_room(locked: locks.Locked, visit: Appointment, spans: Iterable[Span], now: datetime) -> None:
    """Raises WouldTouch when somebody else has any of these times; lapsed holds go."""
    touched: dict[UUID, str] = {}
    for resource, first, last in spans:
        during = DateTimeTZRange(first, last)
        inner.drop_lapsed(locked, during, now)
        others = Appointment.objects.filter(claims__resource=resource, claims__during__overlap=during)
        for other in others.exclude(pk=visit.pk).select_related("patient", "location").order_by("during"):
            touched[other.pk] = _named(other)
    if touched:
        raise WouldTouch(list(touched.values()))


def _named(visit: Appointment) -> str:
    when = time_words(visit.during.lower, visit.location.tz)
    return f"{visit.patient}, {when}" if visit.patient else f"{visit.get_status_display()}, {when}"
