"""What a clinic opens with: plain values, checked, in the words of the file."""

from dataclasses import dataclass
from datetime import time

from clinic.scheduling.opening.entries import Entry


@dataclass(frozen=True)
class Shift:
    """Weekly wall-clock hours at the location `place` (its slug), on one ISO weekday; a break makes two of them."""

    place: str
    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    roles: tuple[str, ...]
    skills: tuple[str, ...]  # codes of treatments
    shifts: tuple[Shift, ...]


@dataclass(frozen=True)
class Room:
    name: str
    suits: tuple[str, ...]  # codes of treatments
    shifts: tuple[Shift, ...]


@dataclass(frozen=True)
class Device:
    name: str
    kind: str
    fixed_in: str  # a room's name, or ""
    shifts: tuple[Shift, ...]


@dataclass(frozen=True)
class Price:
    treatment: str
    minor: int  # pence or cents
    currency: str
    entry: Entry  # where it stands, for checks that need the people too


@dataclass(frozen=True)
class Place:
    slug: str
    name: str
    zone: str
    address: str
    telephone: str
    emergency_line: str
    jurisdiction: str
    rooms: tuple[Room, ...]
    devices: tuple[Device, ...]
    offers: tuple[Price, ...]


@dataclass(frozen=True)
class ClinicPlan:
    people: tuple[Person, ...]  # the owner first
    places: tuple[Place, ...]
    policy: dict[str, int]  # fields of BookingPolicy; what is left out keeps its default
