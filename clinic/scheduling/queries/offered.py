"""Where one treatment is offered, for what, within which limits and in which version: one query, as every search begins."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import BigIntegerField

from clinic.scheduling.models import Location, Offer
from treatments import sql
from treatments.models import Treatment

OFFERED = sql.Prepared(
    (Path(__file__).parent / "offered.sql")
    .read_text()
    .format(offer=sql.columns("o", Offer), location=sql.columns("l", Location), treatment=sql.columns("t", Treatment)),
    treatment="bigint",
    location="bigint",
    now="timestamptz",
)


def offers_of(treatment: int, now: datetime) -> list[Offer]:
    """The offers of the treatment with this id at open places, by the place's name; none when it is retired."""
    return sorted(_offers(treatment, None, now), key=lambda offer: offer.location.name)


def offer_at(location: Location, treatment: Treatment, now: datetime) -> Offer | None:
    """The offer of the treatment there, whether or not the place is open; None when there is none."""
    return next(_offers(treatment.pk, location.pk, now), None)


def _offers(treatment: int, location: int | None, now: datetime) -> Iterator[Offer]:
    asked = {"treatment": treatment, "location": location, "now": now}
    return map(_offer, OFFERED.rows(asked) if treatment <= BigIntegerField.MAX_BIGINT else [])  # any number is an address


def _offer(row: Sequence[Any]) -> Offer:
    """With `location`, `treatment`, `limits` and `version_in_force`."""
    values = iter(row)
    offer = sql.instance(Offer, values)
    offer.location, offer.treatment = sql.instance(Location, values), sql.instance(Treatment, values)
    offer.limits, offer.version_in_force = values
    return offer
