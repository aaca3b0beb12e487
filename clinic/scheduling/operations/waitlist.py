"""Waiting for a time: joining the list, saying what would suit, leaving it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Location, Status, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import inner
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.queries.offers import practitioners_for
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.queries.waiting import WAITING, wishes_of
from clinic.scheduling.refusals import AlreadyWaiting, NotAllowed, NotBookable, NotNow
from patients.models import Patient
from treatments.acting import Actor
from treatments.models import Treatment


@dataclass(frozen=True)
class Joining:
    """Who waits for what and where. `instead_of`: a later visit of theirs whose time an accepted offer changes."""

    patient: Patient
    treatment: Treatment
    location: Location
    wishes: Wishes
    instead_of: UUID | None = None


def join(*, actor: Actor, joining: Joining, now: datetime) -> WaitlistEntry:
    """A new entry; the same one again for the same wishes. No question need be answered to wait.

    Raises NotAllowed, NotBookable, NotNow for a visit that cannot be moved, or AlreadyWaiting.
    """
    check_for(actor, joining.patient)
    return inner.carry_out(actor, partial(_join, joining, now))


def change_wishes(*, actor: Actor, entry: UUID, wishes: Wishes, now: datetime) -> WaitlistEntry:
    """Other wishes; the place in the list stays, and so does a time that is offered. Or NotAllowed, NotBookable, NotNow."""
    return inner.carry_out(actor, partial(_change, actor, entry, wishes, now))


def withdraw(*, actor: Actor, entry: UUID, now: datetime) -> WaitlistEntry:
    """Off the list; a time that is offered is free again at once. Twice is once. Raises NotAllowed or NotNow."""
    return inner.carry_out(actor, partial(_withdraw, actor, entry, now))


def check_for(actor: Actor, patient: Patient) -> None:
    """Everybody waits for themselves; staff put anybody on the list. Raises NotAllowed."""
    own = actor.user is not None and patient.user_id == actor.user.pk and actor.may("scheduling.book_own")
    if not own and not actor.may("scheduling.book_for_patients"):
        raise NotAllowed


def close(locked: locks.Locked, entry: WaitlistEntry, answer: WaitlistOffer.Answer, now: datetime) -> None:
    """Take the entry off the list. `answer`: what becomes of an offer that is open; its hold goes."""
    for offer in entry.offers.filter(answer=WaitlistOffer.Answer.OPEN):
        give_back(locked, offer, answer)
    entry.outcome, entry.closed_at = WaitlistEntry.Outcome.WITHDRAWN, now
    entry.save(update_fields=["outcome", "closed_at"])


def give_back(locked: locks.Locked, offer: WaitlistOffer, answer: WaitlistOffer.Answer) -> None:
    """The offer's answer; the time it kept is free for others."""
    WaitlistOffer.objects.filter(pk=offer.pk).update(answer=answer, hold=None)
    Appointment.objects.filter(held_for_entry=offer.entry_id, status=Status.PROPOSED).delete()


def locked_entry(pk: UUID) -> tuple[locks.Locked, WaitlistEntry]:
    """The entry, under its patient's lock and that of the time it is offered. Raises NotNow when there is none."""
    before = WaitlistEntry.objects.filter(pk=pk).values_list("patient", flat=True).first()
    if before is None:
        raise NotNow
    holds = Appointment.objects.filter(held_for_entry=pk).values_list("pk", flat=True)
    locked = locks.take(patients=[before], appointments=list(holds))
    return locked, WaitlistEntry.objects.select_related("patient", "treatment", "location").get(pk=pk)


def _join(joining: Joining, now: datetime) -> WaitlistEntry:
    locks.take(patients=[joining.patient.pk])
    _check_wishes(joining.treatment, joining.location, joining.wishes, now)
    if joining.instead_of:
        _check_visit(joining, joining.instead_of, now)
    same = {"patient": joining.patient, "treatment": joining.treatment, "location": joining.location}
    there = WaitlistEntry.objects.filter(**same, outcome=WAITING).first()
    if there is None:
        fields = _as_fields(joining.wishes)
        return WaitlistEntry.objects.create(**same, **fields, instead_of_id=joining.instead_of, created_at=now)
    if (wishes_of(there), there.instead_of_id) != (joining.wishes, joining.instead_of):
        raise AlreadyWaiting
    return there


def _change(actor: Actor, pk: UUID, wishes: Wishes, now: datetime) -> WaitlistEntry:
    _, entry = locked_entry(pk)
    check_for(actor, entry.patient)
    if entry.outcome != WAITING:
        raise NotNow
    _check_wishes(entry.treatment, entry.location, wishes, now)
    for name, value in _as_fields(wishes).items():
        setattr(entry, name, value)
    entry.save()
    return entry


def _withdraw(actor: Actor, pk: UUID, now: datetime) -> WaitlistEntry:
    locked, entry = locked_entry(pk)
    check_for(actor, entry.patient)
    if entry.outcome == WaitlistEntry.Outcome.BOOKED:
        raise NotNow
    if entry.outcome == WAITING:
        close(locked, entry, WaitlistOffer.Answer.DECLINED, now)
    return entry


def _check_wishes(treatment: Treatment, place: Location, wishes: Wishes, now: datetime) -> None:
    """Raises NotBookable for what is not offered there, days or hours that end first, or somebody who does not do it."""
    wanted(treatment, place, now)
    if wishes.from_time and wishes.to_time and wishes.to_time <= wishes.from_time:
        raise NotBookable
    if wishes.last < max(wishes.first, now.astimezone(place.tz).date()):
        raise NotBookable
    people = {person.pk for person in practitioners_for(treatment, place)}
    if wishes.practitioner and wishes.practitioner not in people:
        raise NotBookable


def _check_visit(joining: Joining, pk: UUID, now: datetime) -> None:
    """Raises NotNow unless the visit is the patient's, for the same, and still to come."""
    visits = Appointment.objects.filter(pk=pk, patient=joining.patient, treatment=joining.treatment)
    if not visits.filter(status__in=TO_COME, during__startswith__gt=now).exists():
        raise NotNow


def _as_fields(wishes: Wishes) -> dict[str, Any]:
    return {
        "days": DateRange(wishes.first, wishes.last + timedelta(days=1)),
        "weekdays": list(wishes.weekdays),
        "from_time": wishes.from_time,
        "to_time": wishes.to_time,
        "practitioner_id": wishes.practitioner,
        "note": wishes.note,
    }
