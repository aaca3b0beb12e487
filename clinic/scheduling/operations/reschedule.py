"""Another time, place or practitioner for the same visit: its claims are swapped in one transaction.

The old time is kept when the new one cannot be had. Version and price stay as they were booked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Claim, Location, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.limits import check_patient
from clinic.scheduling.operations.placing import Place, move
from clinic.scheduling.operations.screening import screened, status_after_change
from clinic.scheduling.queries.availability import candidates
from clinic.scheduling.queries.policy import limits_of
from clinic.scheduling.queries.relying import relying_on
from clinic.scheduling.queries.times import EVER, wanted_again
from clinic.scheduling.refusals import HoldLost, NotAllowed, NotBookable, NotNow, ReliedOn, TooLate, TooManyChanges, TryAgain
from clinic.scheduling.words import day_words
from patients.models import Patient
from treatments.acting import Actor


@dataclass(frozen=True)
class Change:
    """Which visit is to be when. `location` None: where it is; `practitioner` None: whoever fits, the same one first.

    `taking`: a time that is held for this visit (a closure's proposal, a waitlist's offer) and that it takes over; then
    `start`, `location` and `practitioner` are the hold's. With `override`, a reason, staff relax rest days, rules, hours
    and closures; a claim never, and never of their own visit.
    """

    visit: UUID
    start: datetime | None = None
    location: Location | None = None
    practitioner: int | None = None
    taking: UUID | None = None
    reason: str = ""
    override: str = ""

    @property
    def fingerprint(self) -> str:
        start = self.start.timestamp() if self.start else None
        place = self.location.pk if self.location else None
        asked = {"start": start, "place": place, "who": self.practitioner, "taking": self.taking, "why": self.override}
        return inner.fingerprint(visit=self.visit, **asked)


def reschedule(*, actor: Actor, change: Change, key: UUID, now: datetime) -> Appointment:
    """The visit at its new time; the same again for a repeated request.

    The answers are evaluated anew for the new day. Raises NotAllowed, NotNow, TooLate, TooManyChanges, NotBookable,
    JustTaken, HoldLost, PatientBusy, TooSoon, ReliedOn, TalkFirst or KeyReused.
    """
    return inner.carry_out(actor, partial(_reschedule, actor, change, key, now))


class Target(NamedTuple):
    """Where a visit goes, and the hold that it takes over, if any."""

    place: Place
    hold: Appointment | None

    @property
    def ignoring(self) -> tuple[UUID, ...]:
        return self.place.search.ignoring

    def among(self, others: Iterable[UUID]) -> "Target":
        """The same where several visits move at once: `others` are about to leave the times that they still have."""
        return self._replace(place=self.place._replace(search=replace(self.place.search, ignoring=tuple(others))))


def _reschedule(actor: Actor, change: Change, key: UUID, now: datetime) -> Appointment:
    before = visit_of(change.visit)
    hold = _held(change, before)
    to = target(actor, before, change, hold, now)
    locked = locks.take(
        patients=[before.patient_id] if before.patient_id else [],
        resources={*candidates(to.place.search), *claimed(to.ignoring)},
        appointments=to.ignoring,
    )
    done = inner.replay(actor, key, change.fingerprint)
    if done:
        return done
    visit = visit_of(change.visit)
    if (visit.status, visit.during, visit.practitioner_id) != (before.status, before.during, before.practitioner_id):
        raise TryAgain
    if _held(change, visit) != hold:
        raise HoldLost
    check_may(actor, visit, change, now)
    if hold:
        hold.delete()
    carry(locked, actor, visit, to, change, now)
    inner.remember(actor, key, change.fingerprint, visit)
    return visit


def visit_of(pk: UUID) -> Appointment:
    """A patient's visit with what its rules look at. Raises NotNow for a hold, or for none."""
    related = ("location", "practitioner", "patient", "treatment", "version", "evaluation")
    visit = Appointment.objects.select_related(*related).filter(pk=pk, patient__isnull=False).first()
    if visit is None:
        raise NotNow
    return visit


