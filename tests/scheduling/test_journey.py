"""The booking pages without a browser: what is shown, what is refused, and that nothing is lost."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, BookingPolicy, Hours, Status
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.words import day_words
from patients.models import Patient
from tests.build import Clinic, patient, user
from tests.patients.world import answer_all, answer_page, ticket
from treatments.acting import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(request: pytest.FixtureRequest) -> Clinic:
    """Open since yesterday; with questions and rules where a test asks for them."""
    return Clinic(now=timezone.now() - timedelta(days=1), screening=getattr(request, "param", False))


@pytest.fixture
def tomorrow(clinic: Clinic):
    """A working day at least two days ahead."""
    day = timezone.localdate() + timedelta(days=2)
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def hold(client: Client, clinic: Clinic, start: str, **fields: object):
    data = {"place": clinic.place.slug, "start": start, "key": str(uuid4()), **fields}
    return client.post(f"/book/{clinic.microneedling.pk}/hold/", data)


def somebody(client: Client) -> Patient:
    who = user()
    client.force_login(who)
    return patient(user=who, email=who.email)


def test_a_week_shows_real_times_in_the_zone_of_the_place(client: Client, clinic: Clinic, tomorrow) -> None:
    page = client.get(f"/book/{clinic.microneedling.pk}/?day={tomorrow}").content.decode()
    assert f'value="{clinic.at("09:15", day=tomorrow).astimezone().isoformat()[:10]}' in page
    assert "London time" in page
    assert ">09:15<" in page
    assert ">09:00<" not in page  # setting up takes five minutes, and the room opens at nine


@pytest.mark.parametrize("visits", [0, 3])
def test_the_times_page_asks_the_same_few_questions_however_full_it_is(
    client: Client, clinic: Clinic, tomorrow, visits: int, django_assert_num_queries
) -> None:
    for n, clock in enumerate(("09:15", "11:30", "14:00")[:visits]):
        choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock, day=tomorrow))
        booking = Booking(choice, patient(given=f"P{n}"))
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=timezone.now())
    client.get(f"/book/{clinic.microneedling.pk}/")  # a published version is read once
    with django_assert_num_queries(3):
        assert client.get(f"/book/{clinic.microneedling.pk}/?day={tomorrow}").status_code == 200


def test_the_first_free_time_is_one_step_away(client: Client, clinic: Clinic) -> None:
    for hours in Hours.objects.all():  # nobody comes for two months
        hours.valid = (timezone.localdate() + timedelta(days=60), None)
        hours.save()
    assert 'class="time"' not in client.get(f"/book/{clinic.microneedling.pk}/").content.decode()
    answer = client.get(f"/book/{clinic.microneedling.pk}/?first=1")
    assert 'class="time"' in answer.content.decode()
    assert answer.context["looking"].day >= timezone.localdate() + timedelta(days=60)


def test_where_nothing_is_free_the_page_says_so(client: Client, clinic: Clinic) -> None:
    Hours.objects.all().delete()
    answer = client.get(f"/book/{clinic.microneedling.pk}/?first=1").content.decode()
    assert "Nothing is free from this day on." in answer


HTMX = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "times"}


@pytest.mark.parametrize("address", ["", "month/"])
@pytest.mark.parametrize("visits", [0, 2])
def test_a_fragment_for_somebody_signed_in_takes_five_queries_beside_session_and_user(
    client: Client, clinic: Clinic, tomorrow, address: str, visits: int, django_assert_num_queries
) -> None:
    mine = somebody(client)
    for n in range(visits):
        choice = Choice(clinic.microneedling, clinic.place, clinic.at("11:00", day=tomorrow + timedelta(days=35 * n)))
        booking = Booking(choice, mine)
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=timezone.now())
    client.get(f"/book/{clinic.microneedling.pk}/")  # a version is read once; the session notes once a minute who is there
    who = clinic.practitioners[0].pk
    with django_assert_num_queries(2 + 5):
        page = client.get(f"/book/{clinic.microneedling.pk}/{address}?who={who}", headers=HTMX)
    assert 'id="times"' in page.content.decode()
    assert "<html" not in page.content.decode()


@pytest.mark.parametrize("who", ["x", "999999999", "-1", "9" * 30, "\u0662"])
def test_a_fragment_for_nobody_shows_no_times_or_everybodys(client: Client, clinic: Clinic, who: str) -> None:
    assert client.get(f"/book/{clinic.microneedling.pk}/?who={who}", headers=HTMX).status_code == 200


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_times_are_sent_where_they_are_held_and_links_lead_to_the_page(
    client: Client, clinic: Clinic, tomorrow, headers
) -> None:
    page = client.get(f"/book/{clinic.microneedling.pk}/?day={tomorrow}", headers=headers).content.decode()
    assert f'<form method="post" action="/book/{clinic.microneedling.pk}/hold/" data-once' in page
    assert f'class="day" href="/book/{clinic.microneedling.pk}/?place=' in page


def test_the_page_of_a_lost_time_leads_back_to_pages_that_can_be_opened(client: Client, clinic: Clinic, tomorrow) -> None:
    page = hold(client, clinic, clinic.at("03:00", day=tomorrow).isoformat()).content.decode()
    here = f"/book/{clinic.microneedling.pk}/"
    assert f'action="{here}"' in page  # another place or practitioner
    assert set(re.findall(r'href="([^"?]*)[?][^"]*day=', page)) == {here}


def test_going_back_restores_a_whole_page(client: Client, clinic: Clinic) -> None:
    headers = HTMX | {"HX-History-Restore-Request": "true"}
    assert "<html" in client.get(f"/book/{clinic.microneedling.pk}/", headers=headers).content.decode()


@pytest.mark.parametrize(
    "start",
    [
        "2020-01-06T10:00:00+00:00",  # past
        "2027-03-28T01:30:00",  # no offset; London's clocks skip it
        "soon",
        "",
        "9999-12-31T23:59:59+14:00",
        "0001-01-01T00:00:00-12:00",
        "2027-03-01T10:00:00+00:00\x00",
    ],
)
def test_a_start_that_nobody_offered_is_refused_in_words(client: Client, clinic: Clinic, start: str) -> None:
    answer = hold(client, clinic, start)
    assert answer.status_code == 409
    assert "Please choose" in answer.content.decode()
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("clock", ["03:00", "10:07", "16:45"])
def test_a_time_out_of_hours_or_off_the_grid_is_refused(client: Client, clinic: Clinic, tomorrow, clock: str) -> None:
    assert hold(client, clinic, clinic.at(clock, day=tomorrow).isoformat()).status_code == 409


def test_unknown_unpublished_and_retired_treatments_are_not_found(client: Client, clinic: Clinic) -> None:
    assert client.get("/book/999999/").status_code == 404
    clinic.microneedling.retired_at = timezone.now()
    clinic.microneedling.save()
    assert client.get(f"/book/{clinic.microneedling.pk}/").status_code == 404


def test_what_the_browser_sends_of_price_length_or_person_counts_for_nothing(
    client: Client, clinic: Clinic, tomorrow
) -> None:
    tampered = {
        "price_minor": "1",
        "status": "booked",
        "patient": str(uuid4()),
        "end": "x",
        "id": str(uuid4()),
    }
    answer = hold(client, clinic, clinic.at("10:00", day=tomorrow).isoformat(), **tampered)
    visit = Appointment.objects.get()
    assert answer.status_code == 302
    assert (visit.price_minor, visit.status, visit.patient) == (18000, Status.PROPOSED, None)


def test_a_practitioner_who_is_not_there_is_refused(client: Client, clinic: Clinic, tomorrow) -> None:
    start = clinic.at("10:00", day=tomorrow).isoformat()
    assert hold(client, clinic, start, who="999999").status_code == 409


def test_a_double_click_holds_once(client: Client, clinic: Clinic, tomorrow) -> None:
    key, start = str(uuid4()), clinic.at("10:00", day=tomorrow).isoformat()
    assert [hold(client, clinic, start, key=key).status_code for _ in range(2)] == [302, 302]
    assert Appointment.objects.count() == 1


def test_nobody_confirms_the_hold_of_another_browser(client: Client, clinic: Clinic, tomorrow) -> None:
    hold(client, clinic, clinic.at("10:00", day=tomorrow).isoformat())
    thief = Client()
    somebody(thief)
    answer = thief.post("/book/confirm/", {"key": str(uuid4())})
    assert answer.status_code == 302
    assert Appointment.objects.get().status == Status.PROPOSED


def test_the_hold_is_kept_and_let_go_by_its_own_browser_only(client: Client, clinic: Clinic, tomorrow) -> None:
    hold(client, clinic, clinic.at("10:00", day=tomorrow).isoformat())
    Client().post("/book/let-go/")
    assert client.post("/book/keep/", {"next": "//evil.example"}).headers["Location"] == "/book/next/"
    client.post("/book/let-go/")
    assert not Appointment.objects.exists()


def test_another_patients_visit_is_not_there(client: Client, clinic: Clinic, tomorrow) -> None:
    owner = patient(given="Marker-A", email="marker-a@example.org")
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=tomorrow))
    visit = operations.book(
        actor=Actor(user=clinic.reception), booking=Booking(choice, owner), key=uuid4(), now=timezone.now()
    )
    somebody(client)
    for path in ("", "done/", "cancel/", "visit.ics"):
        assert client.get(f"/visits/{visit.pk}/{path}").status_code == 404
    assert client.post(f"/visits/{visit.pk}/cancel/").status_code == 404
    assert "Marker-A" not in client.get("/visits/").content.decode()
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_too_late_to_cancel_online_says_so_and_keeps_what_was_written(client: Client, clinic: Clinic, tomorrow) -> None:
    who = somebody(client)
    choice = Choice(clinic.consultation, clinic.place, clinic.at("10:00", day=tomorrow))
    visit = operations.book(
        actor=Actor(user=clinic.reception), booking=Booking(choice, who), key=uuid4(), now=timezone.now()
    )
    BookingPolicy.objects.create(notice_to_cancel_hours=24 * 30)
    answer = client.post(f"/visits/{visit.pk}/cancel/", {"reason": "my own words"})
    assert answer.status_code == 409
    assert "too late" in answer.content.decode()
    assert "my own words" in answer.content.decode()


anything = st.text(max_size=80) | st.sampled_from(
    ["\x00", "1e400", "9" * 400, "-1", "' or 1=1", "2027-03-01T10:00:00+00:00"]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from(["place", "who", "start", "key", "day", "next", "first", "reason"]), anything))
def test_whatever_is_posted_no_form_breaks(client: Client, clinic: Clinic, data: dict[str, str]) -> None:
    for path in (f"/book/{clinic.microneedling.pk}/hold/", "/book/keep/", "/book/confirm/", "/book/details/"):
        assert client.post(path, data).status_code < 500
    assert client.get(f"/book/{clinic.microneedling.pk}/", data).status_code < 500


def test_ids_of_the_wrong_kind_are_not_found(client: Client, clinic: Clinic) -> None:
    somebody(client)
    assert client.get(f"/visits/{UUID(int=1)}/").status_code == 404
    assert client.get("/visits/1/").status_code == 404
    assert client.get("/book/-1/").status_code == 404
    assert client.get(f"/book/{10**30}/").status_code == 404


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_a_time_too_near_another_visit_is_answered_with_the_earliest_day(client: Client, clinic: Clinic, tomorrow) -> None:
    """Held before signing in: only then is it known whose skin has to rest."""
    hold(client, clinic, clinic.at("10:00", day=tomorrow).isoformat())
    who = somebody(client)
    answer_all(who, ticket(on=tomorrow), timezone.now())
    near = clinic.at("14:00", day=tomorrow + timedelta(days=7))
    booking = Booking(Choice(clinic.microneedling, clinic.place, near), who)
    operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=timezone.now())
    page = client.get("/book/confirm/").content.decode()
    assert "A little later" in page
    assert f"First free time from {day_words(near.date() + timedelta(days=28))}" in page
    assert client.post("/book/confirm/", {"key": str(uuid4())}).status_code == 302
    assert Appointment.objects.filter(status=Status.PROPOSED).count() == 1


@pytest.mark.parametrize("clinic", [True], indirect=True)
def test_a_slip_of_the_thumb_can_be_taken_back(client: Client, clinic: Clinic, tomorrow) -> None:
    hold(client, clinic, clinic.at("10:00", day=tomorrow).isoformat())
    who = somebody(client)
    answer_all(who, ticket(on=tomorrow), timezone.now(), pregnant="yes")
    page = client.get("/book/confirm/")
    assert "We'd like to talk to you before booking" in page.content.decode()
    answers = client.get(page.context["answers_url"]).content.decode()
    assert "Are you pregnant" in answers
    answer_page(who, "about_you", ticket(on=tomorrow), timezone.now(), pregnant="no")
    assert "Is everything right?" in client.get("/book/confirm/").content.decode()
