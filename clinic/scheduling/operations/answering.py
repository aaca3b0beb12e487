"""The answer to an offered time: it becomes the patient's visit, or somebody else may have it."""

from datetime import datetime
from functools import partial
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Claim, Status, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.confirm import settle
from clinic.scheduling.operations.limits import check_patient
from clinic.scheduling.operations.reschedule import Change, Target, carry, check_may, target, visit_of
from clinic.scheduling.operations.screening import screened
from clinic.scheduling.operations.waitlist import check_for, give_back
from clinic.scheduling.queries.availability import candidates
from clinic.scheduling.queries.policy import policy_for
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.queries.visits import open_visits
from clinic.scheduling.queries.waiting import OPEN, offers
from clinic.scheduling.refusals import OfferGone, TooManyVisits, TryAgain
from treatments.acting import Actor

ACCEPTED, DECLINED = WaitlistOffer.Answer.ACCEPTED, WaitlistOffer.Answer.DECLINED


def accept(*, actor: Actor, offer: UUID, key: UUID, now: datetime) -> Appointment:
    """The offered time as the patient's visit, or the time of the visit that it replaces; twice is once.

    What the answers, other visits and rest days say is looked at anew. Raises OfferGone, NotAllowed, PatientBusy, TooSoon,
    TooManyVisits, TalkFirst, NotNow or KeyReused; the time stays kept until it runs out.
    """
    return inner.carry_out(actor, partial(_accept, actor, offer, key, now))


def decline(*, actor: Actor, offer: UUID, now: datetime) -> WaitlistOffer:
    """No, thank you: the time is free at once, and the patient waits on. Raises NotAllowed, or OfferGone when accepted."""
    return inner.carry_out(actor, partial(_decline, actor, offer, now))


def _accept(actor: Actor, pk: UUID, key: UUID, now: datetime) -> Appointment:
    before = _offer(pk)
    check_for(actor, before.entry.patient)
    to = _target(actor, before, now)
    locked = locks.take(
        patients=[before.entry.patient_id],
        resources=_resources(before, to),
        appointments=to.ignoring if to else [before.hold_id] if before.hold_id else [],
    )
    asked = inner.fingerprint(offer=pk)
    done = inner.replay(actor, key, asked)
    if done:
        return done
    offer = _offer(pk)
    if offer.answer == ACCEPTED:
        return _came_of(offer)
    hold, to = _hold(offer, now), _target(actor, offer, now)
    if hold.pk != before.hold_id or not _resources(offer, to) <= {*locked.resources}:
        raise TryAgain  # the visit that is to be sooner has just been moved
    visit = _move(locked, actor, hold, to, now) if to else _book(actor, offer, hold, now)
    WaitlistOffer.objects.filter(pk=pk).update(answer=ACCEPTED)
    booked = {"outcome": WaitlistEntry.Outcome.BOOKED, "closed_at": now}
    WaitlistEntry.objects.filter(pk=offer.entry_id).update(**booked)
    inner.remember(actor, key, asked, visit)
    return visit


def _decline(actor: Actor, pk: UUID, now: datetime) -> WaitlistOffer:
    before = _offer(pk)
    check_for(actor, before.entry.patient)
    holds = [before.hold_id] if before.hold_id else []
    locked = locks.take(patients=[before.entry.patient_id], appointments=holds)
    offer = _offer(pk)
    if offer.answer == ACCEPTED:
        raise OfferGone
    if offer.answer == OPEN:
        give_back(locked, offer, DECLINED)
    return offer


def _offer(pk: UUID) -> WaitlistOffer:
    """Raises OfferGone when there is none."""
    found = offers().filter(pk=pk).first()
    if found is None:
        raise OfferGone
    return found


def _hold(offer: WaitlistOffer, now: datetime) -> Appointment:
    """The time as it is kept. One that has just run out and still stands may be accepted. Raises OfferGone."""
    hold = offer.hold
    if offer.answer != OPEN or hold is None or hold.status != Status.PROPOSED or offer.start <= now:
        raise OfferGone
    return hold


def _came_of(offer: WaitlistOffer) -> Appointment:
    """The visit of an accepted offer: the hold itself, or the one whose time was changed."""
    visit = offer.hold or offer.entry.instead_of
    if visit is None:
        raise OfferGone
    return visit


def _target(actor: Actor, offer: WaitlistOffer, now: datetime) -> Target | None:
    """Where the visit goes whose time changes; None where a new visit is booked, or nothing is offered any more."""
    moved = offer.entry.instead_of_id
    if moved is None or offer.answer != OPEN or offer.hold is None:
        return None
    return target(actor, visit_of(moved), Change(moved, taking=offer.hold_id), offer.hold, now)


def _resources(offer: WaitlistOffer, to: Target | None) -> set[int]:
    visits = to.ignoring if to else (offer.hold_id,)
    claimed = set(Claim.objects.filter(appointment__in=[pk for pk in visits if pk]).values_list("resource_id", flat=True))
    return {*candidates(to.place.search), *claimed} if to else claimed


def _book(actor: Actor, offer: WaitlistOffer, hold: Appointment, now: datetime) -> Appointment:
    """As a hold is confirmed: no claim is touched. How many visits one may have binds patients only."""
    patient, place = offer.entry.patient, hold.location
    asked = wanted(hold.treatment, place, now, patient=patient, ignoring=(hold.pk,))
    check_patient(patient, hold.during, place, asked.barred, ignoring=(hold.pk,))
    limit = policy_for(place, hold.treatment).open_visits
    if not actor.may("scheduling.book_for_patients") and open_visits(patient, now) >= limit:
        raise TooManyVisits
    hold.held_for_entry = None
    settle(hold, patient, screened(patient, hold.treatment, place, hold.during.lower, now))
    inner.note_event(actor, hold, "confirm", Status.PROPOSED, now)
    inner.join_care_team(hold, now)
    return hold


def _move(locked: locks.Locked, actor: Actor, hold: Appointment, to: Target, now: datetime) -> Appointment:
    """The visit that was to be sooner takes over the time that was held; its own is free."""
    change = Change(next(pk for pk in to.ignoring if pk != hold.pk), taking=hold.pk)
    visit = visit_of(change.visit)
    check_may(actor, visit, change, now)
    Appointment.objects.filter(pk=hold.pk).delete()
    carry(locked, actor, visit, to, change, now)
    return visit
