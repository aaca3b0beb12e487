"""The locations of the file, with their rooms, devices and prices."""

import re
from collections.abc import Collection
from zoneinfo import available_timezones

from clinic.scheduling.opening.entries import Entry
from clinic.scheduling.opening.hours import shifts_at
from clinic.scheduling.opening.knowledge import Needs
from clinic.scheduling.opening.plan import Device, Place, Price, Room, Shift

TEXTS = {"name": 80, "address": 400, "telephone": 40, "emergency_line": 200}
LISTS = ("rooms", "devices", "offers")


def place(entry: Entry, needs: dict[str, Needs]) -> Place:
    fields = entry.fields(("slug", *TEXTS, "zone", "jurisdiction", "hours", "rooms", "offers"), ("devices",))
    slug = _shaped(fields["slug"], "[a-z0-9]+(-[a-z0-9]+)*", "use small letters, digits and hyphens, such as high-street")
    hours = shifts_at(fields["hours"], slug)
    rooms = [_room(room, slug, hours, list(needs)) for room in fields["rooms"].each()]
    kinds = {kind for need in needs.values() for kind in need.devices}
    devices = [_device(device, slug, hours, sorted(kinds), rooms) for device in fields["devices"].each()]
    offers = [_price(offer, list(needs)) for offer in fields["offers"].each()]
    _each_once(fields["rooms"].each(), [room.name for room in rooms])
    _each_once(fields["devices"].each(), [device.name for device in devices])
    _each_once(fields["offers"].each(), [offer.treatment for offer in offers])
    return Place(
        slug=slug,
        zone=_zone(fields["zone"]),
        jurisdiction=_shaped(fields["jurisdiction"], "[A-Z]{2}(-[A-Z0-9]{1,3})?", "write one such as GB-SCT or US"),
        rooms=tuple(rooms),
        devices=tuple(devices),
        offers=tuple(offers),
        **{name: fields[name].text(longest) for name, longest in TEXTS.items()},
    )


def each_place_once(entries: list[Entry], places: Collection[Place]) -> None:
    _each_once(entries, [place.slug for place in places])


def _room(entry: Entry, place: str, opening: tuple[Shift, ...], codes: list[str]) -> Room:
    fields = entry.fields(("name", "suits"), ("hours",))
    return Room(fields["name"].text(), fields["suits"].some_of(codes), _own_hours(fields["hours"], place, opening))


def _device(entry: Entry, place: str, opening: tuple[Shift, ...], kinds: list[str], rooms: list[Room]) -> Device:
    fields = entry.fields(("name", "kind"), ("fixed_in", "hours"))
    return Device(
        fields["name"].text(),
        fields["kind"].one_of(kinds),
        fields["fixed_in"].one_of([room.name for room in rooms]),
        _own_hours(fields["hours"], place, opening),
    )


def _own_hours(entry: Entry, place: str, opening: tuple[Shift, ...]) -> tuple[Shift, ...]:
    return opening if entry.missing else shifts_at(entry, place)


def _price(entry: Entry, codes: list[str]) -> Price:
    fields = entry.fields(("treatment", "price", "currency"))
    price = _shaped(fields["price"], r"[0-9]{1,6}\.[0-9]{2}", "write a price with two decimals, such as 180.00")
    currency = _shaped(fields["currency"], "[A-Z]{3}", "write the three letters of a currency, such as GBP")
    return Price(fields["treatment"].one_of(codes), int(price.replace(".", "") or 0), currency, entry)


def _zone(entry: Entry) -> str:
    value = entry.text()
    if value and value not in available_timezones():
        entry.wrong(f"“{value}” is no time zone; write one such as Europe/London")
        return ""
    return value


def _shaped(entry: Entry, pattern: str, what_to_do: str) -> str:
    value = entry.text(longest=40)
    if value and not re.fullmatch(pattern, value):
        entry.wrong(f"“{value}” will not do; {what_to_do}")
        return ""
    return value


def _each_once(entries: list[Entry], names: list[str]) -> None:
    seen: set[str] = set()
    for entry, name in zip(entries, names, strict=True):
        if name and name in seen:
            entry.wrong(f"“{name}” stands here twice; keep one, or give it another name")
        seen.add(name)
