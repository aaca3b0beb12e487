"""Where one treatment is offered, for what, within which limits and in which version: one query, as every search begins."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from clinic.scheduling.models import Location, Offer
from treatments.models import Treatment

Row = TypeVar("Row", Offer, Location, Treatment)


def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def _selected() -> dict[str, str]:
    """{"offer": "o.id, o.location_id, …", …}, each table under its first letter."""
    rows: dict[str, type[Model]] = {"offer": Offer, "location": Location, "treatment": Treatment}
    return {name: ", ".join(f"{name[0]}.{column}" for column in _columns(model)) for name, model in rows.items()}


SQL = (Path(__file__).parent / "offered.sql").read_text().format(**_selected())


def offers_of(treatment: int, now: datetime) -> list[Offer]:
    """The offers of the treatment with this id at open places, by the place's name; none when it is retired."""
    return sorted(_offers(treatment, None, now), key=lambda offer: offer.location.name)


def offer_at(location: Location, treatment: Treatment, now: datetime) -> Offer | None:
    """The offer of the treatment there, whether or not the place is open; None when there is none."""
    return next(_offers(treatment.pk, location.pk, now), None)


def _offers(treatment: int, location: int | None, now: datetime) -> Iterator[Offer]:
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"treatment": treatment, "location": location, "now": now})
        rows = cursor.fetchall()
    return map(_offer, rows)


def _offer(row: Sequence[Any]) -> Offer:
    """With `location`, `treatment`, `limits` and `version_in_force`."""
    values = iter(row)
    offer, location, treatment = _next(Offer, values), _next(Location, values), _next(Treatment, values)
    offer.location, offer.treatment = location, treatment
    offer.limits, offer.version_in_force = values
    return offer


def _next(model: type[Row], values: Iterator[Any]) -> Row:
    columns = _columns(model)
    return model.from_db("default", columns, list(islice(values, len(columns))))
