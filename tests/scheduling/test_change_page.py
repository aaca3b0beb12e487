"""The patient's page for another time: choose, look at old and new, change."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, BookingPolicy
from clinic.scheduling.operations import Booking, Choice, NewCourse, Planned
from tests.build import Clinic, patient, user
from treatments.acting import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(now=timezone.now() - timedelta(days=1))


@pytest.fixture
def day():
    """A working day at least three days ahead."""
    day = timezone.localdate() + timedelta(days=3)
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def booked(clinic: Clinic, day, whose=None, clock: str = "10:00") -> Appointment:
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock, day=day))
    booking = Booking(choice, whose or patient())
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=timezone.now())


@pytest.fixture
def mine(client: Client, clinic: Clinic, day) -> Appointment:
    who = user()
    client.force_login(who)
    return booked(clinic, day, patient(user=who, email=who.email))


def address(visit: Appointment) -> str:
    return f"/visits/{visit.pk}/change/"


def wish(clinic: Clinic, start, **more: object) -> dict[str, object]:
    return {"place": clinic.place.slug, "start": start.isoformat(), "key": str(uuid4()), **more}


def test_the_week_shows_the_old_time_as_free_for_its_own_visit(client: Client, clinic: Clinic, mine, day) -> None:
    page = client.get(address(mine), {"day": day}).content.decode()
    assert "stays yours until you have confirmed another time" in page
    assert 'aria-label="' + mine.during.lower.astimezone(clinic.place.tz).strftime("%A") in page
    assert ">10:15<" in page


def test_old_and_new_are_shown_before_anything_changes(client: Client, clinic: Clinic, mine, day) -> None:
    page = client.get(address(mine), wish(clinic, clinic.at("13:00", day=day)))
    assert page.status_code == 200
    assert "Is this right?" in page.content.decode()
    assert Appointment.objects.get().during == mine.during


def test_one_request_changes_the_time(client: Client, clinic: Clinic, mine, day) -> None:
    answer = client.post(address(mine), wish(clinic, clinic.at("13:00", day=day)), follow=True)
    assert "Your visit has a new time." in answer.content.decode()
    assert Appointment.objects.get().during.lower == clinic.at("13:00", day=day)


def test_a_taken_time_is_answered_with_the_nearest_and_the_old_one_is_kept(
    client: Client, clinic: Clinic, mine, day
) -> None:
    booked(clinic, day, clock="13:00")
    answer = client.post(address(mine), wish(clinic, clinic.at("13:00", day=day)))
    assert answer.status_code == 409
    assert "The nearest free times" in answer.content.decode()
    assert Appointment.objects.get(pk=mine.pk).during == mine.during


@pytest.mark.parametrize("start", ["", "soon", "2027-01-01T10:00", "0001-01-01T00:00+00:00"])
def test_what_is_no_time_is_refused_in_words(client: Client, clinic: Clinic, mine, start: str) -> None:
    data = {"place": clinic.place.slug, "start": start, "key": str(uuid4())}
    for answer in (client.get(address(mine), data), client.post(address(mine), data)):
        assert answer.status_code == 409
        assert "Please choose one of the times shown." in answer.content.decode()


def test_when_it_is_too_late_the_page_of_the_visit_says_so(client: Client, clinic: Clinic, mine) -> None:
    BookingPolicy.objects.create(notice_to_change_hours=24 * 30)
    answer = client.get(address(mine), follow=True)
    assert answer.redirect_chain == [(f"/visits/{mine.pk}/", 302)]
    assert "To change the time, please telephone" in answer.content.decode()


def test_another_patients_visit_is_not_there(client: Client, clinic: Clinic, mine, day) -> None:
    other = booked(clinic, day, patient(given="Other"), "13:00")
    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), wish(clinic, clinic.at("14:30", day=day))).status_code == 404


def test_the_first_free_time_is_one_step_away(client: Client, clinic: Clinic, mine) -> None:
    answer = client.get(address(mine), {"first": 1})
    assert 'class="time"' in answer.content.decode()


@pytest.fixture
def course(client: Client, clinic: Clinic, day) -> list[Appointment]:
    """Three sessions of mine, four weeks apart."""
    who = user()
    client.force_login(who)
    whose = patient(user=who, email=who.email)
    starts = [clinic.at("10:00", day=day + timedelta(days=28 * n)) for n in range(3)]
    asked = NewCourse(whose, clinic.place, tuple(Planned(clinic.microneedling, start) for start in starts))
    operations.book_course(actor=Actor(user=clinic.reception), course=asked, key=uuid4(), now=timezone.now())
    return list(Appointment.objects.order_by("during"))


def shown(client: Client, clinic: Clinic, visit: Appointment, start) -> dict[str, str]:
    """What the page that shows all the new times would send."""
    form = client.get(address(visit), wish(clinic, start)).context["shift_form"]
    return {"key": str(uuid4()), **{name: form[name].value() for name in form.fields if name.startswith("start_")}}


def test_a_later_session_of_the_course_moves_along_when_it_would_come_too_soon(client: Client, clinic, course, day) -> None:
    later = clinic.at("10:00", day=day + timedelta(days=2 if day.weekday() < 3 else 4))
    page = client.get(address(course[0]), wish(clinic, later)).content.decode()
    assert "Your later visits move as well" in page
    assert [visit.during for visit in Appointment.objects.order_by("during")] == [visit.during for visit in course]
    answer = client.post(address(course[0]), shown(client, clinic, course[0], later))
    assert answer["Location"] == "/visits/"
    days = [visit.during.lower.date() for visit in Appointment.objects.order_by("during")]
    assert days[0] == later.date()
    assert [b - a >= timedelta(days=28) for a, b in pairwise(days)] == [True, True]


def test_sessions_that_can_stay_are_not_asked_about(client: Client, clinic, course, day) -> None:
    page = client.get(address(course[0]), wish(clinic, clinic.at("13:00", day=day)))
    assert "shifts" not in page.context
    assert page.context["change_form"]


def test_when_one_of_the_shown_times_is_taken_nothing_moves(client: Client, clinic, course, day) -> None:
    later = clinic.at("10:00", day=day + timedelta(days=2 if day.weekday() < 3 else 4))
    sent = shown(client, clinic, course[0], later)
    sent["start_2"] = clinic.at("03:00", day=day + timedelta(days=40)).isoformat()
    answer = client.post(address(course[0]), sent)
    assert answer.status_code == 409
    assert [visit.during for visit in Appointment.objects.order_by("during")] == [visit.during for visit in course]


def test_somebody_elses_course_is_not_moved(client: Client, clinic, course, day) -> None:
    later = clinic.at("10:00", day=day + timedelta(days=2 if day.weekday() < 3 else 4))
    sent = shown(client, clinic, course[0], later)
    other = user()
    client.force_login(other)
    patient(user=other, email=other.email)
    assert client.post(address(course[0]), sent).status_code == 404


def test_sessions_beyond_the_horizon_move_along_but_nothing_else_goes_there(client: Client, clinic, course, day) -> None:
    """Staff had planned them so far ahead; the limits of patients bind what the patient asks for."""
    BookingPolicy.objects.create(horizon_days=30)
    later = clinic.at("10:00", day=day + timedelta(days=2 if day.weekday() < 3 else 4))
    assert client.post(address(course[0]), shown(client, clinic, course[0], later))["Location"] == "/visits/"
    far = wish(clinic, clinic.at("10:00", day=day + timedelta(days=49)))
    assert client.post(address(course[0]), far).status_code == 409
