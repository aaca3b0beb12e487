"""Every change of status after the booking, by the one table in `policies/moves.py`."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, AppointmentEvent, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.deciding import check_decision, withdraw_question
from clinic.scheduling.operations.limits import check_patient
from clinic.scheduling.operations.reclaiming import Planned, cut_to_now, delete_claims, write_again
from clinic.scheduling.policies.moves import MOVES, REVIEWS, Claims, Moment, Move
from clinic.scheduling.queries.availability import candidates
from clinic.scheduling.queries.consents import standing
from clinic.scheduling.queries.policy import limits_of
from clinic.scheduling.queries.relying import relying_on
from clinic.scheduling.queries.visits import barred_for
from clinic.scheduling.refusals import ConsentMissing, NotAllowed, NotNow, ReasonNeeded, TooLate, TryAgain
from clinic.scheduling.words import day_words
from treatments.acting import Actor

BY_ITSELF = Actor(task="screening")


@dataclass(frozen=True)
class Wish:
    """Which visit is to make which move of the table, and why."""

    visit: UUID
    verb: str
    reason: str = ""


def transition(*, actor: Actor, wish: Wish, now: datetime) -> Appointment:
    """The visit after the move. A move that somebody else has just made is refused, not made twice.

    Raises NotAllowed, NotNow, TooLate, ReasonNeeded, OverrideNeeded, ConsentMissing or, where claims are written again,
    JustTaken or PatientBusy.
    """
    return inner.carry_out(actor, partial(_transition, actor, wish, now))


def _transition(actor: Actor, wish: Wish, now: datetime) -> Appointment:
    move = MOVES[wish.verb]
    before = _visit(wish.visit)
    planned = Planned.of(before) if move.claims is Claims.WRITE else None
    resources = candidates(planned.search) if planned else []
    relying = relying_on(before, now) if move.claims is Claims.DELETE else []
    locked = locks.take(
        patients=[before.patient_id] if before.patient_id else [],
        resources=resources,
        appointments=[before.pk, *(other.pk for other in relying)],
    )
    visit = _visit(wish.visit)
    if (visit.status, visit.during) != (before.status, before.during):
        raise TryAgain
    check(actor, move, visit, wish, now)
    if wish.verb in REVIEWS:
        check_decision(actor, wish.verb, visit, now)
    if move is MOVES["complete"]:
        _check_consent(visit, wish, now)
    target = move.target or _status_before(visit)
    if move.claims is Claims.WRITE and not visit.occupies and visit.patient:
        barred = barred_for(visit.patient, visit.treatment, visit.location, now, ignoring=(visit.pk,))
        check_patient(visit.patient, visit.during, visit.location, barred, ignoring=(visit.pk,))
    _apply(locked, visit, move.claims, planned, target, now)
    inner.note_event(actor, visit, wish.verb, before.status, now, wish.reason)
    withdraw_question(locked, visit, now)
    for other in Appointment.objects.filter(pk__in=[other.pk for other in relying], status=Status.BOOKED):
        _look_again(locked, other, visit, now)
    return visit


def _look_again(locked: locks.Locked, other: Appointment, gone: Appointment, now: datetime) -> None:
    """A clinician looks at a visit again whose consultation or test patch will not be. Its claims stay."""
    other.status = Status.PENDING
    other.save()
    day = day_words(gone.during.lower.astimezone(gone.location.tz).date())
    reason = _("What has to come first, on %(day)s, will not take place.") % {"day": day}
    inner.note_event(BY_ITSELF, other, "reopen-review", Status.BOOKED, now, reason)


def check(actor: Actor, move: Move, visit: Appointment, wish: Wish, now: datetime) -> None:
    """Whether `actor` may make `move` now. Raises NotAllowed, NotNow, TooLate or ReasonNeeded."""
    check_actor(actor, move, visit, now)
    if visit.status not in move.sources or not move.when(_moment(visit, now)):
        raise NotNow
    if move.reason and not wish.reason.strip():
        raise ReasonNeeded


def check_actor(actor: Actor, move: Move, visit: Appointment, now: datetime) -> None:
    """Whether `actor` may make `move` with this visit at all. Raises NotAllowed or, for a late patient, TooLate."""
    if actor.task or _may_as_staff(actor, move, visit):
        return
    own = actor.user is not None and visit.patient is not None and visit.patient.user_id == actor.user.pk
    if not own or move is not MOVES["cancel"]:
        raise NotAllowed
    if now > limits_of(visit).cancel_until:
        raise TooLate


def _may_as_staff(actor: Actor, move: Move, visit: Appointment) -> bool:
    """By permission; a visit that is being treated only by its practitioner, and of other people's visits only the desk."""
    if actor.user is None or not any(actor.may(permission) for permission in move.permissions):
        return False
    treats = visit.practitioner.user_id == actor.user.pk
    if move.own_only or visit.status == Status.CHECKED_IN:
        return treats
    return treats or actor.may("scheduling.book_for_patients") or move in [MOVES[verb] for verb in REVIEWS]


def _check_consent(visit: Appointment, wish: Wish, now: datetime) -> None:
    """Where a consent is due and not signed, the practitioner says why; the visit itself was done and is not denied."""
    lacks = standing(visit, now)
    if lacks and not lacks.signed and not wish.reason.strip():
        raise ConsentMissing


def _visit(pk: UUID) -> Appointment:
    related = ("location", "practitioner", "patient", "treatment", "evaluation")
    return Appointment.objects.select_related(*related).get(pk=pk)


def _moment(visit: Appointment, now: datetime) -> Moment:
    since = AppointmentEvent.objects.filter(appointment=visit).order_by("-number").values_list("at", flat=True).first()
    return Moment(visit.during.lower, since or visit.created_at, now, visit.location.tz)


def _status_before(visit: Appointment) -> Status:
    """What a cancelled visit was."""
    last = visit.events.filter(to_status=Status.CANCELLED).order_by("-number").first()
    if last is None:
        raise NotNow
    return Status(last.from_status)


def _apply(
    locked: locks.Locked, visit: Appointment, claims: Claims, planned: Planned | None, target: Status, now: datetime
) -> None:
    """Claims go before the status does, and come after it: the composite foreign key sees to it."""
    if claims is Claims.DELETE:
        delete_claims(locked, visit)
    visit.status = target
    if claims is Claims.CUT:
        cut_to_now(locked, visit, now)
    visit.save()
    if planned:
        write_again(locked, visit, planned, now)
