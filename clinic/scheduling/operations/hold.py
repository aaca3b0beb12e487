"""Holding a time for a browser: a visit without a patient, with all its claims, that lapses by itself."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Least

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Location, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.limits import check_day
from clinic.scheduling.operations.placing import Place, free_for, put
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.queries.visits import held_by, hold_of, holds_from
from clinic.scheduling.refusals import HoldLost, TooManyHolds, TryAgain
from patients.models import Patient
from treatments.acting import Actor, acting_as
from treatments.models import Treatment


@dataclass(frozen=True)
class Choice:
    """What a patient chose. `practitioner` None: whoever is free."""

    treatment: Treatment
    location: Location
    start: datetime
    practitioner: int | None = None

    def fingerprint(self, **more: object) -> str:
        return inner.fingerprint(
            treatment=self.treatment.pk,
            location=self.location.pk,
            start=self.start.timestamp(),
            practitioner=self.practitioner,
            **more,
        )


def hold(
    *, holder: str, address: str | None, choice: Choice, key: UUID, now: datetime, patient: Patient | None = None
) -> Appointment:
    """Hold `choice` for the browser whose token hashes to `holder`, in place of the hold it had.

    `patient` (who is signed in, if anybody) bars the days on which the skin needs rest; the hold itself carries no patient.
    Raises NotBookable, JustTaken, TooSoon, ComesFirst, TooManyHolds or KeyReused.
    """
    actor = Actor(holder=holder)
    return inner.carry_out(actor, partial(_hold, actor, address, choice, key, now, patient))


def _hold(
    actor: Actor, address: str | None, choice: Choice, key: UUID, now: datetime, patient: Patient | None
) -> Appointment:
    asked = wanted(choice.treatment, choice.location, now, patient=patient)
    day = choice.start.astimezone(choice.location.tz).date()
    before = hold_of(actor.holder)
    ignoring = (before,) if before else ()
    search = asked.search(day, day, now, practitioner=choice.practitioner, ignoring=ignoring)
    where = Place(asked, search, choice.start)
    locked = locks.take(resources=free_for(where, now), appointments=ignoring)
    done = inner.replay(actor, key, choice.fingerprint())
    if done:
        return done
    check_day(day, asked.barred)
    if hold_of(actor.holder) != before:
        raise TryAgain  # another page of the same browser has just held or confirmed
    if before is None and address and holds_from(address, now) >= settings.HOLDS_PER_ADDRESS:
        raise TooManyHolds
    Appointment.objects.filter(pk__in=ignoring, status=Status.PROPOSED).delete()
    visit = put(
        locked,
        where,
        now,
        status=Status.PROPOSED,
        held_for=Appointment.HeldFor.SESSION,
        holder=actor.holder,
        held_from=address,
        held_since=now,
        expires_at=now + settings.HOLD_LASTS,
    )
    inner.remember(actor, key, choice.fingerprint(), visit)
    return visit


def renew(*, holder: str, now: datetime) -> Appointment:
    """Ten more minutes, at most sixty in all. Raises HoldLost when it has lapsed or is gone."""
    if not holder:
        raise HoldLost
    longest = F("held_since") + settings.HOLD_LONGEST
    with acting_as(Actor(holder=holder)):
        live = Appointment.objects.filter(holder=holder, status=Status.PROPOSED, expires_at__gt=now)
        live.update(expires_at=Least(now + settings.HOLD_LASTS, longest))
        visit = held_by(holder)
    if visit is None or visit.expires_at is None or visit.expires_at <= now:
        raise HoldLost
    return visit


def release(*, holder: str) -> None:
    """Give the time back at once; nothing happens when there is none."""
    if holder:
        with acting_as(Actor(holder=holder)):
            _drop(Appointment.objects.filter(holder=holder, status=Status.PROPOSED))


def sweep(*, now: datetime) -> int:
    """Delete holds that lapsed long ago; those that lapsed just now may still be confirmed. Returns how many rows went."""
    with acting_as(Actor(task="sweep")):
        old = Appointment.objects.filter(status=Status.PROPOSED, expires_at__lte=now - settings.HOLD_LONGEST)
        return _drop(old)


def _drop(holds: QuerySet[Appointment]) -> int:
    """Delete those that are still holds when their rows are locked: a confirmation may have been quicker."""
    locked = locks.take(appointments=list(holds.values_list("pk", flat=True)))
    return holds.filter(pk__in=locked.appointments).delete()[0]
