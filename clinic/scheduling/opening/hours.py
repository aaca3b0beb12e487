"""Opening and working hours: `{days: mon-fri, from: "09:00", to: "17:00", breaks: [{from: …, to: …}]}`."""

from collections.abc import Iterable
from datetime import time
from itertools import pairwise

from clinic.scheduling.models import Hours
from clinic.scheduling.opening.entries import Entry
from clinic.scheduling.opening.plan import Shift

DAYS = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
Span = tuple[time, time]


def shifts_at(hours: Entry, place: str) -> tuple[Shift, ...]:
    """The hours of a location, or of a room or a device in it."""
    if hours.is_empty:
        hours.wrong("is empty; write when it is open")
    spans = [span for entry in hours.each() for span in _shifts(entry.fields(("days", "from", "to"), ("breaks",)), place)]
    _once(hours, spans, {})
    return tuple(spans)


def shifts_of_person(hours: Entry, zones: dict[str, str]) -> tuple[Shift, ...]:
    """The hours of a person at several locations, of which `zones` tells the time zone."""
    spans = []
    for entry in hours.each():
        fields = entry.fields(("location", "days", "from", "to"), ("breaks",))
        spans += _shifts(fields, fields["location"].one_of(zones))
    _once(hours, spans, zones)
    return tuple(spans)


def _shifts(fields: dict[str, Entry], place: str) -> list[Shift]:
    opens, closes = fields["from"].clock(), fields["to"].clock()
    days = _days(fields["days"])
    if opens is None or closes is None:
        return []
    if opens >= closes:
        fields["to"].wrong(f"{closes:%H:%M} is not after {opens:%H:%M}; hours begin and end on the same day")
        return []
    pieces = _around_breaks((opens, closes), fields["breaks"])
    return [Shift(place, day, *piece) for day in days for piece in pieces]


def _days(entry: Entry) -> list[int]:
    """ISO weekdays from `mon`, `mon-fri` or `[mon, wed]`."""
    if entry.missing:
        return []
    if entry.is_empty:
        entry.wrong("names no day; write mon-fri or [mon, wed]")
        return []
    words = [entry] if entry.is_text else entry.each()
    days = [day for word in words for day in _span_of_days(word)]
    return sorted(set(days))


def _span_of_days(entry: Entry) -> Iterable[int]:
    value = entry.text().lower()
    first, _, last = value.partition("-")
    since, until = DAYS.get(first, 0), DAYS.get(last or first, 0)
    if value and not 0 < since <= until:
        entry.wrong(f"“{value}” are no days; write mon, mon-fri or [mon, wed], the week from mon to sun")
        return []
    return range(since, until + 1) if value else []


def _around_breaks(span: Span, breaks: Entry) -> list[Span]:
    """What is left of `span`; breaks must lie inside it, in order."""
    pieces: list[Span] = []
    since = span[0]
    for entry in breaks.each():
        fields = entry.fields(("from", "to"))
        begins, ends = fields["from"].clock(), fields["to"].clock()
        if begins is None or ends is None:
            continue
        if not since <= begins < ends <= span[1]:
            entry.wrong("is not a time within the hours; write breaks in order, each inside from and to")
            continue
        pieces, since = [*pieces, (since, begins)], ends
    return [piece for piece in [*pieces, (since, span[1])] if piece[0] < piece[1]]


def _once(hours: Entry, shifts: list[Shift], zones: dict[str, str]) -> None:
    """Nobody and nothing is in two places at once: on one weekday hours never overlap, and never lie in two zones."""
    ordered = sorted(shifts, key=lambda shift: (shift.weekday, shift.opens))
    for one, next_ in pairwise(ordered):
        if one.weekday != next_.weekday:
            continue
        day = Hours.Weekday(one.weekday).label
        if one.closes > next_.opens:
            return hours.wrong(f"overlap on {day} at {next_.opens:%H:%M}; nobody is in two places at once")
        if one.place and next_.place and zones.get(one.place) != zones.get(next_.place):
            return hours.wrong(f"lie in two time zones on {day}; choose different days for them")
    return None
