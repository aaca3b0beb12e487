"""A course on the staff pages: planned, booked in one go, moved together."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Course
from clinic.scheduling.operations import Booking, Choice, NewCourse, Planned
from patients.models import Patient
from tests.build import MONDAY, NOW, Clinic, patient
from treatments.acting import Actor

DAY = timedelta(days=1)


def wish(clinic: Clinic, whose: Patient, **more: object) -> dict[str, Any]:
    return {
        "patient": whose.pk,
        "what_1": clinic.microneedling.pk,
        "times_1": 3,
        "place": clinic.place.slug,
        "first": (MONDAY + DAY).isoformat(),
        **more,
    }


def address(whose: Patient) -> str:
    return f"/workspace/patients/{whose.pk}/course/"


def planned(desk: Client, clinic: Clinic, whose: Patient, **more: object) -> dict[str, str]:
    """What the plan's form would send back as it stands."""
    page = desk.get(address(whose), wish(clinic, whose, **more))
    assert page.status_code == 200
    form = page.context["form"]
    starts = {name: form[name].value() for name in form.fields if name.startswith("start_")}
    return {"key": str(uuid4()), **starts}


def send(desk: Client, clinic: Clinic, whose: Patient, data: dict[str, str], **more: object):
    from urllib.parse import urlencode

    return desk.post(f"{address(whose)}?{urlencode(wish(clinic, whose, **more), doseq=True)}", data)


def booked(clinic: Clinic, whose: Patient, *days: int) -> Course:
    sessions = tuple(Planned(clinic.microneedling, clinic.at("11:00", day=MONDAY + day * DAY)) for day in days)
    asked = NewCourse(whose, clinic.place, sessions)
    return operations.book_course(actor=Actor(user=clinic.reception), course=asked, key=uuid4(), now=NOW)


def test_the_plan_is_shown_before_anything_is_stored(clinic: Clinic, desk: Client) -> None:
    whose = patient()
    data = planned(desk, clinic, whose, what_2=clinic.consultation.pk, times_2=1)
    assert len([name for name in data if name.startswith("start_")]) == 4
    assert Course.objects.count() == 0


def test_one_request_books_it_all(clinic: Clinic, desk: Client) -> None:
    whose = patient()
    answer = send(desk, clinic, whose, planned(desk, clinic, whose))
    made = Course.objects.get()
    assert answer["Location"] == f"/workspace/courses/{made.pk}/"
    assert [item.appointment is not None for item in made.items.all()] == [True] * 3
    page = desk.get(answer["Location"]).content.decode()
    assert "0 of 3 sessions done" in page


def test_a_session_can_be_left_open(clinic: Clinic, desk: Client) -> None:
    whose = patient()
    answer = send(desk, clinic, whose, {**planned(desk, clinic, whose), "start_2": ""})
    assert "To be planned; the earliest day is" in desk.get(answer["Location"]).content.decode()


def test_a_time_that_is_taken_meanwhile_is_named_and_the_others_are_kept(clinic: Clinic, desk: Client) -> None:
    whose = patient()
    data = planned(desk, clinic, whose)
    for name in ("One", "Two"):
        choice = Choice(clinic.microneedling, clinic.place, clinic_time(data["start_1"]))
        booking = Booking(choice, patient(given=name))
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    answer = send(desk, clinic, whose, data)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Session 2:" in html
    assert f'value="{data["start_0"]}" selected' in html
    assert Course.objects.count() == 0


def clinic_time(text: str):
    from datetime import datetime

    return datetime.fromisoformat(text)


def test_what_cannot_be_read_is_said_and_nothing_is_lost(clinic: Clinic, desk: Client) -> None:
    whose = patient()
    for wrong in (
        {"first": "soon"},
        {"times_1": "0"},
        {"times_1": "9000"},
        {"what_1": "laser"},
        {"place": "moon"},
        {"from_time": "15:00", "to_time": "14:00"},
        {"weekdays": ["8"]},
        {"what_2": str(clinic.consultation.pk)},
    ):
        answer = desk.get(address(whose), wish(clinic, whose, **wrong))
        assert answer.status_code == 422, wrong
        assert "error-summary" in answer.content.decode()


def test_moving_one_session_shows_what_moves_and_moves_it_all(clinic: Clinic, desk: Client) -> None:
    made = booked(clinic, patient(), 1, 29, 57)
    start = clinic.at("11:00", day=MONDAY + 36 * DAY).isoformat()
    page = desk.get(f"/workspace/courses/{made.pk}/2/", {"start": start})
    assert [shift.stays for shift in page.context["shifts"]] == [False, False]
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields}
    answer = desk.post(f"/workspace/courses/{made.pk}/2/", data)
    assert answer.status_code == 302
    days = [(item.appointment.during.lower.date() - MONDAY).days for item in made.items.all()]
    assert days == [1, 36, 64]


def test_sessions_that_are_far_enough_stay(clinic: Clinic, desk: Client) -> None:
    made = booked(clinic, patient(), 1, 29, 64)
    start = clinic.at("11:00", day=MONDAY + 30 * DAY).isoformat()
    page = desk.get(f"/workspace/courses/{made.pk}/2/", {"start": start})
    assert [shift.stays for shift in page.context["shifts"]] == [False, True]


def test_mangled_moves_are_refused_in_words(clinic: Clinic, desk: Client) -> None:
    made = booked(clinic, patient(), 1, 29)
    for data in ({}, {"start_2": "x"}, {"start_2": clinic.at("11:00").isoformat()}, {"key": "x", "start_2": ""}):
        assert desk.post(f"/workspace/courses/{made.pk}/2/", data).status_code == 409
    assert desk.get(f"/workspace/courses/{made.pk}/7/").status_code == 302
    assert Appointment.objects.filter(course_item__course=made).count() == 2


def test_a_patient_sees_the_own_course_and_the_earliest_day_of_the_next(clinic: Clinic, desk: Client) -> None:
    whose = patient(user=clinic.reception)
    sessions = (Planned(clinic.microneedling, clinic.at("11:00", day=MONDAY + DAY)), Planned(clinic.microneedling, None))
    asked = NewCourse(whose, clinic.place, sessions)
    operations.book_course(actor=Actor(user=clinic.reception), course=asked, key=uuid4(), now=NOW)
    html = desk.get("/visits/").content.decode()
    assert "Your course: 0 of 2 done" in html
    assert "the earliest day is Tuesday 30 March 2027" in html
