"""The page on which what comes first is chosen together with the visit."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from clinic.scheduling.models import Appointment, Offer, Status
from clinic.scheduling.words import day_words
from patients.models import Patient
from tests.build import patient, user
from tests.patients.world import answer_all, ticket
from tests.scheduling.laser import Laser

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
asking = pytest.mark.parametrize("clinic", [True], indirect=True)


@pytest.fixture
def clinic(request: pytest.FixtureRequest) -> Laser:
    """Open since yesterday; with questions and rules where a test asks for them."""
    return Laser(now=timezone.now() - DAY, screening=getattr(request, "param", False))


@pytest.fixture
def monday() -> date:
    """The second Monday from now."""
    today = timezone.localdate()
    return today + timedelta(days=14 - today.weekday())


@pytest.fixture
def who(client: Client) -> Patient:
    known = user()
    client.force_login(known)
    return patient(user=known, email=known.email)


def page_of(clinic: Laser) -> str:
    return f"/book/{clinic.nafl.pk}/first/"


def pick(client: Client, clinic: Laser, day: date, clock: str = "10:00", chosen: str = "") -> HttpResponse:
    start = clinic.at(clock, day=day).isoformat()
    return client.get(page_of(clinic), {"place": clinic.place.slug, "who": "", "chosen": chosen, "start": start})


def both(client: Client, clinic: Laser, monday: date, *, then: int = 7) -> HttpResponse:
    """The last page of the choice, after the questions."""
    one = pick(client, clinic, monday)
    chosen = client.get(one["Location"]).context["looking"].chosen
    two = pick(client, clinic, monday + then * DAY, chosen=chosen)
    return client.get(two["Location"])


def answered(who: Patient, *days: date) -> None:
    for code, day in zip(("consultation", "nafl"), days, strict=True):
        answer_all(who, ticket(code, on=day), timezone.now())


def send(client: Client, clinic: Laser, page: HttpResponse, **changes: str) -> HttpResponse:
    fields = {name: page.context["form"][name].value() for name in ("place", "chosen")}
    return client.post(page_of(clinic), {"key": str(uuid4()), **fields, **changes})


def text_of(page: HttpResponse) -> str:
    return page.content.decode()


@asking
def test_from_the_times_to_two_visits(client: Client, clinic: Laser, who: Patient, monday: date) -> None:
    times = text_of(client.get(f"/book/{clinic.nafl.pk}/"))
    assert "Before this visit comes a consultation, at least 7 days earlier." in times
    assert f'href="{page_of(clinic)}?place=high-street"' in times
    first = text_of(client.get(page_of(clinic)))
    assert "First: Consultation" in first
    assert "A consultation, at least 7 days earlier. Time to think" in first
    answered(who, monday, monday + 7 * DAY)
    page = both(client, clinic, monday)
    assert "Book all of them" in text_of(page)
    assert send(client, clinic, page).url == "/visits/"
    assert [(v.treatment.code, v.status) for v in who.appointments.order_by("during")] == [
        ("consultation", Status.BOOKED),
        ("nafl", Status.PENDING),
    ]


def test_the_second_week_begins_when_the_first_choice_allows_and_says_why(
    client: Client, clinic: Laser, who: Patient, monday: date
) -> None:
    page = client.get(pick(client, clinic, monday)["Location"])
    earliest = monday + 7 * DAY
    assert f"The earliest day we can offer is {day_words(earliest)}, because a consultation comes" in text_of(page)
    assert page.context["open_day"].day >= earliest
    assert all(not day.times for day in page.context["days"] if day.day < earliest)


@asking
def test_open_questions_are_asked_before_the_last_page_and_lead_back(
    client: Client, clinic: Laser, who: Patient, monday: date
) -> None:
    one = pick(client, clinic, monday)
    chosen = client.get(one["Location"]).context["looking"].chosen
    two = pick(client, clinic, monday + 7 * DAY, chosen=chosen)
    asked = client.get(two["Location"])
    assert asked.status_code == 302
    assert asked["Location"].startswith("/questions/?ticket=")
    answered(who, monday, monday + 7 * DAY)
    assert client.get(client.get(asked["Location"])["Location"]).status_code == 200


@asking
def test_a_time_that_is_lost_is_chosen_again_and_the_other_is_kept(
    client: Client, clinic: Laser, who: Patient, monday: date
) -> None:
    answered(who, monday, monday + 7 * DAY)
    page = both(client, clinic, monday)
    for name in ("One", "Two"):
        clinic.book(patient(given=name), clinic.consultation, monday, now=timezone.now())
    lost = send(client, clinic, page)
    assert lost.status_code == 409
    assert len(lost.context["nearest"]) == 3
    assert not who.appointments.exists()
    again = client.get(pick(client, clinic, monday, "12:00", lost.context["looking"].chosen)["Location"])
    assert send(client, clinic, again).status_code == 302
    assert who.appointments.count() == 2


@asking
def test_choosing_the_first_later_asks_for_the_second_again(
    client: Client, clinic: Laser, who: Patient, monday: date
) -> None:
    answered(who, monday, monday + 7 * DAY)
    page = both(client, clinic, monday)
    chosen = page.context["front"].picked(0, None).chosen
    later = client.get(pick(client, clinic, monday + 3 * DAY, chosen=chosen)["Location"])
    assert later.context["front"].step == 1


@asking
def test_pressing_twice_books_once(client: Client, clinic: Laser, who: Patient, monday: date) -> None:
    answered(who, monday, monday + 7 * DAY)
    page, key = both(client, clinic, monday), str(uuid4())
    assert [send(client, clinic, page, key=key).status_code for _ in range(2)] == [302, 302]
    assert who.appointments.count() == 2


def test_where_nothing_is_missing_it_is_the_usual_page(client: Client, clinic: Laser, who: Patient) -> None:
    address = f"/book/{clinic.microneedling.pk}/"
    assert client.get(f"{address}first/")["Location"] == address


def test_where_no_place_offers_both_one_telephones(client: Client, clinic: Laser, who: Patient) -> None:
    Offer.objects.filter(treatment=clinic.consultation).delete()
    assert clinic.place.telephone in text_of(client.get(page_of(clinic)))


@asking
def test_the_journey_of_a_hold_leads_there(client: Client, clinic: Laser, monday: date) -> None:
    """Held before signing in: only then is it known what is missing."""
    start = clinic.at("10:00", day=monday).isoformat()
    client.post(f"/book/{clinic.nafl.pk}/hold/", {"place": clinic.place.slug, "start": start, "key": str(uuid4())})
    known = user()
    client.force_login(known)
    someone = patient(user=known, email=known.email)
    answer_all(someone, ticket("nafl", on=monday), timezone.now())
    assert client.get("/book/confirm/")["Location"] == f"{page_of(clinic)}?place=high-street"
    assert Appointment.objects.filter(status=Status.PROPOSED).count() == 1


@pytest.mark.parametrize(
    "query",
    [
        {"chosen": "x,y,z,,,,"},
        {"chosen": "2027-03-01T10:00:00/1"},
        {"chosen": "9999-12-31T23:59:59+14:00/9"},
        {"start": "soon"},
        {"day": "9999-99-99", "who": "x", "place": "nowhere"},
        {"chosen": "\x00", "first": "1"},
    ],
)
def test_what_cannot_be_read_is_answered(client: Client, clinic: Laser, who: Patient, query: dict[str, str]) -> None:
    assert client.get(page_of(clinic), query).status_code in {200, 302, 409}
    assert client.post(page_of(clinic), query).status_code == 409
    assert client.get("/book/999999/first/").status_code == 404