def target(
    actor: Actor, visit: Appointment, change: Change, hold: Appointment | None, now: datetime, *, along: bool = False
) -> Target:
    """What is to be searched and claimed. Raises NotBookable where the treatment is not offered.

    `along`: a later session that moves with an earlier one; the horizon does not bind what was planned beyond it.
    """
    start = hold.during.lower if hold else change.start
    location = hold.location if hold else change.location or visit.location
    if start is None or start <= now - timedelta(hours=12):
        raise NotBookable
    free_choice = hold is not None or is_staff(actor, visit)
    asked = wanted_again(visit, location, now)
    day = start.astimezone(location.tz).date()
    search = asked.search(
        day,
        day,
        now,
        practitioner=hold.practitioner_id if hold else change.practitioner,
        ignoring=(visit.pk, hold.pk) if hold else (visit.pk,),
        by_staff=free_choice,
    )
    search = replace(search, ignoring_hours=bool(change.override))
    if along:
        search = replace(search, window=(search.window[0], now + EVER))
    return Target(Place(asked, search, start, any_minute=free_choice), hold)


def check_may(actor: Actor, visit: Appointment, change: Change, now: datetime, *, along: bool = False) -> None:
    """Whether `actor` may change the time of `visit` now; one that moves `along` has no limits of its own.

    Raises NotAllowed, NotNow, TooLate or TooManyChanges.
    """
    staff = is_staff(actor, visit)
    if not staff and not is_own(actor, visit):
        raise NotAllowed
    if change.override and not (staff and actor.may("scheduling.override_policy")):
        raise NotAllowed
    if visit.status not in (Status.PENDING, Status.BOOKED):
        raise NotNow
    if staff or along or change.taking or must_move(visit):  # what the clinic asks for binds nobody to a notice
        return
    limits = limits_of(visit)
    if now > limits.change_until:
        raise TooLate
    if limits.changes_left <= 0:
        raise TooManyChanges


def must_move(visit: Appointment) -> bool:
    """The clinic has asked the patient to come at another time."""
    return visit.proposals.exists()


def is_own(actor: Actor, visit: Appointment) -> bool:
    return actor.user is not None and visit.patient is not None and visit.patient.user_id == actor.user.pk


def is_staff(actor: Actor, visit: Appointment) -> bool:
    """Books for patients; with an own visit one is a patient like others."""
    return actor.may("scheduling.book_for_patients") and not is_own(actor, visit)


def carry(locked: locks.Locked, actor: Actor, visit: Appointment, to: Target, change: Change, now: datetime) -> None:
    """Check the new time as a booking would, and move the visit there with its story. The locks are held."""
    patient, place, relaxed = _patient(visit), to.place, bool(change.override)
    asked = place.asked.of(patient, now, ignoring=to.ignoring, relaxed=relaxed)
    during = inner.during_of(asked.plan, place.start)
    check_patient(patient, during, asked.location, asked.barred, ignoring=to.ignoring)
    if not relaxed:
        _check_relied(visit, to, now)
    evaluation = screened(
        patient, visit.treatment, asked.location, place.start, now, relaxed=relaxed, since=visit.created_at
    )
    before, visit.status = visit.status, status_after_change(visit, evaluation)
    visit.evaluation = evaluation
    move(locked, visit, place._replace(asked=asked), now)
    verb = "accept" if change.taking else "reschedule"
    inner.note_event(actor, visit, verb, before, now, change.override or change.reason)
    inner.join_care_team(visit, now)


def _check_relied(visit: Appointment, to: Target, now: datetime) -> None:
    """What has to come before other visits still does. Raises ReliedOn."""
    day = to.place.start.astimezone(to.place.asked.location.tz).date()
    relying = relying_on(visit, now, moved_to=day, ignoring=to.ignoring)
    if relying:
        raise ReliedOn([day_words(other.during.lower.astimezone(other.location.tz).date()) for other in relying])


def _patient(visit: Appointment) -> Patient:
    if visit.patient is None:
        raise NotNow
    return visit.patient


def _held(change: Change, visit: Appointment) -> Appointment | None:
    """The hold to be taken over. Raises HoldLost when it is gone, or was never for this visit."""
    if change.taking is None:
        return None
    holds = Appointment.objects.select_related("location", "held_for_entry").filter(pk=change.taking)
    hold = holds.filter(status=Status.PROPOSED, treatment=visit.treatment_id).first()
    meant = hold and (hold.held_for_visit_id or (hold.held_for_entry and hold.held_for_entry.instead_of_id))
    if hold is None or meant != visit.pk:
        raise HoldLost
    return hold


def claimed(visits: Iterable[UUID]) -> set[int]:
    """The resources that these visits occupy."""
    return set(Claim.objects.filter(appointment__in=visits).values_list("resource_id", flat=True))
