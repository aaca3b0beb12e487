"""Closed time on the staff pages: closing, what lies in it, other times kept for it."""

from datetime import timedelta

import pytest
from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Closure
from clinic.scheduling.operations import Closing
from tests.build import MONDAY, Clinic, patient
from tests.clinic.workspace.conftest import booked
from treatments.acting import Actor

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY


def wish(clinic: Clinic, **more: object) -> dict[str, object]:
    days = {"first": TUESDAY.isoformat(), "last": TUESDAY.isoformat()}
    return {"place": clinic.place.slug, "what": "", "kind": "closed", **days, **more}


def closed(clinic: Clinic, **what: object) -> Closure:
    """From eleven on, all day."""
    closing = Closing(clinic.at("11:00"), clinic.at("00:00", day=TUESDAY), **(what or {"location": clinic.place}))
    return operations.close(actor=Actor(user=clinic.reception), closing=closing, now=clinic.at("09:00"))


def test_a_whole_day_is_closed_in_the_locations_own_time(clinic: Clinic, desk: Client) -> None:
    answer = desk.post("/workspace/closures/new/", wish(clinic, note="painters"))
    made = Closure.objects.get()
    assert answer["Location"] == f"/workspace/closures/{made.pk}/"
    assert (made.during.lower, made.during.upper) == (
        clinic.at("00:00", day=TUESDAY),
        clinic.at("00:00", day=TUESDAY + DAY),
    )
    assert "painters" in desk.get("/workspace/closures/").content.decode()


def test_a_person_is_away_between_two_times(clinic: Clinic, desk: Client) -> None:
    who = clinic.practitioners[0]
    data = wish(clinic, what=who.pk, kind="time_off", from_time="13:00", to_time="15:30")
    assert desk.post("/workspace/closures/new/", data).status_code == 302
    made = Closure.objects.get()
    assert (made.resource, made.location, made.during.upper) == (who, None, clinic.at("15:30", day=TUESDAY))


def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_lost(clinic: Clinic, desk: Client) -> None:
    for wrong in (
        {"first": ""},
        {"first": "soon"},
        {"last": MONDAY.isoformat()},
        {"last": "2099-01-01"},
        {"from_time": "09:00"},
        {"from_time": "12:00", "to_time": "11:00"},
        {"kind": "holiday"},
        {"what": "999999"},
        {"note": "x" * 121},
        {"first": "2026-01-01", "last": "2026-01-02"},
    ):
        answer = desk.post("/workspace/closures/new/", wish(clinic, **{"note": "painters", **wrong}))
        assert answer.status_code == 422, wrong
        html = answer.content.decode()
        assert "error-summary" in html
        assert "painters" in html or "xxxx" in html
    assert Closure.objects.count() == 0


def test_visits_in_closed_time_are_listed_and_each_gets_another_time(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic, "12:00", who=patient(email="pat@example.org"))
    made = closed(clinic)
    assert "1 visit lies in it" in desk.get(f"/workspace/closures/{made.pk}/").content.decode()
    desk.post(f"/workspace/closures/{made.pk}/propose/")
    hold = visit.proposals.get()
    html = desk.get(f"/workspace/closures/{made.pk}/").content.decode()
    assert "Kept instead: Tuesday 2 March 2027" in html
    answer = desk.post(f"/workspace/closures/{made.pk}/{visit.pk}/accept/", {"hold": hold.pk})
    assert answer.status_code == 302
    assert Appointment.objects.get().during == hold.during
    assert "No visit is in the way" in desk.get(f"/workspace/closures/{made.pk}/").content.decode()


def test_a_time_that_is_no_longer_kept_is_refused_in_words(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic, "12:00")
    made = closed(clinic)
    for hold in ("", "x", str(visit.pk)):
        answer = desk.post(f"/workspace/closures/{made.pk}/{visit.pk}/accept/", {"hold": hold})
        assert answer.status_code == 409
        assert "This time is no longer kept" in answer.content.decode()


def test_time_is_opened_again(clinic: Clinic, desk: Client) -> None:
    made = closed(clinic)
    assert desk.post(f"/workspace/closures/{made.pk}/reopen/").status_code == 302
    assert Closure.objects.count() == 0
    assert desk.post(f"/workspace/closures/{made.pk}/reopen/").status_code == 404


def test_today_says_when_visits_lie_in_closed_time(clinic: Clinic, desk: Client) -> None:
    booked(clinic, "12:00")
    closed(clinic)
    assert "1 visit lies in closed time" in desk.get("/workspace/").content.decode()


@pytest.mark.parametrize("visits", [1, 3])
def test_the_page_asks_the_same_few_questions(clinic: Clinic, desk: Client, visits: int, django_assert_num_queries) -> None:
    for clock, who in (("11:30", 0), ("14:00", 0), ("12:00", 1))[:visits]:
        booked(clinic, clock, who=patient(given=clock), practitioner=who)
    made = closed(clinic)
    desk.post(f"/workspace/closures/{made.pk}/propose/")
    with django_assert_num_queries(8):
        desk.get(f"/workspace/closures/{made.pk}/")
