"""The waitlist as staff see it: who waits for what, and whom a free time suits."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple, Self

from clinic.scheduling.models import Location, WaitlistEntry, WaitlistOffer
from clinic.scheduling.policies.matching import Reason, Time
from clinic.scheduling.queries.times import Wanted
from clinic.scheduling.queries.waiting import Candidate, free_times, open_offer, version_names, waiting, waiting_for
from clinic.workspace.waitlist_words import reason_words


class Row(NamedTuple):
    entry: WaitlistEntry
    offer: WaitlistOffer | None


class Group(NamedTuple):
    """Everybody who waits for one treatment at one place, the longest first."""

    place: Location
    treatment: int
    name: str
    rows: list[Row]


class Fit(NamedTuple):
    """Somebody who waits, and why a time does not suit them; `is_possible` where only wishes are not met."""

    entry: WaitlistEntry
    reasons: list[str]
    is_possible: bool


def groups(now: datetime) -> list[Group]:
    """By place and treatment. Three queries, however many wait."""
    names = version_names(now)

    def place_and_treatment(entry: WaitlistEntry) -> tuple[str, int, int]:
        return entry.location.name, entry.treatment.position, entry.treatment_id

    found = []
    for (_place, _position, treatment), same in groupby(sorted(waiting(), key=place_and_treatment), place_and_treatment):
        rows = [Row(entry, open_offer(entry)) for entry in same]
        found.append(Group(rows[0].entry.location, treatment, names.get(treatment, ""), rows))
    return found


@dataclass(frozen=True)
class FreeDay:
    """The times of one day that could be offered now, and the days before and after it that have some."""

    day: date
    times: list[Time]
    before: date | None
    after: date | None

    @classmethod
    def of(cls, asked: Wanted, day: date | None, now: datetime) -> Self | None:
        """`day`, or the first one after it that has free times, else the first of all; None when nothing is free."""
        zone = asked.location.tz
        today = now.astimezone(zone).date()
        by_day: dict[date, list[Time]] = {}
        for free in free_times(asked, today, today + timedelta(days=asked.policy.horizon_days), now):
            by_day.setdefault(free.start.astimezone(zone).date(), []).append(free)
        days = sorted(by_day)
        if not days:
            return None
        at = next((n for n, one in enumerate(days) if one >= (day or today)), 0)
        later = days[at + 1] if at + 1 < len(days) else None
        return cls(days[at], by_day[days[at]], days[at - 1] if at else None, later)


def who_could_come(asked: Wanted, free: Time, now: datetime) -> list[Fit]:
    """Everybody who waits for it, in the order in which they would be offered this time; a few queries for each."""
    entries = waiting_for(asked.treatment, asked.location)
    judged = [(entry, Candidate.of(entry, asked, now).reasons(free)) for entry in entries]
    return [_fit(entry, reasons) for entry, reasons in sorted(judged, key=lambda pair: _rank(*pair))]


def _fit(entry: WaitlistEntry, reasons: list[Reason]) -> Fit:
    return Fit(entry, [reason_words(reason) for reason in reasons], all(reason.why.is_wish for reason in reasons))


def _rank(entry: WaitlistEntry, reasons: list[Reason]) -> tuple[bool, bool, datetime]:
    return not all(reason.why.is_wish for reason in reasons), bool(reasons), entry.created_at
