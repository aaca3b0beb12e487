"""This morning's review: one patient is asked once more, another would like to be called."""

from datetime import datetime

from clinic.demo.world import Person, World
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import Asking, CallWish
from treatments.acting import Actor

NOTE = "When did you have the last one, and did you take anything for it?"


def is_asked(world: World, person: Person, question: str, now: datetime) -> None:
    """The visit's own practitioner asks, where the visit waits."""
    visit = Appointment.objects.filter(patient=person.row, status=Status.PENDING).select_related("practitioner").first()
    if visit:
        doctor = Actor(user=visit.practitioner.user)
        operations.ask(actor=doctor, asking=Asking(visit.pk, (question,), NOTE), now=now)


def wants_a_call(world: World, person: Person, now: datetime) -> None:
    wish = CallWish(person.row, world.places[person.home], person.row.phone)
    operations.ask_for_call(actor=person.actor, wish=wish, now=now)
