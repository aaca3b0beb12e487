"""Being called: a patient asks for it, and somebody at the desk calls."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from clinic.messaging import outbox
from clinic.scheduling import locks
from clinic.scheduling.models import CallBack, Location
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.waitlist import check_for
from clinic.scheduling.queries.calls import due_for
from clinic.scheduling.refusals import CalledAlready, NotAllowed
from patients.models import Patient
from treatments.acting import Actor


@dataclass(frozen=True)
class CallWish:
    """Whom to call, from where, under which number, and at what time of day (a `CallBack.When`)."""

    patient: Patient
    location: Location
    phone: str
    when: str = CallBack.When.ANY


@dataclass(frozen=True)
class Called:
    """What came of a call. `tries`: how many had reached nobody before, so that one call is told once."""

    call: UUID
    reached: bool
    note: str = ""
    tries: int = 0


def ask_for_call(*, actor: Actor, wish: CallWish, now: datetime) -> CallBack:
    """The patient's one open wish to be called, new or changed; asked for twice it is the same. Raises NotAllowed.

    It is due at the end of the next half day in which the location is open; a change counts from now only when it is
    about the place or the time of day.
    """
    check_for(actor, wish.patient)
    return inner.carry_out(actor, partial(_ask, wish, now))


def called(*, actor: Actor, called: Called, now: datetime) -> CallBack:
    """Somebody was reached, and the wish is done; or nobody was: it is due again later, and the patient is written to.

    Raises NotAllowed, or CalledAlready when it is done, or was tried meanwhile.
    """
    if actor.user is None or not actor.may("scheduling.book_for_patients"):
        raise NotAllowed
    return inner.carry_out(actor, partial(_called, actor, called, now))


def _ask(wish: CallWish, now: datetime) -> CallBack:
    locks.take(patients=[wish.patient.pk])
    there = CallBack.objects.filter(patient=wish.patient, done_at=None).first()
    call = there or CallBack(patient=wish.patient, asked_at=now)
    if there is None or (there.location_id, there.when) != (wish.location.pk, wish.when):
        call.due_at = due_for(wish.location, wish.when, now)
    call.location, call.phone, call.when = wish.location, wish.phone, wish.when
    call.save()
    return call


def _called(actor: Actor, told: Called, now: datetime) -> CallBack:
    patient = CallBack.objects.filter(pk=told.call).values_list("patient", flat=True).first()
    if patient is None:
        raise CalledAlready
    locks.take(patients=[patient])
    call = CallBack.objects.select_related("location", "patient").get(pk=told.call)
    if call.done_at or call.tries != told.tries:
        raise CalledAlready
    call.note = told.note
    if told.reached:
        call.done_at, call.done_by = now, actor.user
    else:
        _try_again(call, now)
    call.save()
    return call


def _try_again(call: CallBack, now: datetime) -> None:
    call.tries, call.tried_at = call.tries + 1, now
    call.due_at = due_for(call.location, call.when, now)
    outbox.put("missed-call", call.pk, dedupe=f"missed-call:{call.pk}:{call.tries}", due=now)
