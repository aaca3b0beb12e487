"""Finding people, room and devices for a visit at one moment, and storing it with its claims."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.choosing import choose
from clinic.scheduling.queries.availability import Search, candidates, who_fits
from clinic.scheduling.queries.times import Wanted
from clinic.scheduling.refusals import JustTaken, NotBookable
from treatments import sql

TAKEN = """
select 1 from scheduling_claim as c join scheduling_appointment as v on v.id = c.appointment_id
where c.resource_id = any(%(ids)s) and c.during && %(span)s and v.id <> all(%(ignoring)s::uuid[])
  and not (v.status = 'proposed' and v.expires_at <= %(now)s)
limit 1
"""


class Place(NamedTuple):
    """What is asked for, where it is looked for, and the one start that was chosen; staff choose `any_minute`."""

    asked: Wanted
    search: Search
    start: datetime
    any_minute: bool = False

    @property
    def on_grid(self) -> bool:
        """Whether the wall clock at the location shows a time that is offered."""
        local = self.start.astimezone(self.asked.location.tz)
        minutes = local.hour * 60 + local.minute
        fits = self.any_minute or minutes % self.search.grid == 0
        return fits and not local.second and not local.microsecond


def free_for(where: Place, now: datetime) -> list[int]:
    """The ids of everybody and everything that could serve this very visit now: what is locked for it.

    Nothing when a role has nobody: whoever comes after the time was taken does not queue for it.
    """
    fits = who_fits(where.search, where.start, now)
    roles = {stretch.role for stretch in where.asked.plan.stretches}
    return sorted({fit.resource for fit in fits}) if roles <= {fit.role for fit in fits} else []


def put(locked: Locked, where: Place, now: datetime, **fields: Any) -> Appointment:
    """Store a visit with `fields` (status, patient, …) and its claims. Raises NotBookable or JustTaken."""
    return store(locked, where, find(locked, where, now), now, **fields)


def store(locked: Locked, where: Place, chosen: inner.Chosen, now: datetime, **fields: Any) -> Appointment:
    """The same for those that `find` has chosen."""
    asked = where.asked
    visit = Appointment.objects.create(
        location=asked.location,
        treatment=asked.treatment,
        version=asked.version,
        practitioner_id=chosen.practitioner,
        during=inner.during_of(asked.plan, where.start),
        occupied=inner.occupied_of(asked.plan, where.start),
        price_minor=asked.offer.price_minor,
        currency=asked.offer.currency,
        created_at=now,
        **fields,
    )
    inner.write_claims(locked, visit, asked.plan, chosen)
    return visit


def move(locked: Locked, visit: Appointment, where: Place, now: datetime) -> None:
    """The same visit at another time or place, with the same practitioner where that fits. Its old claims go first.

    Raises NotBookable or JustTaken; the transaction that ends then keeps the old time.
    """
    visit.claims.all().delete()
    chosen = find(locked, where, now, prefer=visit.practitioner_id)
    visit.location, visit.practitioner_id = where.asked.location, chosen.practitioner
    visit.during = inner.during_of(where.asked.plan, where.start)
    visit.occupied = inner.occupied_of(where.asked.plan, where.start)
    visit.save()
    inner.write_claims(locked, visit, where.asked.plan, chosen)


def find(locked: Locked, where: Place, now: datetime, prefer: int | None = None) -> inner.Chosen:
    """Look again, now that the locks are held, and choose among the locked: practitioner `prefer`, when that one fits. Also
    where hours may be passed over, those who are there anyway come first. Lapsed holds that stand in the way are deleted.

    Raises NotBookable for a time that is never offered, JustTaken for one that somebody else has.
    """
    asked, start = where.asked, where.start
    if not where.on_grid:
        raise NotBookable
    for search in dict.fromkeys((replace(where.search, ignoring_hours=False), where.search)):
        fits = who_fits(search, start, now) if locked.resources else []
        ours = [fit for fit in fits if fit.resource in locked.resources]
        chosen = choose(asked.plan, ours, start, asked.location, asked.patient, prefer)
        if chosen:
            inner.drop_lapsed(locked, inner.occupied_of(asked.plan, start), now)
            return chosen
    raise JustTaken if _is_taken(locked, where, now) else NotBookable


def _is_taken(locked: Locked, where: Place, now: datetime) -> bool:
    """Whether somebody else's visit is the reason."""
    occupied = inner.occupied_of(where.asked.plan, where.start)
    involved = list(locked.resources or candidates(where.search))
    asked = {"ids": involved, "span": occupied, "ignoring": list(where.search.ignoring), "now": now}
    return sql.row(TAKEN, asked) is not None
