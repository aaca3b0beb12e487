"""Healing intervals: on which days a visit would be too near to another one, and why. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)  # the days that this house knows: before and after lies "never"


class Past(NamedTuple):
    """A visit that counts, in the past or to come: what and on which local day."""

    treatment: int
    day: date


class Need(NamedTuple):
    """What must come before a treatment, at least `lead_days` and (unless None) at most `valid_days` before it.

    It is met by a visit for `first`; with `by_fact` by a skin type that a clinician has confirmed, which a visit for
    `first` still to come will bring. With `phototypes` it is asked only where the confirmed type is one of them.
    """

    first: int
    what: str  # in words: “a consultation”
    by_fact: bool = False
    phototypes: tuple[str, ...] = ()
    lead_days: int = 0
    valid_days: int | None = None
    reason: str = ""
    code: str = ""  # of the treatment `first`


class Barred(NamedTuple):
    """No visit may start from `first` to `last`, local days, both included, because of `visit` or for want of `need`.

    For a visit, `days` is how many lie after it at least (0: only the days before it count).
    """

    first: date
    last: date
    visit: Past | None = None
    days: int = 0
    reason: str = ""
    need: Need | None = None


Matrix = Mapping[tuple[int, int], int]  # (treatment before, treatment after) → days in between, at least
Reasons = Mapping[tuple[int, int], str]  # the same → why, in words for patients


def barred_days(visits: Iterable[Past], treatment: int, matrix: Matrix, reasons: Reasons | None = None) -> list[Barred]:
    """The days on which `treatment` is too near to one of `visits`, before it or after it, earliest first."""
    found = (_around(visit, treatment, matrix, reasons or {}) for visit in visits)
    return sorted(barred for barred in found if barred)


def _around(visit: Past, treatment: int, matrix: Matrix, reasons: Reasons) -> Barred | None:
    """The days that are too near to `visit`: before it by days(treatment → visit), after it by days(visit → treatment)."""
    after, before = matrix.get((visit.treatment, treatment), 0), matrix.get((treatment, visit.treatment), 0)
    first = visit.day - timedelta(days=before - 1) if before else visit.day
    last = visit.day + timedelta(days=max(after, 1) - 1)  # on one and the same day, neither comes first
    why = reasons.get((visit.treatment, treatment) if after else (treatment, visit.treatment), "")
    return Barred(first, last, visit, after, why) if before or after else None


def as_spans(barred: Iterable[Barred], zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """The same as instants: from the first day's local midnight to the midnight after the last."""
    return tuple((_midnight(b.first, zone), _midnight(b.last + timedelta(days=1), zone)) for b in barred)


def earliest_after(day: date, barred: Iterable[Barred]) -> date:
    """The first day from `day` on that is not barred; one after `LAST` when there is none."""
    span = in_the_way(day, barred)
    return span.last + DAY if span else day


def in_the_way(day: date, barred: Iterable[Barred]) -> Barred | None:
    """The span that decides which is the first free day from `day` on, or None when `day` itself is free."""
    deciding = None
    for span in sorted(barred, key=_days):
        if span.first <= day <= span.last:
            deciding, day = span, span.last + DAY
    return deciding


def missing_on(day: date, barred: Sequence[Barred]) -> tuple[Need, ...]:
    """What would have to be booked first, so that a visit on `day` or later may be: each thing once.

    One visit serves several needs; then it is the need that asks for most days before.
    """
    day = earliest_after(day, [span for span in barred if span.last < LAST])
    found: dict[int, Need] = {}
    for need in (span.need for span in barred if span.need and span.last >= LAST and span.first <= day):
        found[need.first] = max(found.get(need.first, need), need, key=_lead)
    return tuple(found.values())


def _lead(need: Need) -> int:
    return need.lead_days


def _days(span: Barred) -> tuple[date, date]:
    return span.first, span.last


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
