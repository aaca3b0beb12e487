"""Limits for patients, of the clinic, a location, a treatment, or a treatment at a location."""

from collections.abc import Mapping

from clinic.scheduling.models import BookingPolicy, Location
from clinic.scheduling.refusals import NotAllowed
from treatments.acting import Actor, acting_as
from treatments.models import Treatment


def set_limits(
    *, actor: Actor, location: Location | None, treatment: Treatment | None, values: Mapping[str, int | None]
) -> BookingPolicy | None:
    """The row with these values; none at all where every value is left to the next wider row. Raises NotAllowed."""
    if not actor.may("scheduling.manage_places"):
        raise NotAllowed
    with acting_as(actor):
        rows = BookingPolicy.objects.filter(location=location, treatment=treatment)
        if all(value is None for value in values.values()):
            rows.delete()
            return None
        return BookingPolicy.objects.update_or_create(location=location, treatment=treatment, defaults=dict(values))[0]
