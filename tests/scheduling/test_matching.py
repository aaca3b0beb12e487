"""Whom a free time suits: wishes, days, what was answered before, and until when a time is kept."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.scheduling.policies.matching import Answered, Time, Why, Wishes, offer_until, passed, unmet

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2027, 3, 1)
WHO, OTHER = 1, 2
HOUR = timedelta(hours=1)


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), LONDON)


def free(clock: str = "10:00", day: date = MONDAY) -> Time:
    return Time(at(clock, day), {WHO, OTHER})


def wishes(**fields: object) -> Wishes:
    return Wishes(MONDAY, MONDAY + timedelta(days=30), **fields)


@pytest.mark.parametrize(
    ("wished", "missing"),
    [
        ({}, []),
        ({"weekdays": (1,)}, []),
        ({"weekdays": (2, 7)}, [Why.WEEKDAY]),
        ({"from_time": time(10), "to_time": time(10)}, []),
        ({"from_time": time(10, 1)}, [Why.CLOCK]),
        ({"to_time": time(9, 59)}, [Why.CLOCK]),
        ({"practitioner": OTHER}, []),
        ({"practitioner": 3}, [Why.PRACTITIONER]),
        ({"weekdays": (5,), "to_time": time(9), "practitioner": 3}, [Why.WEEKDAY, Why.CLOCK, Why.PRACTITIONER]),
    ],
)
def test_a_wish_that_is_not_met_is_named(wished: dict[str, object], missing: list[Why]) -> None:
    found = unmet(wishes(**wished), free(), LONDON)
    assert [reason.why for reason in found] == missing
    assert all(reason.why.is_wish for reason in found)


def test_wishes_are_read_on_the_clock_of_the_place() -> None:
    """An hour before midnight in London it is Tuesday in Paris."""
    late = free("23:30")
    assert unmet(wishes(weekdays=(2,), to_time=time(1)), late, ZoneInfo("Europe/Paris")) == []
    assert len(unmet(wishes(weekdays=(2,), to_time=time(1)), late, LONDON)) == 2


@pytest.mark.parametrize(("clock", "known"), [("10:00", True), ("11:45", True), ("08:15", True), ("12:00", False)])
def test_the_same_time_and_those_just_beside_it_are_not_offered_twice(clock: str, known: bool) -> None:
    before = [Answered(at("10:00"), WHO)]
    assert passed(wishes(), free(clock), LONDON, before) is known


def test_who_said_no_to_a_time_beside_the_wishes_is_asked_only_about_those_that_meet_them() -> None:
    mondays = wishes(weekdays=(1,))
    tuesday, week = MONDAY + timedelta(days=1), timedelta(days=7)
    refused = [Answered(at("10:00", tuesday), WHO)]
    assert passed(mondays, free("10:00", tuesday + week), LONDON, refused)
    assert not passed(mondays, free("10:00", MONDAY + week), LONDON, refused)
    met = [Answered(at("10:00"), WHO)]
    assert not passed(mondays, free("10:00", tuesday), LONDON, met)


@pytest.mark.parametrize(
    ("hours_ahead", "kept"), [(48, 4 * HOUR), (6, 4 * HOUR), (5, 3 * HOUR), (2.5, HOUR / 2), (2.4, None), (1, None)]
)
def test_a_time_is_kept_for_four_hours_but_never_beyond_the_notice(hours_ahead: float, kept: timedelta | None) -> None:
    now = at("06:00")
    found = offer_until(now + hours_ahead * HOUR, now, lasts=4 * HOUR, notice=2 * HOUR)
    assert found == (now + kept if kept else None)
