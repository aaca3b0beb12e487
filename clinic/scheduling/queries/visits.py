"""What is known of a patient's visits and of a browser's hold when a visit is to be booked."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from clinic.scheduling.models import Appointment, Claim, Location, Status
from clinic.scheduling.policies.intervals import Barred, Past, barred_days
from clinic.scheduling.queries.healing import healing
from clinic.scheduling.queries.prerequisites import barred_by_needs
from patients.models import Patient
from treatments.models import Treatment, TreatmentVersion
from treatments.queries import published

WITH_A_PATIENT = (Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
OVERLAPPING = """
select 1 from scheduling_appointment
where patient_id = %s and occupies and during && tstzrange(%s, %s) and id <> all(%s::uuid[])
limit 1
"""  # as the constraint `patient_once` reads it
TO_COME = (Status.PENDING, Status.BOOKED)


def barred_for(
    patient: Patient | None,
    treatment: Treatment,
    location: Location,
    now: datetime,
    *,
    ignoring: tuple[UUID, ...] = (),
    also: tuple[Past, ...] = (),
) -> list[Barred]:
    """The days on which the patient's skin needs rest from `treatment`, or lacks what must come first; earliest first.

    All at the location's calendar. `also`: visits that are only being planned, and count like those that are stored.
    """
    if patient is None:
        return []
    days, reasons, needs = healing(now, treatment)
    longest = timedelta(days=max(days.values(), default=0) + 1)
    seen = patient.appointments.filter(status__in=WITH_A_PATIENT).exclude(pk__in=ignoring)
    near = seen if needs else seen.filter(during__endswith__gt=now - longest)  # a consultation counts for long
    rows = near.values_list("treatment_id", "during")
    visits = [*(Past(done, during.lower.astimezone(location.tz).date()) for done, during in rows), *also]
    return barred_days(visits, treatment.pk, days, reasons) + barred_by_needs(needs, patient, location, visits, now)


def in_front_of(patient: Patient, start: datetime) -> frozenset[str]:
    """The codes of the treatments for which the patient comes before `start`, and has not come yet."""
    coming = patient.appointments.filter(status__in=(*TO_COME, Status.ARRIVED, Status.CHECKED_IN))
    return frozenset(coming.filter(during__endswith__lte=start).values_list("treatment__code", flat=True))


def overlapping(patient: Patient, start: datetime, end: datetime, *, ignoring: tuple[UUID, ...] = ()) -> bool:
    """Whether the patient has another visit at that time."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPPING, [patient.pk, start, end, list(ignoring)])
        return bool(cursor.fetchone())


def open_visits(patient: Patient, now: datetime) -> int:
    return patient.appointments.filter(status__in=TO_COME, during__startswith__gt=now).count()


def held_by(holder: str) -> Appointment | None:
    """The hold of a browser, lapsed or not, or None."""
    holds = Appointment.objects.select_related("location", "treatment", "practitioner")
    return with_version(holds.filter(status=Status.PROPOSED, holder=holder).first()) if holder else None


def with_version(visit: Appointment | None) -> Appointment | None:
    """The same visit, its version not asked for again: it was published, and never changes."""
    if visit:
        visit.version = published(TreatmentVersion, visit.version_id)
    return visit


def claims_of_hold(holder: str) -> tuple[UUID | None, set[int]]:
    """Which hold a browser has, and the resources that it occupies: what `confirm` locks. One query."""
    holds = Claim.objects.filter(appointment__status=Status.PROPOSED, appointment__holder=holder)
    rows = list(holds.values_list("appointment", "resource")) if holder else []
    return (rows[0][0] if rows else None), {resource for _, resource in rows}


def hold_of(holder: str) -> UUID | None:
    """Only which one it is."""
    holds = Appointment.objects.filter(status=Status.PROPOSED, holder=holder)
    return holds.values_list("pk", flat=True).first() if holder else None


def holds_from(address: str, now: datetime) -> int:
    """Live holds from one network address."""
    return Appointment.objects.filter(status=Status.PROPOSED, held_from=address, expires_at__gt=now).count()
