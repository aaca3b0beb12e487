"""A curve keeps its figures in their order and inside the drawing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from patients.charts import HEIGHT, LEFT, TOP, WIDTH, curve

FIRST = date(2027, 3, 1)
figures = some.dictionaries(some.integers(0, 2000), some.integers(0, 10), min_size=2, max_size=30)


@pytest.mark.parametrize("levels", [[], [(FIRST, 3)], [(FIRST, 3), (FIRST, 4)]])
def test_one_day_alone_is_no_curve(levels: list[tuple[date, int]]) -> None:
    assert curve(levels, (0, 10)) is None


def test_the_least_lies_at_the_bottom_and_the_last_day_on_the_right() -> None:
    found = curve([(FIRST, 10), (FIRST + timedelta(days=1), 5), (FIRST + timedelta(days=4), 0)], (0, 5, 10))
    assert found is not None
    assert found.points == "24,10 104,70 344,130"
    assert [(mark.level, mark.y) for mark in found.marks] == [(0, 130), (5, 70), (10, 10)]


@given(figures)
def test_every_dot_lies_inside_and_follows_the_one_before(said: dict[int, int]) -> None:
    found = curve([(FIRST + timedelta(days=days), level) for days, level in sorted(said.items())], (0, 5, 10))
    assert found is not None
    places = [dot.x for dot in found.dots]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (LEFT, LEFT + WIDTH)
    assert all(TOP <= dot.y <= TOP + HEIGHT for dot in found.dots)
