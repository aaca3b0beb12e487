"""A patient asks to be called: one open wish, due by the end of the next open half day, until somebody has spoken."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.test import Client

from clinic.letters import compose
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import CallBack, Closure, Hours
from clinic.scheduling.operations import Called, CallWish
from clinic.scheduling.policies.half_days import due, halves
from clinic.scheduling.queries.calls import due_for
from clinic.scheduling.refusals import CalledAlready, NotAllowed
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from tests.scheduling.test_constraints import span
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NUMBER = "020 7946 0009"


@pytest.fixture
def clinic() -> Clinic:
    """Open from nine to five, Monday to Friday."""
    return Clinic()


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org", phone="020 7946 0001")


def ask(clinic: Clinic, pat: Patient, when: str = "any", *, phone: str = NUMBER, now: datetime = NOW) -> CallBack:
    wish = CallWish(pat, clinic.place, phone, when)
    return operations.ask_for_call(actor=Actor(user=pat.user), wish=wish, now=now)


def tell(clinic: Clinic, call: CallBack, *, reached: bool, tries: int = 0, now: datetime = NOW + DAY) -> CallBack:
    told = Called(call.pk, reached, "rang", tries)
    return operations.called(actor=Actor(user=clinic.reception), called=told, now=now)


@pytest.mark.parametrize(
    ("day", "clock", "when", "expected"),
    [
        (0, "08:00", "any", (0, "13:00")),  # Monday, before opening
        (0, "09:00", "any", (0, "17:00")),  # the morning has begun
        (0, "12:59", "any", (0, "17:00")),
        (0, "14:00", "any", (1, "13:00")),
        (0, "14:00", "afternoon", (1, "17:00")),
        (0, "10:00", "morning", (1, "13:00")),
        (4, "14:00", "any", (7, "13:00")),  # Friday: Monday
        (5, "10:00", "afternoon", (7, "17:00")),  # Saturday
    ],
)
def test_it_is_due_at_the_end_of_the_next_half_day(
    clinic: Clinic, day: int, clock: str, when: str, expected: tuple[int, str]
) -> None:
    days, ends = expected
    now = clinic.at(clock, day=MONDAY + day * DAY)
    assert due_for(clinic.place, when, now) == clinic.at(ends, day=MONDAY + days * DAY)


def test_closed_time_is_passed_over(clinic: Clinic) -> None:
    Closure.objects.create(location=clinic.place, during=span(clinic.at("00:00"), 24))
    assert due_for(clinic.place, "any", clinic.at("08:00")) == clinic.at("13:00", day=MONDAY + DAY)


def test_a_place_that_never_opens_calls_within_three_days(clinic: Clinic) -> None:
    Hours.objects.all().delete()
    assert due_for(clinic.place, "any", NOW) == NOW + timedelta(days=3)


def test_a_wish_that_cannot_be_met_is_passed_over(clinic: Clinic) -> None:
    afternoons = halves(MONDAY, time(14), time(18), clinic.place.tz)
    assert [half.when for half in afternoons] == ["afternoon"]
    assert due(afternoons, "morning", NOW) == clinic.at("18:00")


def test_asked_for_twice_it_is_one_call_with_what_was_said_last(clinic: Clinic, pat: Patient) -> None:
    first = ask(clinic, pat)
    again = ask(clinic, pat, phone="020 7946 0002", now=NOW + timedelta(hours=5))
    assert CallBack.objects.get() == first == again
    assert (again.phone, again.due_at, again.asked_at) == ("020 7946 0002", first.due_at, NOW)
    later = ask(clinic, pat, "morning", now=NOW + timedelta(hours=5))
    assert later.due_at == clinic.at("13:00")


def test_somebody_else_asks_for_nobody(clinic: Clinic, pat: Patient) -> None:
    wish = CallWish(pat, clinic.place, NUMBER)
    with pytest.raises(NotAllowed):
        operations.ask_for_call(actor=Actor(user=build.user()), wish=wish, now=NOW)
    assert operations.ask_for_call(actor=Actor(user=clinic.reception), wish=wish, now=NOW).patient == pat


def test_who_was_reached_is_done_and_may_ask_again(clinic: Clinic, pat: Patient) -> None:
    call = tell(clinic, ask(clinic, pat), reached=True)
    assert (call.done_at, call.done_by, call.note) == (NOW + DAY, clinic.reception, "rang")
    assert not Envelope.objects.exists()
    assert ask(clinic, pat, now=NOW + 2 * DAY) != call


def test_who_was_not_reached_is_due_later_and_reads_so(clinic: Clinic, pat: Patient) -> None:
    call = tell(clinic, ask(clinic, pat), reached=False, now=clinic.at("10:00"))
    assert (call.done_at, call.tries, call.due_at) == (None, 1, clinic.at("17:00"))
    assert [envelope.kind for envelope in Envelope.objects.all()] == ["missed-call"]
    letter = compose("missed-call", call.pk)
    assert letter
    assert letter.to == ["pat@example.org"]
    assert clinic.place.telephone in letter.body
    tell(clinic, call, reached=True, tries=1)
    assert compose("missed-call", call.pk) is None


def test_without_an_address_nobody_is_written_to(clinic: Clinic) -> None:
    who = patient(user=build.user())
    assert compose("missed-call", tell(clinic, ask(clinic, who), reached=False).pk) is None


@pytest.mark.parametrize("reached", [True, False])
def test_one_call_is_told_once(clinic: Clinic, pat: Patient, reached: bool) -> None:
    call = ask(clinic, pat)
    tell(clinic, call, reached=reached)
    with pytest.raises(CalledAlready):
        tell(clinic, call, reached=reached)
    assert CallBack.objects.get().tries == (not reached)


@pytest.mark.parametrize("role", ["practitioner", "content_admin", ""])
def test_only_the_desk_tells_of_calls(clinic: Clinic, pat: Patient, role: str) -> None:
    user = build.user(roles=(role,) if role else ())
    with pytest.raises(NotAllowed):
        operations.called(actor=Actor(user=user), called=Called(ask(clinic, pat).pk, True), now=NOW)


@pytest.fixture
def own(client: Client, pat: Patient) -> Iterator[Client]:
    with time_machine.travel(NOW, tick=False):
        client.force_login(pat.user)
        yield client


def test_the_page_knows_the_number_and_says_until_when(own: Client, clinic: Clinic) -> None:
    page = own.get("/call-me/").content.decode()
    assert 'value="020 7946 0001"' in page
    told = own.post("/call-me/", {"place": clinic.place.slug, "phone": NUMBER, "when": "any"}, follow=True).content.decode()
    assert f"We call you by Friday 26 February 2027, 17:00 (London time), at {NUMBER}." in told
    assert f'value="{NUMBER}"' in own.get("/call-me/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("phone", "", "Enter a telephone number."),
        ("phone", "ring me", "Enter a telephone number, such as"),
        ("when", "at night", "Please choose one of the answers."),
        ("place", "nowhere", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    own: Client, clinic: Clinic, field: str, value: str, words: str
) -> None:
    sent = {"place": clinic.place.slug, "phone": NUMBER, "when": "any"} | {field: value}
    answer = own.post("/call-me/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert sent["phone"] in answer.content.decode()
    assert not CallBack.objects.exists()


def test_who_has_no_record_says_first_who_they_are(client: Client, clinic: Clinic) -> None:
    client.force_login(build.user())
    assert client.get("/call-me/")["Location"] == "/book/details/?next=/call-me/"


def test_who_is_under_age_reads_whom_to_call(client: Client, clinic: Clinic) -> None:
    client.force_login(build.user())
    young = {"given_name": "Kim", "family_name": "Young", "phone": NUMBER, "birth_date_day": "1", "birth_date_month": "1"}
    html = client.post("/book/details/", young | {"birth_date_year": "2015"}).content.decode()
    assert "Visits can be booked from the age of 18." in html
    assert "You, or a parent or guardian, are welcome to call us" in html
    assert f'href="tel:{clinic.place.telephone.replace(" ", "")}"' in html
    assert not Patient.objects.exists()
