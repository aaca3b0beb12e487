"""Another time, another end, another room, on the staff pages."""

from datetime import timedelta
from uuid import uuid4

from django.test import Client

from clinic.scheduling.models import Appointment, Resource
from tests.build import MONDAY, Clinic, patient
from tests.clinic.workspace.conftest import booked, moved

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY


def wish(clinic: Clinic, clock: str, day=TUESDAY, **more: object) -> dict[str, object]:
    start = clinic.at(clock, day=day).isoformat()
    return {"place": clinic.place.slug, "who": "", "start": start, "key": str(uuid4()), **more}


def test_a_day_shows_its_free_times_and_the_choice_beside_the_old_time(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    page = desk.get(f"/workspace/visits/{visit.pk}/change/", {"day": TUESDAY.isoformat()})
    assert clinic.at("13:00", day=TUESDAY) in page.context["times"]
    html = desk.get(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "13:00")).content.decode()
    assert "Now Monday 1 March 2027, 10:00 with Dr A" in html
    assert "Tuesday 2 March 2027, 13:00" in html
    assert Appointment.objects.get().during == visit.during


def test_one_request_changes_it_and_the_history_says_from_when_to_when(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    answer = desk.post(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "13:00", reason="asked to"), follow=True)
    html = " ".join(answer.content.decode().split())
    assert "Monday 1 March 2027, 10:00 → Tuesday 2 March 2027, 13:00" in html
    assert "Reason: asked to" in html


def test_a_taken_time_is_refused_with_the_nearest(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    for who in (0, 1):
        booked(clinic, "13:00", who=patient(given=f"Other {who}"), practitioner=who)
    answer = desk.post(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "13:00", day=MONDAY))
    assert answer.status_code == 409
    assert len(answer.context["nearest"]) == 3
    assert Appointment.objects.get(pk=visit.pk).during == visit.during


def test_out_of_hours_needs_a_reason(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    answer = desk.post(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "19:00", reason="by train"))
    assert answer.status_code == 409
    assert "Change it all the same, because" in answer.content.decode()
    assert 'value="by train"' in answer.content.decode()
    answer = desk.post(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "19:00", override="as agreed"))
    assert answer.status_code == 302
    assert Appointment.objects.get().during.lower == clinic.at("19:00", day=TUESDAY)


def test_what_is_no_time_is_refused_in_words(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    for start in ("", "soon", "2027-03-02T10:00"):
        for send in (desk.get, desk.post):
            answer = send(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "13:00") | {"start": start})
            assert answer.status_code == 409


def test_what_is_over_or_not_there_cannot_be_changed(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    moved(desk, visit, "cancel")
    moved(desk, visit, "arrive")
    assert desk.get(f"/workspace/visits/{uuid4()}/change/").status_code == 404
    assert desk.get(f"/workspace/visits/{uuid4()}/adjust/").status_code == 404


def test_a_visit_runs_late_and_goes_on_elsewhere(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    other = next(room for room in clinic.rooms if not visit.claims.filter(resource=room).exists())
    answer = desk.post(f"/workspace/visits/{visit.pk}/adjust/", {"ends": "11:45", "room": other.pk, "reason": "slow"})
    assert answer.status_code == 302
    stored = Appointment.objects.get()
    assert stored.during.upper == clinic.at("11:45")
    assert stored.claims.filter(resource=other).exists()


def test_whom_it_would_touch_is_named_and_nothing_is_lost(clinic: Clinic, desk: Client) -> None:
    Resource.objects.filter(pk=clinic.rooms[1].pk).update(active=False)
    visit = booked(clinic)
    booked(clinic, "11:45", who=patient(given="Kim"))
    answer = desk.post(f"/workspace/visits/{visit.pk}/adjust/", {"ends": "12:15", "reason": "slow"})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Kim Example, 11:45" in html
    assert 'value="slow"' in html
    for ends in ("", "late", "09:00", "25:00"):
        assert desk.post(f"/workspace/visits/{visit.pk}/adjust/", {"ends": ends}).status_code in (409, 422)


def test_a_colleague_neither_sees_the_buttons_nor_gets_through(clinic: Clinic, colleague: Client) -> None:
    visit = booked(clinic)
    html = colleague.get(f"/workspace/visits/{visit.pk}/").content.decode()
    assert "/adjust/" not in html
    assert "/change/" not in html
    assert colleague.post(f"/workspace/visits/{visit.pk}/adjust/", {"ends": "11:35"}).status_code == 409
    assert colleague.post(f"/workspace/visits/{visit.pk}/change/", wish(clinic, "13:00")).status_code == 403
