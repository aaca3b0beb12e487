"""What a visit still lacks of a consent. Only yes or no: everybody who sees the day may know it."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from clinic.scheduling.models import Appointment, Status
from treatments import sql

STANDINGS = sql.Prepared((Path(__file__).parent / "consents.sql").read_text(), visits="uuid[]", now="timestamptz")
BEFORE = (Status.PENDING, Status.BOOKED)  # reading beforehand
DURING = (Status.ARRIVED, Status.CHECKED_IN)  # talking, and signing
OPEN = (*BEFORE, *DURING)  # the visits for which something may still be missing


class Standing(NamedTuple):
    """Of a visit for whose treatment a consent text is in force; where none is, no consent is due."""

    read: bool  # the text in force, beforehand
    signed: bool  # the text in force, by the patient and the practitioner, and not withdrawn
    waits: bool = False  # the patient has signed, the practitioner has not


def standings(visits: Collection[UUID], now: datetime) -> dict[UUID, Standing]:
    """{visit: how its consent stands}, of those for which one is due. One query."""
    rows = STANDINGS.rows({"visits": list(visits), "now": now}) if visits else []
    return {visit: Standing(*stands) for visit, *stands in rows}


def standing(visit: Appointment, now: datetime) -> Standing | None:
    """The same of one visit; None where no consent is due."""
    return standings([visit.pk], now).get(visit.pk)
