"""A clinic that also offers laser and test patches, for what must come first."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Booking, Choice
from patients.models import Patient, Phototype
from tests import build
from tests.build import MONDAY, NOW, Clinic
from treatments.acting import Actor
from treatments.models import Treatment


def equip(clinic: Clinic) -> tuple[Treatment, Treatment]:
    """A laser, and the two treatments that need one, for a clinic that has none: laser sessions and test patches."""
    nafl, test_patch = Treatment.objects.get(code="nafl"), Treatment.objects.get(code="test_patch")
    build.resource("device", clinic.place, name="Laser", treatments=[], device_kind="nafl_laser")
    for treatment in (nafl, test_patch):
        build.offer(clinic.place, treatment)
        for resource in (*clinic.practitioners, *clinic.rooms):
            resource.treatments.add(treatment)
    return nafl, test_patch


class Laser(Clinic):
    def __init__(self, **world: Any) -> None:
        super().__init__(**{"practitioners": 2, "rooms": 2, **world})
        self.nafl, self.test_patch = equip(self)

    def choice(self, treatment: Treatment, day: date = MONDAY, clock: str = "10:00", who: int | None = None) -> Choice:
        return Choice(treatment, self.place, self.at(clock, day=day), who)

    def book(self, who: Patient, treatment: Treatment, day: date = MONDAY, clock: str = "10:00", **more: Any) -> Appointment:
        """As reception does on the telephone."""
        now = more.pop("now", NOW)
        booking = Booking(self.choice(treatment, day, clock), who, **more)
        return operations.book(actor=Actor(user=self.reception), booking=booking, key=uuid4(), now=now)

    def confirmed(self, who: Patient, type_: str, at: datetime = NOW) -> Phototype:
        """A clinician has confirmed the skin type."""
        by = self.practitioners[0].user
        sure = Phototype.Provenance.CLINICIAN_CONFIRMED
        return Phototype.objects.create(
            patient=who, provenance=sure, type=Phototype.Type[type_], at=at, recorded_by=by, answers=""
        )


def front(clinic: Laser, who: Patient, *choices: Choice, key: UUID | None = None, now: datetime = NOW, holder: str = ""):
    wish = operations.InFront(who, choices, holder)
    return operations.book_in_front(actor=Actor(user=who.user), wish=wish, key=key or uuid4(), now=now)
