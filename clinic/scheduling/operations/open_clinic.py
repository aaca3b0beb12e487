"""Opening a clinic: its people, places, rooms, devices, hours, prices and limits, and the knowledge as drafts."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.scheduling.models import BookingPolicy, Hours, Location, Offer, Resource
from clinic.scheduling.opening.plan import ClinicPlan, Person, Place, Shift
from clinic.scheduling.refusals import Refused
from treatments.acting import Actor, acting_as
from treatments.models import Treatment
from treatments.operations import load_knowledge
from treatments.versions import Version

PRACTITIONER, ROOM, DEVICE = Resource.Kind.PRACTITIONER, Resource.Kind.ROOM, Resource.Kind.DEVICE


class ClinicExists(Refused):
    words: ClassVar[str | Promise] = _("There is a clinic in this database already; it is opened once.")


def open_clinic(*, plan: ClinicPlan, now: datetime) -> list[Version]:
    """All of `plan` or nothing, and the drafts that now await approval; prices hold from `now`. Raises ClinicExists."""
    with acting_as(Actor(task="open-clinic")):
        if Location.objects.exists() or Treatment.objects.exists():
            raise ClinicExists
        drafts = load_knowledge()
        places = {place.slug: _place(place) for place in plan.places}
        known = {treatment.code: treatment for treatment in Treatment.objects.all()}
        for person in plan.people:
            _person(person, places, known)
        for place in plan.places:
            _furniture(place, places, known)
            _offers(place, places[place.slug], known, now)
        BookingPolicy.objects.create(**plan.policy)
        return drafts


def _place(place: Place) -> Location:
    return Location.objects.create(
        slug=place.slug,
        name=place.name,
        zone=place.zone,
        address=place.address,
        telephone=place.telephone,
        emergency_line=place.emergency_line,
        jurisdiction=place.jurisdiction,
    )


def _person(person: Person, places: dict[str, Location], known: dict[str, Treatment]) -> None:
    """An account, also of somebody who has signed in before; a practitioner is a resource everywhere."""
    user = User.objects.filter(email=person.email).first() or User.objects.create_user(person.email)
    user.name, user.roles = person.name, list(person.roles)
    user.save(update_fields=["name", "roles"])
    if Role.PRACTITIONER in person.roles:
        resource = Resource.objects.create(kind=PRACTITIONER, name=person.name, user=user)
        resource.treatments.set([known[code] for code in person.skills])
        _hours(resource, person.shifts, places)


def _furniture(place: Place, places: dict[str, Location], known: dict[str, Treatment]) -> None:
    location = places[place.slug]
    rooms = {}
    for room in place.rooms:
        rooms[room.name] = made = Resource.objects.create(kind=ROOM, name=room.name, location=location)
        made.treatments.set([known[code] for code in room.suits])
        _hours(made, room.shifts, places)
    for device in place.devices:
        made = Resource.objects.create(
            kind=DEVICE,
            name=device.name,
            location=location,
            device_kind=device.kind,
            fixed_in=rooms.get(device.fixed_in),
        )
        _hours(made, device.shifts, places)


def _hours(resource: Resource, shifts: Iterable[Shift], places: dict[str, Location]) -> None:
    Hours.objects.bulk_create(
        Hours(
            resource=resource,
            location=places[shift.place],
            weekday=shift.weekday,
            opens=shift.opens,
            closes=shift.closes,
            valid=(None, None),
        )
        for shift in shifts
    )


def _offers(place: Place, location: Location, known: dict[str, Treatment], now: datetime) -> None:
    Offer.objects.bulk_create(
        Offer(
            location=location,
            treatment=known[offer.treatment],
            price_minor=offer.minor,
            currency=offer.currency,
            valid_from=now,
        )
        for offer in place.offers
    )
