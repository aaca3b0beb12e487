"""The clinic of the synthetic history: five locations of 21 resources each, in words of the file that opens a clinic."""

from datetime import time

from clinic.scheduling.opening.entries import Entry
from clinic.scheduling.opening.plan import ClinicPlan, Device, Person, Place, Price, Room, Shift

PLACES, PRACTITIONERS, ROOMS, PENS = 5, 10, 8, 3
CODES = ("consultation", "microneedling", "test_patch", "follow_up")
NOWHERE = Entry("", None, [])


def _place(number: int) -> Place:
    slug = f"history-{number}"
    open_hours = tuple(Shift(slug, weekday, time(9), time(18)) for weekday in range(1, 6))
    return Place(
        slug=slug,
        name=f"History {number}",
        zone="Europe/London",
        address="1 Measured Mile",
        telephone="+44 20 7946 0000",
        emergency_line="In an emergency call 999.",
        jurisdiction="GB-ENG",
        rooms=tuple(Room(f"Room {number}.{n}", CODES, open_hours) for n in range(1, ROOMS + 1)),
        devices=tuple(Device(f"Pen {number}.{n}", "needling_pen", "", open_hours) for n in range(1, PENS + 1)),
        offers=tuple(Price(code, 18_000, "GBP", NOWHERE) for code in CODES),
    )


def _practitioner(place: int, number: int) -> Person:
    """There on one weekday a week, two of them each day."""
    shift = Shift(f"history-{place}", number // 2 + 1, time(9), time(17))
    name = f"Practitioner {place}.{number + 1}"
    return Person(f"history.{place}.{number}@demo.example", name, ("practitioner",), CODES, (shift,))


CLINIC = ClinicPlan(
    people=(
        Person("history.owner@demo.example", "History Owner", ("owner",), (), ()),
        Person("history.desk@demo.example", "History Desk", ("receptionist",), (), ()),
        *(_practitioner(place, number) for place in range(1, PLACES + 1) for number in range(PRACTITIONERS)),
    ),
    places=tuple(_place(number) for number in range(1, PLACES + 1)),
    policy={"horizon_days": 120},
)
