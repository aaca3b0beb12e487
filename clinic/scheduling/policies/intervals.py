"""Healing intervals: on which days a visit would be too near to another one. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Past(NamedTuple):
    """A visit that counts, in the past or to come: what and on which local day."""

    treatment: int
    day: date


class Barred(NamedTuple):
    """No visit may start from `first` to `last`, local days, both included, because of the visit on `day`."""

    first: date
    last: date
    visit: Past


Matrix = Mapping[tuple[int, int], int]  # (treatment before, treatment after) → days in between, at least


def barred_days(visits: Iterable[Past], treatment: int, matrix: Matrix) -> list[Barred]:
    """The days on which `treatment` is too near to one of `visits`, before it or after it, earliest first."""
    found = (_around(visit, treatment, matrix) for visit in visits)
    return sorted(barred for barred in found if barred)


def _around(visit: Past, treatment: int, matrix: Matrix) -> Barred | None:
    """The days that are too near to `visit`: before it by days(treatment → visit), after it by days(visit → treatment)."""
    after, before = matrix.get((visit.treatment, treatment), 0), matrix.get((treatment, visit.treatment), 0)
    first = visit.day - timedelta(days=before - 1) if before else visit.day
    last = visit.day + timedelta(days=max(after, 1) - 1)  # on one and the same day, neither comes first
    return Barred(first, last, visit) if before or after else None


def as_spans(barred: Iterable[Barred], zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """The same as instants: from the first day's local midnight to the midnight after the last."""
    return tuple((_midnight(b.first, zone), _midnight(b.last + timedelta(days=1), zone)) for b in barred)


def earliest_after(day: date, barred: Iterable[Barred]) -> date:
    """The first day from `day` on that is not barred."""
    for span in sorted(barred):
        if span.first <= day <= span.last:
            day = span.last + timedelta(days=1)
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
