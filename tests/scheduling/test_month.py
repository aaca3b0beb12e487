"""The month overview: which days have free times, and how it is said."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import Hours
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.queries.month import month
from clinic.scheduling.queries.times import wanted
from tests.build import MONDAY, NOW, Clinic, patient, user
from treatments.acting import Actor

pytestmark = pytest.mark.django_db
MARCH = date(2027, 3, 1)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def free(clinic: Clinic, first: date = MARCH, now: datetime = NOW) -> dict[date, int]:
    weeks = month(wanted(clinic.microneedling, clinic.place, now), first, now)
    return {day.day: day.free for week in weeks for day in week if day.inside}


def get(client: Client, clinic: Clinic, **asked: object):
    with time_machine.travel(NOW, tick=False):
        return client.get(f"/book/{clinic.microneedling.pk}/month/", asked)


def test_every_day_of_the_month_is_there_and_working_days_have_times(clinic: Clinic) -> None:
    found = free(clinic)
    assert list(found) == [MARCH + timedelta(days=n) for n in range(31)]
    assert {day.isoweekday() for day, times in found.items() if times} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(("day", "first"), [(date(2027, 3, 28), MARCH), (date(2027, 10, 31), date(2027, 10, 1))])
def test_a_day_on_which_the_clocks_change_is_a_day_like_others(clinic: Clinic, day: date, first: date) -> None:
    clinic.practitioners[0].hours.update(weekday=7)
    Hours.objects.exclude(resource=clinic.practitioners[0]).filter(weekday=1).update(weekday=7)
    found = free(clinic, first, max(NOW, datetime(2027, first.month, 1, tzinfo=UTC) - timedelta(days=20)))
    assert found[day] == found[day - timedelta(days=7)] > 0


def test_a_full_day_has_none(clinic: Clinic) -> None:
    for clock in ("09:15", "11:00", "13:00", "15:00"):
        choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock))
        booking = Booking(choice, patient(given=clock))
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    assert free(clinic)[MONDAY] == 0


def test_days_are_spoken_in_full_and_not_by_colour_alone(client: Client, clinic: Clinic) -> None:
    html = get(client, clinic, month="2027-03").content.decode()
    assert 'aria-label="Tuesday 2 March 2027, ' in html
    assert "free times" in html
    assert "Saturday 6 March 2027, no free times" in html
    assert "April 2027" in html
    assert "February 2027</a>" in html


def test_what_the_address_says_wrongly_falls_back(client: Client, clinic: Clinic) -> None:
    for asked in ("", "soon", "2027-13", "1999-01", "9999-12", "2027-02-30"):
        assert get(client, clinic, month=asked).status_code == 200


def test_a_patient_sees_no_days_of_rest(client: Client, clinic: Clinic) -> None:
    account = user()
    booking = Booking(Choice(clinic.microneedling, clinic.place, clinic.at("10:00")), patient(user=account))
    operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    with time_machine.travel(NOW, tick=False):
        client.force_login(account)
    weeks = get(client, clinic, month="2027-03").context["weeks"]
    days = [day.day for week in weeks for day in week if day.free]
    assert days == [date(2027, 3, day) for day in (29, 30, 31)]


@pytest.mark.parametrize("visits", [0, 3])
def test_a_month_asks_the_same_few_questions(client: Client, clinic: Clinic, visits: int, django_assert_num_queries) -> None:
    for clock in ("09:15", "11:00", "13:00")[:visits]:
        booking = Booking(Choice(clinic.microneedling, clinic.place, clinic.at(clock)), patient(given=clock))
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    get(client, clinic)  # a published version is read once
    with django_assert_num_queries(3):
        get(client, clinic, month="2027-03")
