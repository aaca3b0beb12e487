"""The check of the last days before a visit that is booked: what the patient is still to answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.urls import reverse

from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.visits import TO_COME
from patients.models import Patient
from patients.queries import intake
from patients.tickets import Ticket


def open_check(visit: Appointment, now: datetime) -> Ticket | None:
    """The questions of the last two or seven days that are due and not answered; None when nothing is open."""
    if visit.patient is None or visit.status not in TO_COME or visit.during.lower <= now:
        return None
    ticket = ticket_of(visit)
    due = intake.due_shortly_before(ticket, now)
    check = replace(ticket, only=due)
    return check if due and not intake.is_complete(visit.patient, check, now) else None


def whole(visit: Appointment) -> Ticket:
    """Everything that is asked for the visit. What was answered when it was booked still counts."""
    return replace(ticket_of(visit), since=visit.created_at)


def coming(patient: Patient, now: datetime) -> Sequence[Appointment]:
    """The patient's visits to come, with what the screening looks at."""
    visits = patient.appointments.filter(status__in=TO_COME, during__startswith__gt=now)
    return list(visits.select_related("location", "treatment", "evaluation", "patient").order_by("during"))


def ticket_of(visit: Appointment) -> Ticket:
    """For the questions of a visit, and back to where it is found out what is still open."""
    path = reverse("scheduling:questions", args=[visit.pk])
    day: date = visit.during.lower.astimezone(visit.location.tz).date()
    return Ticket(visit.treatment.code, day, visit.location.jurisdiction, path)
