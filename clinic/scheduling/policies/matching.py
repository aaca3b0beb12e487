"""Whom a free time suits, of those who wait for one, and whether all wishes are met. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

NEAR = timedelta(hours=2)  # who let a time pass is not asked about one just before or after it
SHORTEST = timedelta(minutes=30)  # an offer that ends sooner is nobody's to answer


class Why(Enum):
    """Why a time does not suit somebody. The last three are wishes; all others stand in the way."""

    DAYS = "days"
    LATER = "later than the visit it would replace"
    OFFERED = "has another open offer"
    PASSED = "was offered before"
    BUSY = "has a visit then"
    FULL = "has as many visits as can be booked"
    RESTS = "earliest day"
    FIRST = "something comes first"
    TALK = "talk first"
    WEEKDAY = "weekday"
    CLOCK = "time of day"
    PRACTITIONER = "practitioner"

    @property
    def is_wish(self) -> bool:
        return self in WISHES


WISHES = (Why.WEEKDAY, Why.CLOCK, Why.PRACTITIONER)


class Reason(NamedTuple):
    """`day`: the first local day on which it would not stand in the way, where there is one."""

    why: Why
    day: date | None = None


@dataclass(frozen=True)
class Wishes:
    """What would suit: local days `first` to `last`, both included; ISO weekdays (none: any); the start's wall clock."""

    first: date
    last: date
    weekdays: tuple[int, ...] = ()
    from_time: time | None = None
    to_time: time | None = None
    practitioner: int | None = None
    note: str = ""


class Time(NamedTuple):
    """A free start, and everybody who could take it."""

    start: datetime
    practitioners: Collection[int]


class Answered(NamedTuple):
    """A time that was offered before: not accepted, or it would not be asked about."""

    start: datetime
    practitioner: int


def unmet(wishes: Wishes, free: Time, zone: ZoneInfo) -> list[Reason]:
    """The wishes that a time does not meet. `to_time` is the latest start."""
    local = free.start.astimezone(zone)
    found = []
    if wishes.weekdays and local.isoweekday() not in wishes.weekdays:
        found.append(Reason(Why.WEEKDAY))
    if not (wishes.from_time or time.min) <= local.time() <= (wishes.to_time or time.max):
        found.append(Reason(Why.CLOCK))
    if wishes.practitioner and wishes.practitioner not in free.practitioners:
        found.append(Reason(Why.PRACTITIONER))
    return found


def passed(wishes: Wishes, free: Time, zone: ZoneInfo, before: Iterable[Answered]) -> bool:
    """Whether the answer is known: to this time, to one just beside it, or to any that does not meet the wishes.

    So nobody is asked about one time after another that they have said not to want.
    """
    before = list(before)
    if any(abs(one.start - free.start) < NEAR for one in before):
        return True
    beside = any(unmet(wishes, Time(one.start, (one.practitioner,)), zone) for one in before)
    return beside and bool(unmet(wishes, free, zone))


def offer_until(start: datetime, now: datetime, lasts: timedelta, notice: timedelta) -> datetime | None:
    """Until when an offered time is kept: never beyond the notice to book. None when that is too soon to be of use."""
    until = min(now + lasts, start - notice)
    return until if until >= now + SHORTEST else None
