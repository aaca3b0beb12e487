"""What is known of a patient's visits and of a browser's hold when a visit is to be booked."""

from datetime import datetime, timedelta
from uuid import UUID

from clinic.scheduling.models import Appointment, Location, Offer, Status
from clinic.scheduling.policies.intervals import Barred, Matrix, Past, barred_days
from patients.models import Patient
from treatments.models import Interval, IntervalsVersion, Treatment

WITH_A_PATIENT = (Status.PENDING, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)
TO_COME = (Status.PENDING, Status.BOOKED)


def offer_at(location: Location, treatment: Treatment, now: datetime) -> Offer | None:
    """The price in force, or None when the treatment is not offered there."""
    begun = Offer.objects.filter(location=location, treatment=treatment, valid_from__lte=now)
    return begun.order_by("-valid_from").first()


def matrix(now: datetime) -> Matrix:
    """The published healing intervals in force."""
    live = IntervalsVersion.objects.live(now).values("pk")
    rows = Interval.objects.filter(version__in=live).values_list("before_id", "after_id", "days")
    return {(before, after): days for before, after, days in rows}


def barred_for(
    patient: Patient | None,
    treatment: Treatment,
    location: Location,
    now: datetime,
    *,
    ignoring: tuple[UUID, ...] = (),
    also: tuple[Past, ...] = (),
) -> list[Barred]:
    """The days on which the patient's skin needs rest from `treatment`, at the location's calendar.

    `also`: visits that are only being planned, and count like those that are stored.
    """
    if patient is None:
        return []
    days = matrix(now)
    longest = timedelta(days=max(days.values(), default=0) + 1)
    near = patient.appointments.filter(status__in=WITH_A_PATIENT, during__endswith__gt=now - longest)
    rows = near.exclude(pk__in=ignoring).values_list("treatment_id", "during")
    visits = [Past(done, during.lower.astimezone(location.tz).date()) for done, during in rows]
    return barred_days([*visits, *also], treatment.pk, days)


def overlapping(patient: Patient, start: datetime, end: datetime, *, ignoring: tuple[UUID, ...] = ()) -> bool:
    """Whether the patient has another visit at that time."""
    visits = patient.appointments.filter(status__in=WITH_A_PATIENT, during__overlap=(start, end))
    return visits.exclude(pk__in=ignoring).exists()


def open_visits(patient: Patient, now: datetime) -> int:
    return patient.appointments.filter(status__in=TO_COME, during__startswith__gt=now).count()


def held_by(holder: str) -> Appointment | None:
    """The hold of a browser, lapsed or not, or None."""
    holds = Appointment.objects.select_related("location", "treatment", "version", "practitioner")
    return holds.filter(status=Status.PROPOSED, holder=holder).first() if holder else None


def holds_from(address: str, now: datetime) -> int:
    """Live holds from one network address."""
    return Appointment.objects.filter(status=Status.PROPOSED, held_from=address, expires_at__gt=now).count()
