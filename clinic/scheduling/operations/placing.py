"""Finding people, room and devices for a visit at one moment, and storing it with its claims."""

from datetime import datetime
from typing import Any, NamedTuple

from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment, Claim
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.choosing import choose
from clinic.scheduling.queries.availability import Search, who_fits
from clinic.scheduling.queries.times import Wanted
from clinic.scheduling.refusals import JustTaken, NotBookable


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


def put(locked: Locked, where: Place, now: datetime, **fields: Any) -> Appointment:
    """Look again, now that the locks are held; choose; store a visit with `fields` (status, patient, …) and its claims.

    Raises NotBookable for a time that is never offered, JustTaken for one that somebody else has.
    """
    asked, start = where.asked, where.start
    if not where.on_grid:
        raise NotBookable
    occupied = inner.occupied_of(asked.plan, start)
    inner.drop_lapsed(locked, occupied, now)
    chosen = choose(asked.plan, who_fits(where.search, start, now), start, asked.location, asked.patient)
    if chosen is None:
        taken = Claim.objects.filter(resource__in=locked.resources, during__overlap=occupied).exists()
        raise JustTaken if taken else NotBookable
    visit = Appointment.objects.create(
        location=asked.location,
        treatment=asked.treatment,
        version=asked.version,
        practitioner_id=chosen.practitioner,
        during=inner.during_of(asked.plan, start),
        occupied=occupied,
        price_minor=asked.offer.price_minor,
        currency=asked.offer.currency,
        created_at=now,
        **fields,
    )
    inner.write_claims(locked, visit, asked.plan, chosen)
    return visit
