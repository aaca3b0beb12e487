"""What a patient's other visits forbid; looked at under the patient's lock."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.scheduling.models import Location
from clinic.scheduling.policies.intervals import Barred, in_the_way, missing_on
from clinic.scheduling.queries.visits import overlapping
from clinic.scheduling.refusals import ComesFirst, PatientBusy, TooSoon
from patients.models import Patient


def check_patient(
    patient: Patient,
    during: DateTimeTZRange,
    place: Location,
    barred: Sequence[Barred],
    *,
    ignoring: tuple[UUID, ...] = (),
) -> None:
    """Nothing else at the same time, and a possible day. Raises PatientBusy, TooSoon or ComesFirst."""
    check_once(patient, during, ignoring=ignoring)
    check_day(during.lower.astimezone(place.tz).date(), barred)


def check_once(patient: Patient, during: DateTimeTZRange, *, ignoring: tuple[UUID, ...] = ()) -> None:
    """Nobody is in two places. Raises PatientBusy."""
    if overlapping(patient, during.lower, during.upper, ignoring=ignoring):
        raise PatientBusy


def check_day(day: date, barred: Sequence[Barred]) -> None:
    """The skin has rested, and what must come first does. Raises TooSoon or ComesFirst, with the reason."""
    span = in_the_way(day, barred)
    if span is None:
        return
    missing = missing_on(day, barred)
    raise ComesFirst(missing) if missing else TooSoon(span)
