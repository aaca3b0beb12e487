"""What must come before a visit, and on which days the visit may therefore not lie. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from clinic.scheduling.policies.intervals import DAY, FIRST, LAST, Barred, Need, Past


class Confirmed(NamedTuple):
    """A skin type that a clinician has confirmed ("I".."VI"), and on which local day."""

    type: str
    day: date


class Window(NamedTuple):
    """The days on which the visit may lie, both included, by one thing that came (or will come) before it."""

    first: date
    last: date
    by: Past | None  # None: by the confirmed skin type


def barred_for_want(needs: Iterable[Need], visits: Iterable[Past], confirmed: Confirmed | None, today: date) -> list[Barred]:
    """The days on which something that must come first would not be there, or would be too long ago.

    `visits`: those of the patient that count, done, booked or only being planned. Until `LAST`: booking something first
    is the only way.
    """
    seen = sorted(visits, key=_day)
    asked = (need for need in needs if not need.phototypes or (confirmed and confirmed.type in need.phototypes))
    return [span for need in asked for span in _outside(need, sorted(_windows(need, seen, confirmed, today), key=_days))]


def _windows(need: Need, visits: Iterable[Past], confirmed: Confirmed | None, today: date) -> Iterator[Window]:
    """A consultation that is over has confirmed the skin type or has not: only one that is still to come will."""
    if need.by_fact and confirmed:
        yield Window(*_valid(need, confirmed.day, need.lead_days), None)
    for visit in visits:
        if visit.treatment == need.first and (visit.day >= today or not need.by_fact):
            yield Window(*_valid(need, visit.day, max(need.lead_days, 1)), visit)  # on one day, neither comes first


def _valid(need: Need, day: date, lead: int) -> tuple[date, date]:
    last = LAST if need.valid_days is None else day + timedelta(days=need.valid_days)
    return day + timedelta(days=lead), last


def _outside(need: Need, windows: Iterable[Window]) -> Iterator[Barred]:
    """The days before, between and after the windows, each with the visit that opens the next one."""
    free_from = FIRST
    for window in windows:
        if free_from < window.first:
            yield Barred(free_from, window.first - DAY, window.by, need.lead_days, need.reason, need)
        free_from = max(free_from, window.last + DAY)
    if free_from <= LAST:
        yield Barred(free_from, LAST, None, need.lead_days, need.reason, need)


def _day(visit: Past) -> date:
    return visit.day


def _days(window: Window) -> tuple[date, date]:
    return window.first, window.last
