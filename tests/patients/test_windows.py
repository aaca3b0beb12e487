from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from patients.policies.windows import is_due, still_counts

NOW = datetime(2027, 2, 26, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize("window", ["once", "yearly", "each_session"])
def test_most_questions_are_asked_at_booking_however_far_the_visit_is(window):
    assert is_due(window, in_days(300), NOW)


@pytest.mark.parametrize(("window", "days"), [("within_7d", 7), ("within_48h", 2)])
def test_questions_about_the_last_days_wait_until_the_visit_is_that_near(window, days):
    assert is_due(window, in_days(days), NOW)
    assert not is_due(window, in_days(days + 1), NOW)


@pytest.mark.parametrize(("window", "days"), [("within_7d", 7), ("within_48h", 2)])
def test_an_answer_about_the_last_days_counts_only_when_it_was_given_in_them(window, days):
    early = NOW - timedelta(days=1)
    assert still_counts(window, early, in_days(days - 1), NOW)
    assert not still_counts(window, early, in_days(days), NOW)


def test_an_answer_that_is_asked_once_counts_for_ever():
    assert still_counts("once", NOW - timedelta(days=4000), TODAY, NOW)


@pytest.mark.parametrize(("age", "counts"), [(0, True), (364, True), (365, True), (366, False)])
def test_an_answer_that_is_asked_yearly_counts_until_it_is_older_than_a_year_at_the_visit(age, counts):
    assert still_counts("yearly", NOW, in_days(age), NOW) is counts
    assert still_counts("yearly", NOW - timedelta(days=age), TODAY, NOW) is counts


def test_the_day_of_a_yearly_answer_is_the_local_one():
    late = datetime(2026, 2, 25, 23, 30, tzinfo=UTC)
    in_new_york = ZoneInfo("America/New_York")
    with timezone.override(in_new_york):
        assert still_counts("yearly", late, date(2027, 2, 25), NOW)
        assert not still_counts("yearly", late, date(2027, 2, 26), NOW)
    with timezone.override(ZoneInfo("Asia/Tokyo")):  # there it was the next day already
        assert still_counts("yearly", late, date(2027, 2, 26), NOW)


def test_an_answer_for_the_session_counts_for_a_day():
    assert still_counts("each_session", NOW - timedelta(hours=24), TODAY, NOW)
    assert not still_counts("each_session", NOW - timedelta(hours=24, seconds=1), TODAY, NOW)


def test_an_answer_given_for_this_very_visit_still_counts_when_the_visit_moves():
    given = NOW - timedelta(days=20)
    booked = given + timedelta(hours=24)  # the last moment at which the answer could book it
    assert still_counts("each_session", given, TODAY, NOW, since=booked)
    assert not still_counts("each_session", given, TODAY, NOW, since=booked + timedelta(seconds=1))
    assert not still_counts("within_48h", given, TODAY, NOW, since=given)
