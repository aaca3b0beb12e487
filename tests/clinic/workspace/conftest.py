"""A clinic on its first Monday, ten minutes before the ten o'clock visit; browsers for its people."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client

from clinic.accounts.models import User
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from patients.models import Patient
from tests.build import NOW, Clinic, patient, user
from treatments.acting import Actor
from treatments.models import Treatment


@pytest.fixture
def clinic(db: None) -> Clinic:
    made = Clinic(practitioners=2, rooms=2, pens=2, screening=False)
    for practitioner in made.practitioners:
        practitioner.user.name = practitioner.name
        practitioner.user.save()
    return made


@pytest.fixture
def clock(clinic: Clinic) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clinic.at("09:50"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(clinic: Clinic, clock: object) -> Client:
    return browser(clinic.reception)


@pytest.fixture
def doctor(clinic: Clinic, clock: object) -> Client:
    return browser(clinic.practitioners[0].user)


@pytest.fixture
def colleague(clinic: Clinic, clock: object) -> Client:
    return browser(clinic.practitioners[1].user)


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def someone(*roles: str) -> Client:
    return browser(user(roles=roles))


def booked(
    clinic: Clinic,
    clock: str = "10:00",
    *,
    who: Patient | None = None,
    practitioner: int = 0,
    treatment: Treatment | None = None,
) -> Appointment:
    """A visit (microneedling), booked by reception the Friday before."""
    start = clinic.at(clock)
    choice = operations.Choice(treatment or clinic.microneedling, clinic.place, start, clinic.practitioners[practitioner].pk)
    booking = operations.Booking(choice, who or patient())
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def moved(client: Client, visit: Appointment | UUID, verb: str, page: str = "today", **more: str):
    """The answer to the button `verb` of a page, redirects not followed."""
    pk = visit.pk if isinstance(visit, Appointment) else visit
    return client.post(f"/workspace/visits/{pk}/move/", {"verb": verb, "page": page, **more})


def status_of(visit: Appointment) -> str:
    return Appointment.objects.get(pk=visit.pk).status
