"""Visits in review, and wishes to be called, for the house that shows every page."""

from datetime import datetime
from uuid import uuid4

from django.utils import timezone

from clinic.accounts.models import User
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, CallBack, Status
from clinic.scheduling.operations import Asking, Booking, CallWish, Choice, Wish
from patients.models import Patient
from tests.build import Clinic
from tests.journeys.people import answering
from treatments.acting import Actor


def pending(clinic: Clinic, patient: Patient, start: datetime, who: int = 1) -> Appointment:
    """Waits for a clinician, because somebody asked for it."""
    choice = Choice(clinic.microneedling, clinic.place, start, clinic.practitioners[who].pk)
    booking = Booking(choice, patient, status=Status.PENDING, override="as agreed")
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=timezone.now())


def asked(visit: Appointment, doctor: User, *questions: str) -> Appointment:
    """The patient is asked once more."""
    actor, now = Actor(user=doctor), timezone.now()
    operations.open_review(actor=actor, visit=visit.pk, now=now)
    operations.ask(actor=actor, asking=Asking(visit.pk, questions, "Has anything changed?"), now=now)
    return visit


def declined(visit: Appointment, doctor: User) -> Appointment:
    """Ended with a note that asks to a consultation."""
    actor, now = Actor(user=doctor), timezone.now()
    operations.open_review(actor=actor, visit=visit.pk, now=now)
    return operations.transition(actor=actor, wish=Wish(visit.pk, "decline", "Let us talk about timing."), now=now)


def to_be_called(clinic: Clinic, patient: Patient) -> CallBack:
    wish = CallWish(patient, clinic.place, "020 7946 0009")
    return operations.ask_for_call(actor=Actor(user=patient.user), wish=wish, now=timezone.now())


def closed(clinic: Clinic, patient: Patient, start: datetime) -> Appointment:
    """Booked by telephone, although what the patient answered closes the booking."""
    answering(patient, clinic.place, pregnant="yes")
    return pending(clinic, patient, start)
