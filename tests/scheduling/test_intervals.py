"""Healing intervals as a pure rule, against an oracle that asks day by day, and at the edges of local days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.scheduling.policies.intervals import Matrix, Past, as_spans, barred_days, earliest_after

DAY = timedelta(days=1)
D = date(2027, 3, 1)
TREATMENTS = st.integers(1, 3)
matrices = st.dictionaries(st.tuples(TREATMENTS, TREATMENTS), st.integers(1, 12), max_size=9)
days = st.integers(-20, 20).map(lambda n: D + n * DAY)
visits = st.lists(st.builds(Past, TREATMENTS, days), max_size=4)
ZONES = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Africa/Cairo", "America/Santiago", "America/Havana"]


def too_near(visit: Past, treatment: int, day: date, matrix: Matrix) -> bool:
    """By the words: fewer than the days between whichever comes first and whichever comes after. One day has no order."""
    after = visit.day <= day and (day - visit.day).days < matrix.get((visit.treatment, treatment), 0)
    before = day <= visit.day and (visit.day - day).days < matrix.get((treatment, visit.treatment), 0)
    return after or before


@given(visits, TREATMENTS, matrices)
@example([Past(1, D)], 2, {(2, 1): 1})
def test_exactly_the_days_that_are_too_near_are_barred(seen: list[Past], treatment: int, matrix: Matrix) -> None:
    barred = barred_days(seen, treatment, matrix)
    for n in range(-40, 41):
        day = D + n * DAY
        expected = any(too_near(visit, treatment, day, matrix) for visit in seen)
        assert any(span.first <= day <= span.last for span in barred) == expected, day


@given(visits, TREATMENTS, matrices)
def test_each_span_names_the_visit_it_is_for_earliest_first(seen: list[Past], treatment: int, matrix: Matrix) -> None:
    barred = barred_days(seen, treatment, matrix)
    assert barred == sorted(barred)
    for span in barred:
        assert span.visit in seen
        assert too_near(span.visit, treatment, span.first, matrix)
        assert too_near(span.visit, treatment, span.last, matrix)


@given(TREATMENTS, TREATMENTS, days, days, matrices)
@example(1, 2, D, D, {(1, 2): 7})
def test_it_does_not_matter_which_of_two_visits_was_booked_first(
    one: int, other: int, on: date, at: date, matrix: Matrix
) -> None:
    def stands(first: Past, second: Past) -> bool:
        return earliest_after(second.day, barred_days([first], second.treatment, matrix)) == second.day

    assert stands(Past(one, on), Past(other, at)) == stands(Past(other, at), Past(one, on))


@given(visits, TREATMENTS, matrices, days)
def test_the_earliest_day_is_the_first_that_is_not_barred(
    seen: list[Past], treatment: int, matrix: Matrix, day: date
) -> None:
    barred = barred_days(seen, treatment, matrix)
    tried = day
    while any(span.first <= tried <= span.last for span in barred):
        tried += DAY
    assert earliest_after(day, reversed(barred)) == tried


def test_nothing_is_barred_without_a_visit_or_without_an_interval() -> None:
    assert barred_days([], 1, {(1, 1): 28}) == []
    assert barred_days([Past(1, D)], 2, {(1, 1): 28}) == []


def test_twenty_eight_days_after_is_far_enough_and_twenty_seven_is_not() -> None:
    (span,) = barred_days([Past(1, D)], 1, {(1, 1): 28})
    assert (span.first, span.last) == (D - 27 * DAY, D + 27 * DAY)


def test_both_directions_have_their_own_days() -> None:
    (span,) = barred_days([Past(1, D)], 2, {(1, 2): 42, (2, 1): 28})
    assert (span.first, span.last) == (D - 27 * DAY, D + 41 * DAY)


@pytest.mark.parametrize("zone", ZONES)
@given(visits, matrices)
def test_an_instant_is_barred_exactly_when_its_local_day_is(zone: str, seen: list[Past], matrix: Matrix) -> None:
    """Asked every 30 minutes around the edges: in zones far from UTC, and where clocks turn at midnight."""
    barred = barred_days(seen, 1, matrix)
    spans = as_spans(barred, ZoneInfo(zone))
    for day in {edge + n * DAY for span in barred for edge in (span.first, span.last) for n in (-1, 0, 1)}:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC"))
        for half_hours in range(-48, 48):
            moment = noon + half_hours * timedelta(minutes=30)
            local = moment.astimezone(ZoneInfo(zone)).date()
            inside = any(first <= moment < last for first, last in spans)
            assert inside == any(span.first <= local <= span.last for span in barred), moment


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Africa/Cairo", date(2027, 4, 30)),  # 00:00 does not exist: the day begins at 01:00
        ("America/Santiago", date(2027, 9, 5)),  # the same
        ("America/Havana", date(2027, 11, 7)),  # 00:30 comes twice: the day has 25 hours
        ("America/Santiago", date(2027, 4, 4)),  # the evening before is an hour longer
    ],
)
def test_a_day_is_whole_where_the_clock_turns_at_midnight(zone: str, day: date) -> None:
    """A visit on the day before, one day's interval around it: every instant of `day` itself is free or barred as one."""
    (span,) = as_spans(barred_days([Past(1, day)], 1, {(1, 1): 1}), ZoneInfo(zone))
    first, last = (edge.astimezone(ZoneInfo("UTC")) for edge in span)
    moment = first - timedelta(hours=3)
    while moment < last + timedelta(hours=3):
        assert (first <= moment < last) == (moment.astimezone(ZoneInfo(zone)).date() == day), moment
        moment += timedelta(minutes=15)
