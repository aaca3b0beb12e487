"""A day at the clinic around this very moment, whatever the hour and the weekday of whoever runs the tests."""

from datetime import datetime, time, timedelta
from uuid import uuid4

from django.utils import timezone

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Hours, Location, Resource
from clinic.scheduling.operations import Booking, Choice, Wish
from patients.models import Patient
from tests.build import Clinic
from treatments.acting import Actor
from treatments.models import Treatment

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKEND = (6, 7)


def around_noon(clinic: Clinic) -> Clinic:
    """The same clinic where it is between twelve and one now, open every day."""
    place = Location.objects.get()
    place.zone = f"Etc/GMT{timezone.now().hour - 12:+d}"  # POSIX: what is east counts as less
    place.save()
    Hours.objects.bulk_create(
        Hours(resource=resource, location=place, weekday=day, opens=time(9), closes=time(17), valid=(None, None))
        for resource in Resource.objects.all()
        for day in WEEKEND
    )
    clinic.place = place
    return clinic


def minutes_from_now(minutes: int) -> datetime:
    return timezone.now().replace(second=0, microsecond=0) + minutes * MINUTE


def on_day(clinic: Clinic, days: int, clock: str = "10:00") -> datetime:
    """A time at the clinic so many days from its today."""
    today = timezone.now().astimezone(clinic.place.tz).date()
    return clinic.at(clock, day=today + days * DAY)


def booked(
    clinic: Clinic, patient: Patient, start: datetime, *, who: int = 0, treatment: Treatment | None = None, ago: int = 240
) -> Appointment:
    """A consultation, or another treatment, with the practitioner `who`, booked by reception so many minutes ago."""
    choice = Choice(treatment or clinic.consultation, clinic.place, start, clinic.practitioners[who].pk)
    booking, then = Booking(choice, patient), timezone.now() - ago * MINUTE
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=then)


def moved(clinic: Clinic, visit: Appointment, *verbs: str) -> Appointment:
    """After these moves, each by whoever may make it, a minute apart and the last a minute ago."""
    for left, verb in zip(range(len(verbs), 0, -1), verbs, strict=True):
        user = visit.practitioner.user if verb in ("start", "complete") else clinic.reception
        wish = Wish(visit.pk, verb, "entered twice" if verb == "wrong-entry" else "")
        visit = operations.transition(actor=Actor(user=user), wish=wish, now=timezone.now() - left * MINUTE)
    return visit


def acknowledged(visit: Appointment) -> Appointment:
    """Its practitioner has looked at the answers, a few minutes ago."""
    actor, then = Actor(user=visit.practitioner.user), timezone.now() - 9 * MINUTE
    operations.open_review(actor=actor, visit=visit.pk, now=then)
    return operations.transition(actor=actor, wish=Wish(visit.pk, "acknowledge"), now=then)
