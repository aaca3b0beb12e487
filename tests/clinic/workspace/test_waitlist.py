"""The waitlist on the staff pages: who waits, whom a time suits and why, and what is said on the telephone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import Joining
from clinic.scheduling.policies.matching import Reason, Why, Wishes
from clinic.workspace.waitlist_words import WORDS, reason_words
from patients.models import Patient
from tests.build import MONDAY, NOW, Clinic, patient
from tests.clinic.workspace.conftest import booked, someone
from treatments.acting import Actor

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY
LIST = "/workspace/waitlist/"


def waits(clinic: Clinic, who: Patient, **wished: Any) -> WaitlistEntry:
    joining = Joining(who, clinic.microneedling, clinic.place, Wishes(TUESDAY, TUESDAY, **wished))
    return operations.join(actor=Actor(user=clinic.reception), joining=joining, now=NOW)


def offered(clinic: Clinic, who: Patient) -> WaitlistOffer:
    waits(clinic, who)
    operations.offer_times(now=clinic.at("09:50"))
    return WaitlistOffer.objects.get()


def address(clinic: Clinic, page: str, **more: Any) -> str:
    query = {"treatment": clinic.microneedling.pk, "place": clinic.place.slug, **more}
    return f"{LIST}{page}/?" + "&".join(f"{name}={value}" for name, value in query.items())


def form(**more: Any) -> dict[str, Any]:
    return {"first": TUESDAY.isoformat(), "last": TUESDAY.isoformat(), "who": "", **more}


def fits(page: Any) -> dict[str, tuple[bool, list[str]]]:
    return {fit.entry.patient.given_name: (fit.is_possible, fit.reasons) for fit in page.context["fits"]}


@pytest.mark.parametrize("roles", [(), ("content_admin",), ("practitioner",)])
@pytest.mark.parametrize("path", ["", "new/", "times/"])
def test_only_the_desk_has_these_pages(db: None, roles: tuple[str, ...], path: str) -> None:
    assert someone(*roles).get(LIST + path).status_code == 403


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(Why)
    assert reason_words(Reason(Why.RESTS, MONDAY)) == ("too near to another visit: the earliest day is Monday 1 March 2027")


def test_an_empty_list_says_what_next(clinic: Clinic, desk: Client) -> None:
    page = desk.get(LIST).content.decode()
    assert "Nobody waits" in page
    assert 'href="/workspace/book/"' in page


def test_the_list_says_who_waits_since_when_and_what_is_offered(clinic: Clinic, desk: Client) -> None:
    offered(clinic, patient(given="Amira", phone="020 7946 0001"))
    waits(clinic, patient(given="Jonas"), weekdays=(2,), note="Calls back after four")
    page = desk.get(LIST).content.decode()
    for words in (
        "Amira Example",
        "020 7946 0001",
        "Waiting since Friday 26 February 2027, 09:00",
        "kept until Monday 1 March 2027, 13:50",
        "Tuesday 2 March 2027 to Tuesday 2 March 2027; Tuesday.",
        "Calls back after four",
    ):
        assert words in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_few_questions_however_many_wait(
    clinic: Clinic, desk: Client, number: int, django_assert_num_queries
) -> None:
    for n in range(number):
        waits(clinic, patient(given=f"P{n}"))
    with django_assert_num_queries(8):
        page = desk.get(LIST)
    assert [len(group.rows) for group in page.context["groups"]] == [number]


def test_a_patient_on_the_telephone_is_put_on_the_list(clinic: Clinic, desk: Client) -> None:
    who = patient(given="Amira")
    here = address(clinic, "new", patient=who.pk)
    booking = desk.get(f"/workspace/book/?patient={who.pk}&treatment={clinic.microneedling.pk}").content.decode()
    assert here.replace("&", "&amp;").split("?")[0] in booking
    assert "Put Amira Example on the waitlist" in desk.get(here).content.decode()
    assert desk.post(here, form(weekdays=["2"], note="rings back"))["Location"] == LIST
    entry = WaitlistEntry.objects.get()
    assert (entry.patient, entry.weekdays, entry.note, entry.instead_of) == (who, [2], "rings back", None)
    again = desk.post(here, form())
    assert again.status_code == 409
    assert desk.post(here, form(last="")).status_code == 422


def test_a_planned_visit_can_be_made_sooner(clinic: Clinic, desk: Client) -> None:
    who = patient()
    visit = booked(clinic, "14:00", who=who)
    here = address(clinic, "new", patient=who.pk)
    assert f"visit={visit.pk}" in desk.get(here).content.decode()
    assert desk.post(f"{here}&visit={visit.pk}", form())["Location"] == LIST
    assert WaitlistEntry.objects.get().instead_of == visit


@pytest.mark.parametrize("query", ["", "?treatment=1e9&place=x", "?patient=x"])
def test_an_address_that_names_nothing_on_offer_is_not_found(clinic: Clinic, desk: Client, query: str) -> None:
    for page in ("new", "times"):
        assert desk.get(f"{LIST}{page}/{query}").status_code == 404


def test_without_a_patient_one_is_found_first(clinic: Clinic, desk: Client) -> None:
    for unknown in ({}, {"patient": "x"}, {"patient": uuid4()}):
        assert desk.get(address(clinic, "new", **unknown))["Location"] == "/workspace/book/"


def test_the_patient_accepts_on_the_telephone(clinic: Clinic, desk: Client) -> None:
    offer = offered(clinic, patient())
    assert desk.get(f"{LIST}offers/{offer.pk}/").status_code == 405
    answers = [desk.post(f"{LIST}offers/{offer.pk}/", {"answer": "accept", "key": str(uuid4())}) for _ in range(2)]
    visit = Appointment.objects.get()
    assert {one["Location"] for one in answers} == {f"/workspace/visits/{visit.pk}/"}
    assert visit.status == Status.BOOKED
    assert WaitlistEntry.objects.get().outcome == "booked"


def test_the_patient_declines_or_leaves_the_list(clinic: Clinic, desk: Client) -> None:
    offer = offered(clinic, patient())
    assert desk.post(f"{LIST}offers/{offer.pk}/", {"answer": "decline", "key": str(uuid4())})["Location"] == LIST
    assert not Appointment.objects.exists()
    assert desk.post(f"{LIST}{offer.entry_id}/withdraw/")["Location"] == LIST
    assert WaitlistEntry.objects.get().outcome == "withdrawn"


def test_what_cannot_be_done_any_more_is_said_on_the_list(clinic: Clinic, desk: Client) -> None:
    offer = offered(clinic, patient())
    for data in ({}, {"answer": "perhaps", "key": "x"}):
        assert desk.post(f"{LIST}offers/{offer.pk}/", data).status_code == 409
    operations.decline(actor=Actor(user=clinic.reception), offer=offer.pk, now=clinic.at("09:50"))
    gone = desk.post(f"{LIST}offers/{offer.pk}/", {"answer": "accept", "key": str(uuid4())})
    assert gone.status_code == 409
    assert "no longer kept" in gone.content.decode()
    assert desk.post(f"{LIST}{uuid4()}/withdraw/").status_code == 409


def test_for_each_free_time_the_page_says_whom_it_suits_and_why_not_the_others(clinic: Clinic, desk: Client) -> None:
    busy, rests = patient(given="Busy"), patient(given="Rests")
    booked(clinic, "14:00", who=rests)
    for who in (busy, rests, patient(given="Fits")):
        waits(clinic, who)
    waits(clinic, patient(given="Monday"), weekdays=(1,))
    waits(clinic, patient(given="Late"), practitioner=clinic.practitioners[0].pk, weekdays=(5,))
    page = desk.get(address(clinic, "times", day=TUESDAY.isoformat()))
    assert page.context["free"].day == TUESDAY
    found = fits(page)
    assert found["Fits"] == found["Busy"] == (True, [])
    assert found["Rests"] == (False, ["too near to another visit: the earliest day is Monday 29 March 2027"])
    assert found["Monday"] == (True, ["wishes another weekday"])
    assert list(found)[-1] == "Rests"
    wednesday = fits(desk.get(address(clinic, "times", day=(TUESDAY + DAY).isoformat())))
    assert wednesday["Fits"] == (False, ["not on the days asked for"])


def test_what_the_page_calls_first_is_what_is_offered(clinic: Clinic, desk: Client) -> None:
    for given, wished in (("Other", {"weekdays": (1,)}), ("First", {"weekdays": (2,)}), ("Second", {})):
        waits(clinic, patient(given=given), **wished)
    order = list(fits(desk.get(address(clinic, "times", day=TUESDAY.isoformat()))))
    operations.offer_times(now=clinic.at("09:50"))
    offers = WaitlistOffer.objects.order_by("offered_at", "start", "pk")
    assert order[-1] == "Other"
    assert {offer.entry.patient.given_name for offer in offers} == {"First", "Second", "Other"}


def test_when_nothing_is_free_the_page_says_so(clinic: Clinic, desk: Client) -> None:
    waits(clinic, patient())
    clinic.rooms[0].hours.all().delete()
    clinic.rooms[1].hours.all().delete()
    page = desk.get(address(clinic, "times"))
    assert "Nothing is free that could be offered" in page.content.decode()


@pytest.mark.parametrize("query", [{"day": "soon"}, {"day": "9999-99-99"}, {"start": "x"}, {"day": "2020-01-01"}])
def test_an_unreadable_day_means_the_first_one(clinic: Clinic, desk: Client, query: dict[str, str]) -> None:
    assert desk.get(address(clinic, "times", **query)).context["free"].day == MONDAY
