"""Another time for a visit that lies in closed time: a real hold, which the patient has a day to accept."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings

from clinic.messaging import outbox
from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.placing import Place, put
from clinic.scheduling.operations.reschedule import visit_of
from clinic.scheduling.queries.availability import FreeStart, candidates, first_free
from clinic.scheduling.queries.times import Wanted, wanted_again
from clinic.scheduling.refusals import NotAllowed, NotBookable, NotNow, TryAgain
from treatments.acting import Actor

AHEAD = timedelta(days=120)  # how far a proposal looks


def propose(*, actor: Actor, visit: UUID, now: datetime) -> Appointment:
    """A hold on the same practitioner's next free time after the visit's own, else on somebody else's; the patient is told.

    A proposal that still stands is returned as it is. Raises NotAllowed, NotNow for a visit that is not to come,
    NotBookable when nothing is free.
    """
    if not actor.may("scheduling.close_time"):
        raise NotAllowed
    return inner.carry_out(actor, partial(_propose, actor, visit, now))


def _propose(actor: Actor, pk: UUID, now: datetime) -> Appointment:
    visit = visit_of(pk)
    asked = _asked(visit, now)
    search = asked.search(*_days(visit, now), now, by_staff=True)
    old = list(visit.proposals.values_list("pk", flat=True))
    patients = [visit.patient_id] if visit.patient_id else []
    locked = locks.take(patients=patients, resources=candidates(search), appointments=[visit.pk, *old])
    again = visit_of(pk)
    if (again.status, again.during) != (visit.status, visit.during):
        raise TryAgain
    if visit.status not in (Status.PENDING, Status.BOOKED):
        raise NotNow
    standing = visit.proposals.filter(expires_at__gt=now).first()
    if standing:
        return standing
    visit.proposals.all().delete()
    found = _next(asked, visit, now)
    day = found.start.astimezone(visit.location.tz).date()
    where = Place(
        asked, asked.search(day, day, now, practitioner=found.practitioner, by_staff=True), found.start, any_minute=True
    )
    hold = put(
        locked,
        where,
        now,
        status=Status.PROPOSED,
        held_for=Appointment.HeldFor.CLOSURE,
        held_for_visit=visit,
        held_since=now,
        expires_at=min(now + settings.PROPOSAL_LASTS, found.start),
    )
    outbox.put("proposal", visit.pk, dedupe=f"proposal:{hold.pk}", due=now)
    return hold


def _asked(visit: Appointment, now: datetime) -> Wanted:
    if visit.patient is None:
        raise NotNow
    return wanted_again(visit, visit.location, now).of(visit.patient, now, ignoring=(visit.pk,))


def _days(visit: Appointment, now: datetime) -> tuple[date, date]:
    first = max(visit.during.lower, now).astimezone(visit.location.tz).date()
    return first, first + AHEAD


def _next(asked: Wanted, visit: Appointment, now: datetime) -> FreeStart:
    """After the visit's own time, as patients are offered times."""
    notice = timedelta(hours=asked.policy.notice_to_book_hours)
    since = max(visit.during.lower, now + notice)
    for who in (visit.practitioner_id, None):
        search = asked.search(*_days(visit, now), now, practitioner=who, by_staff=True, grid=asked.policy.grid_minutes)
        found = first_free(replace(search, window=(since, search.window[1])), now)
        if found:
            return found[0]
    raise NotBookable
