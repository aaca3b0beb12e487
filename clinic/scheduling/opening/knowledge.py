"""What the knowledge files say about the treatments, as far as an opening clinic is checked against it."""

from functools import cache
from typing import NamedTuple

from clinic.scheduling.opening.plan import Person, Place
from treatments.operations.load import read


class Needs(NamedTuple):
    """What a treatment occupies."""

    room: bool
    devices: tuple[str, ...]  # kinds


@cache
def needs() -> dict[str, Needs]:
    """By code of treatment, in the clinic's order; read once, for the files change only with a new release."""
    return {entry["code"]: _needs(entry["steps"]) for entry in read("catalogue")["treatments"]}


def _needs(steps: list[dict[str, object]]) -> Needs:
    kinds = {str(step["device_kind"]) for step in steps if step["device_kind"]}
    return Needs(any(step["room"] for step in steps), tuple(sorted(kinds)))


def what_is_missing(code: str, need: Needs, place: Place, people: tuple[Person, ...]) -> str:
    """What `place` lacks to do a treatment at any time, or ""."""
    for kind in need.devices:
        if kind not in {device.kind for device in place.devices}:
            return f"a device of the kind {kind}; add it to devices"
    if need.room and not any(code in room.suits for room in place.rooms):
        return "a room that suits it; add it to what a room suits"
    there = [person for person in people if any(shift.place == place.slug for shift in person.shifts)]
    if not any(code in person.skills for person in there):
        return "a practitioner with this skill and hours here; add them to people"
    return ""
