"""What a patient's other visits forbid; looked at under the patient's lock."""

from collections.abc import Sequence
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.scheduling.models import Location
from clinic.scheduling.policies.intervals import Barred, earliest_after
from clinic.scheduling.queries.visits import overlapping
from clinic.scheduling.refusals import PatientBusy, TooSoon
from patients.models import Patient


def check_patient(
    patient: Patient,
    during: DateTimeTZRange,
    place: Location,
    barred: Sequence[Barred],
    *,
    ignoring: tuple[UUID, ...] = (),
) -> None:
    """Nothing else at the same time, and the skin has rested. Raises PatientBusy or TooSoon."""
    if overlapping(patient, during.lower, during.upper, ignoring=ignoring):
        raise PatientBusy
    day = during.lower.astimezone(place.tz).date()
    earliest = earliest_after(day, barred)
    if earliest != day:
        raise TooSoon(earliest)
