"""What is known of a patient's visits and of a browser's hold when a visit is to be booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from clinic.scheduling.models import Appointment, Location, Resource, Status
from clinic.scheduling.policies.intervals import Barred, Past, barred_days
from clinic.scheduling.queries.healing import healing
from clinic.scheduling.queries.prerequisites import barred_by_needs
from patients.models import Patient
from treatments import sql
from treatments.models import Treatment, TreatmentVersion
from treatments.queries import published

WITH_A_PATIENT = (Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
SEEN = """
select treatment_id, lower(during) from scheduling_appointment
where patient_id = %(patient)s and status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
  and id <> all(%(ignoring)s::uuid[]) and (%(since)s::timestamptz is null or upper(during) > %(since)s)
"""
IN_FRONT = """
select t.code from scheduling_appointment as v join treatments_treatment as t on t.id = v.treatment_id
where v.patient_id = %s and v.status in ('pending', 'booked', 'arrived', 'checked-in') and upper(v.during) <= %s
"""
OPEN = """
select count(*) from scheduling_appointment
where patient_id = %s and status in ('pending', 'booked') and lower(during) > %s
"""
HELD = "select id from scheduling_appointment where status = 'proposed' and holder = %s"
WHOLE = f"""
select {sql.columns("v", Appointment)}, {sql.columns("l", Location)},
    {sql.columns("t", Treatment)}, {sql.columns("r", Resource)}
from scheduling_appointment as v join scheduling_location as l on l.id = v.location_id
join treatments_treatment as t on t.id = v.treatment_id join scheduling_resource as r on r.id = v.practitioner_id
"""  # noqa: S608  # our own columns
HELD_BY = WHOLE + "where v.status = 'proposed' and v.holder = %s"
OF_PATIENT = WHOLE + "where v.id = %s and v.patient_id = %s"
CLAIMED = """
select c.appointment_id, c.resource_id from scheduling_claim as c join scheduling_appointment as v on v.id = c.appointment_id
where v.status = 'proposed' and v.holder = %s
"""
FROM = "select count(*) from scheduling_appointment where status = 'proposed' and held_from = %s and expires_at > %s"
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
    since = None if needs else now - longest  # a consultation counts for long
    rows = sql.rows(SEEN, {"patient": patient.pk, "ignoring": list(ignoring), "since": since})
    visits = [*(Past(done, start.astimezone(location.tz).date()) for done, start in rows), *also]
    return barred_days(visits, treatment.pk, days, reasons) + barred_by_needs(needs, patient, location, visits, now)


def in_front_of(patient: Patient, start: datetime) -> frozenset[str]:
    """The codes of the treatments for which the patient comes before `start`, and has not come yet."""
    return frozenset(code for (code,) in sql.rows(IN_FRONT, [patient.pk, start]))


def overlapping(patient: Patient, start: datetime, end: datetime, *, ignoring: tuple[UUID, ...] = ()) -> bool:
    """Whether the patient has another visit at that time."""
    return sql.row(OVERLAPPING, [patient.pk, start, end, list(ignoring)]) is not None


def open_visits(patient: Patient, now: datetime) -> int:
    return int(sql.rows(OPEN, [patient.pk, now])[0][0])


def held_by(holder: str) -> Appointment | None:
    """The hold of a browser, lapsed or not, or None."""
    return _whole(HELD_BY, [holder]) if holder else None


def visit_of(patient: Patient, pk: UUID) -> Appointment | None:
    """The patient's visit with this id, or None."""
    visit = _whole(OF_PATIENT, [pk, patient.pk])
    if visit:
        visit.patient = patient
    return visit


def _whole(query: str, parameters: Sequence[Any]) -> Appointment | None:
    """A visit with its location, treatment, practitioner and version, or None."""
    found = sql.row(query, parameters)
    if found is None:
        return None
    values = iter(found)
    visit = sql.instance(Appointment, values)
    visit.location, visit.treatment = sql.instance(Location, values), sql.instance(Treatment, values)
    visit.practitioner = sql.instance(Resource, values)
    return with_version(visit)


def with_version(visit: Appointment | None) -> Appointment | None:
    """The same visit, its version not asked for again: it was published, and never changes."""
    if visit:
        visit.version = published(TreatmentVersion, visit.version_id)
    return visit


def claims_of_hold(holder: str) -> tuple[UUID | None, set[int]]:
    """Which hold a browser has, and the resources that it occupies: what `confirm` locks. One query."""
    rows = sql.rows(CLAIMED, [holder]) if holder else []
    return (rows[0][0] if rows else None), {resource for _, resource in rows}


def hold_of(holder: str) -> UUID | None:
    """Only which one it is."""
    found = sql.row(HELD, [holder]) if holder else None
    return found[0] if found else None


def holds_from(address: str, now: datetime) -> int:
    """Live holds from one network address."""
    return int(sql.rows(FROM, [address, now])[0][0])
