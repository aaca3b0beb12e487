"""A patient's pages of the waitlist: joining, changing, leaving, and answering an offer."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import Booking, Choice, Joining
from clinic.scheduling.policies.matching import Wishes
from patients.models import Patient
from tests.build import MONDAY, NOW, Clinic, user
from tests.patients.world import answer_all, person, ticket
from treatments.acting import Actor
from treatments.models import QuestionnaireVersion, Treatment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TELLING = ("microneedling", "laser", "acne", "scar")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(request: pytest.FixtureRequest) -> Clinic:
    return Clinic(screening=getattr(request, "param", False))


@pytest.fixture
def pat(client: Client, clinic: Clinic) -> Patient:
    who = person(email="pat@example.org")
    client.force_login(who.user)
    if QuestionnaireVersion.objects.live(NOW):
        answer_all(who, ticket(on=MONDAY), NOW)
    return who


def form(**more: Any) -> dict[str, Any]:
    return {"first": MONDAY.isoformat(), "last": (MONDAY + DAY).isoformat(), "who": "", **more}


def new(clinic: Clinic, **more: Any) -> str:
    query = {"treatment": clinic.microneedling.pk, "place": clinic.place.slug, **more}
    return "/waitlist/new/?" + "&".join(f"{name}={value}" for name, value in query.items())


def waiting(clinic: Clinic, who: Patient, instead_of: UUID | None = None) -> WaitlistEntry:
    joining = Joining(who, clinic.microneedling, clinic.place, Wishes(MONDAY, MONDAY), instead_of)
    return operations.join(actor=Actor(user=clinic.reception), joining=joining, now=NOW)


def offered(clinic: Clinic, who: Patient, **more: Any) -> WaitlistOffer:
    waiting(clinic, who, **more)
    operations.offer_times(now=NOW)
    return WaitlistOffer.objects.select_related("entry").get()


def answer(client: Client, offer: WaitlistOffer, said: str, key: str = ""):
    return client.post(f"/waitlist/offers/{offer.pk}/", {"answer": said, "key": key or str(uuid4())})


def test_the_week_and_the_visit_lead_to_the_list(client: Client, clinic: Clinic, pat: Patient) -> None:
    week = client.get(f"/book/{clinic.microneedling.pk}/").content.decode()
    assert f'href="/waitlist/new/?treatment={clinic.microneedling.pk}&amp;place=high-street"' in week
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=MONDAY + 7 * DAY))
    visit = operations.book(actor=Actor(user=clinic.reception), booking=Booking(choice, pat), key=uuid4(), now=NOW)
    assert f'href="/waitlist/new/?visit={visit.pk}"' in client.get(f"/visits/{visit.pk}/").content.decode()
    page = client.get(f"/waitlist/new/?visit={visit.pk}")
    assert "Tell me if something sooner becomes free" in page.content.decode()
    assert page.context["form"]["last"].value() == MONDAY + 6 * DAY
    assert client.post(f"/waitlist/new/?visit={visit.pk}", form()).status_code == 302
    assert WaitlistEntry.objects.get().instead_of == visit


def test_joining_keeps_what_was_wished(client: Client, clinic: Clinic, pat: Patient) -> None:
    who = clinic.practitioners[0]
    wished = form(weekdays=["1", "2"], from_time="09:30", to_time="12:00", who=str(who.pk))
    assert client.post(new(clinic), wished)["Location"] == "/waitlist/"
    entry = WaitlistEntry.objects.get()
    assert (entry.patient, entry.weekdays, entry.practitioner, str(entry.from_time)) == (pat, [1, 2], who, "09:30:00")
    page = client.get("/waitlist/").content.decode()
    assert "Monday 1 March 2027 to Tuesday 2 March 2027; Monday, Tuesday; from 09:30; beginning by 12:00; with Dr A." in page
    again = client.get(f"/waitlist/{entry.pk}/").content.decode()
    assert 'value="2027-03-01"' in again
    assert again.count("checked") == 2


def test_the_same_list_twice_is_refused_and_a_double_click_is_not(client: Client, clinic: Clinic, pat: Patient) -> None:
    assert [client.post(new(clinic), form()).status_code for _ in range(2)] == [302, 302]
    refused = client.post(new(clinic), form(weekdays=["5"]))
    assert refused.status_code == 409
    assert "You are on this waitlist already" in refused.content.decode()
    assert WaitlistEntry.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": ""},
        {"last": "soon"},
        {"last": "2027-02-28"},
        {"last": "2099-01-01"},
        {"first": "0001-01-01"},
        {"first": "2020-01-01", "last": "2020-01-02"},
        {"weekdays": ["8"]},
        {"weekdays": ["x"]},
        {"from_time": "12:00", "to_time": "12:00"},
        {"from_time": "25:00"},
        {"who": "999999"},
        {"who": "\x00"},
    ],
)
def test_what_cannot_be_wished_is_said_beside_the_field(
    client: Client, clinic: Clinic, pat: Patient, wrong: dict[str, Any]
) -> None:
    page = client.post(new(clinic), form(**wrong))
    assert page.status_code == 422
    assert "error-summary" in page.content.decode()
    assert not WaitlistEntry.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "?treatment=1e9", "?visit=x", "?visit=00000000-0000-4000-8000-000000000000", "?treatment=9999999"]
)
def test_nothing_is_waited_for_that_is_not_offered(client: Client, clinic: Clinic, pat: Patient, query: str) -> None:
    assert client.get(f"/waitlist/new/{query}").status_code == 404
    assert client.post(f"/waitlist/new/{query}", form()).status_code == 404


def test_who_is_new_says_who_they_are_and_comes_back(client: Client, clinic: Clinic) -> None:
    client.force_login(user(email="new@example.org"))
    answer = client.get(new(clinic))
    assert answer["Location"].startswith("/book/details/?next=%2Fwaitlist%2Fnew%2F")
    details = {
        "given_name": "Pat",
        "family_name": "New",
        "birth_date_day": "17",
        "birth_date_month": "5",
        "birth_date_year": "1990",
        "phone": "0207 946 0000",
    }
    registered = client.post(answer["Location"], details)
    assert registered["Location"] == new(clinic)
    assert client.get(registered["Location"]).status_code == 200
    assert client.get("/book/details/?next=//evil.example/")["Location"] == "/book/next/"


def test_wishes_are_changed_and_the_list_is_left(client: Client, clinic: Clinic, pat: Patient) -> None:
    entry = waiting(clinic, pat)
    assert client.post(f"/waitlist/{entry.pk}/", form(weekdays=["4"]))["Location"] == "/waitlist/"
    entry.refresh_from_db()
    assert entry.weekdays == [4]
    assert client.post(f"/waitlist/{entry.pk}/", form(last="")).status_code == 422
    assert client.get(f"/waitlist/{entry.pk}/withdraw/").status_code == 405
    client.post(f"/waitlist/{entry.pk}/withdraw/")
    entry.refresh_from_db()
    assert entry.outcome == "withdrawn"
    assert client.get(f"/waitlist/{entry.pk}/").status_code == 404
    assert "You are on no waitlist" in client.get("/waitlist/").content.decode()


@pytest.mark.parametrize("entries", [1, 3])
def test_the_list_asks_the_same_few_questions_however_long_it_is(
    client: Client, clinic: Clinic, pat: Patient, entries: int, django_assert_num_queries
) -> None:
    for treatment in Treatment.objects.order_by("pk")[:entries]:
        days = DateRange(MONDAY, MONDAY + DAY)
        WaitlistEntry.objects.create(patient=pat, treatment=treatment, location=clinic.place, days=days, created_at=NOW)
    with django_assert_num_queries(8):
        assert len(client.get("/waitlist/").context["entries"]) == entries


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_an_offer_is_accepted_by_post_only(client: Client, clinic: Clinic, pat: Patient) -> None:
    offer = offered(clinic, pat)
    page = client.get(f"/waitlist/offers/{offer.pk}/").content.decode()
    assert "Does this time suit you?" in page
    assert "Friday 26 February 2027, 13:00" in page  # kept until
    assert "A time is kept for you" in client.get("/waitlist/").content.decode()
    assert Appointment.objects.get().status == Status.PROPOSED
    key = str(uuid4())
    places = {answer(client, offer, "accept", each)["Location"] for each in (key, key, "")}
    visit = Appointment.objects.get()
    assert places == {f"/visits/{visit.pk}/done/"}
    assert (visit.status, visit.patient) == (Status.BOOKED, pat)
    assert "You have accepted this time" in client.get(f"/waitlist/offers/{offer.pk}/").content.decode()


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_an_offer_is_declined_and_the_waiting_goes_on(client: Client, clinic: Clinic, pat: Patient) -> None:
    offer = offered(clinic, pat)
    assert answer(client, offer, "decline")["Location"] == "/waitlist/"
    assert not Appointment.objects.exists()
    assert "no longer kept" in client.get(f"/waitlist/offers/{offer.pk}/").content.decode()
    refused = answer(client, offer, "accept")
    assert refused.status_code == 409
    assert "You are still on the waitlist" in refused.content.decode()


@pytest.mark.parametrize("data", [{}, {"answer": "accept"}, {"answer": "x", "key": "y"}, {"key": str(uuid4())}])
def test_a_request_that_says_nothing_books_nothing(
    client: Client, clinic: Clinic, pat: Patient, data: dict[str, str]
) -> None:
    offer = offered(clinic, pat)
    assert client.post(f"/waitlist/offers/{offer.pk}/", data).status_code in (200, 409)
    assert Appointment.objects.get().status == Status.PROPOSED


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_open_questions_come_first_and_lead_back(client: Client, clinic: Clinic) -> None:
    who = person()
    client.force_login(who.user)
    offer = offered(clinic, who)
    asked = answer(client, offer, "accept")
    assert asked["Location"].startswith("/questions/?ticket=")
    assert Appointment.objects.get().status == Status.PROPOSED
    here = f"/waitlist/offers/{offer.pk}/"
    first = client.get(asked["Location"])
    assert first.status_code == 302
    answer_all(who, ticket(on=MONDAY), NOW)
    assert client.get(asked["Location"])["Location"] == here
    assert answer(client, offer, "accept")["Location"].endswith("/done/")


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_answers_that_ask_to_talk_first_are_told_in_words(client: Client, clinic: Clinic) -> None:
    who = person()
    client.force_login(who.user)
    offer = offered(clinic, who)
    answer_all(who, ticket(on=MONDAY), NOW, pregnant="yes")
    refused = answer(client, offer, "accept")
    assert refused.status_code == 409
    assert "We&#x27;d like to talk to you before booking" in refused.content.decode()


def test_nobody_sees_or_answers_anothers_offer(client: Client, clinic: Clinic, pat: Patient) -> None:
    offer, other = offered(clinic, pat), Client()
    other.force_login(person(given="Other").user)
    for path in (f"/waitlist/offers/{offer.pk}/", f"/waitlist/{offer.entry_id}/", f"/waitlist/{offer.entry_id}/withdraw/"):
        assert other.get(path).status_code in (404, 405)
        assert other.post(path, {"answer": "accept", "key": str(uuid4()), **form()}).status_code == 404
    assert "You are on no waitlist" in other.get("/waitlist/").content.decode()
    assert WaitlistOffer.objects.get().answer == "open"


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_the_address_of_an_offer_says_nothing_of_the_treatment(client: Client, clinic: Clinic, pat: Patient) -> None:
    offer = offered(clinic, pat)
    said = answer(client, offer, "accept")["Location"] + client.get(f"/waitlist/offers/{offer.pk}/").request["PATH_INFO"]
    assert [word for word in TELLING if word in said.lower()] == []
