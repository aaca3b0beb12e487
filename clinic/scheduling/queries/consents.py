"""What a visit still lacks of a consent. Only yes or no: everybody who sees the day may know it."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from clinic.scheduling.models import Appointment, Status
from patients.models import ConsentReading
from patients.queries.consents import counting, waiting
from treatments.models import ConsentVersion

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
    if not visits:
        return {}
    text = ConsentVersion.objects.filter(treatment=OuterRef("treatment")).live(now).values("pk")
    patient, version = OuterRef("patient"), OuterRef("text")
    rows = Appointment.objects.filter(pk__in=visits).annotate(text=Subquery(text)).exclude(text=None)
    rows = rows.annotate(
        read=Exists(ConsentReading.objects.filter(patient=patient, version=version)),
        signed=Exists(counting(patient, version)),
        waits=Exists(waiting(patient, version)),
    )
    return {row[0]: Standing(*row[1:]) for row in rows.values_list("pk", "read", "signed", "waits")}


def standing(visit: Appointment, now: datetime) -> Standing | None:
    """The same of one visit; None where no consent is due."""
    return standings([visit.pk], now).get(visit.pk)
