"""A time-out costs no typing: what was sent too late is there again for the same person, and for nobody else."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from patients.models import Patient
from tests import build

pytestmark = pytest.mark.django_db

PATH = "/record/contacts/"
CONTACTS = {"given_name": "Marker", "family_name": "Person", "phone": "+44 20 7946 0999"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    cache.clear()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


@pytest.fixture
def pat() -> Patient:
    return build.patient(user=build.user(email="pat@example.org"), email="pat@example.org", phone="+44 20 7946 0000")


@pytest.fixture
def browser(clock: time_machine.Traveller, pat: Patient) -> Client:
    """Somebody who began to type, and was called away."""
    client = Client()
    client.force_login(pat.user)
    client.get(PATH)
    clock.shift(timedelta(minutes=31))
    return client


def sign_in(client: Client, email: str = "pat@example.org", path: str = "/typed/") -> str:
    """By the emailed code; where it leads."""
    client.post(f"/account/sign-in/?next={path}", {"email": email, "next": path})
    code = re.findall(r"(?m)^(\d{6})$", mail.outbox[-1].body)[0]
    return client.post("/account/sign-in/code/", {"code": code, "next": path}).headers["Location"]


def send_on(client: Client) -> object:
    """Press the button of the page, as a browser would."""
    html = client.get("/typed/").content.decode()
    target = re.search(r'<form[^>]*action="([^"]+)"', html.split("<main")[1])
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html.split("<main")[1])
    return client.post(target.group(1), {name: value for name, value in hidden if name != "csrfmiddlewaretoken"})


def test_what_was_typed_is_sent_on_after_signing_in_again(browser: Client, pat: Patient) -> None:
    response = browser.post(PATH, CONTACTS)
    assert response.headers["Location"].endswith("?next=/typed/")
    assert sign_in(browser) == "/typed/"
    assert send_on(browser).status_code == 302
    pat.refresh_from_db()
    assert (pat.given_name, pat.phone) == ("Marker", CONTACTS["phone"])
    assert browser.get("/typed/").status_code == 302  # it has been sent


def test_it_is_not_in_the_clear_meanwhile(browser: Client) -> None:
    browser.post(PATH, CONTACTS)
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert any("typed" in session for session in kept)
    assert not any("Marker" in str(session) for session in kept)


def test_somebody_else_at_the_same_device_never_sees_it(browser: Client) -> None:
    build.user(email="other@example.org")
    browser.post(PATH, CONTACTS)
    sign_in(browser, "other@example.org")
    response = browser.get("/typed/")
    assert response.status_code == 302
    assert "Marker" not in browser.get("/start/", follow=True).content.decode()


def test_what_somebody_else_types_next_is_not_kept_for_whoever_was_signed_out(browser: Client, pat: Patient) -> None:
    """The session ended at an address that no page answers."""
    assert browser.get("/no/such/page/").status_code == 404
    answer = browser.post("/call-me/", {"phone": "+44 20 7946 0123"})
    assert answer.headers["Location"] == "/account/sign-in/?next=/call-me/"
    sign_in(browser)
    assert browser.get("/typed/").headers.get("Location") == "/start/"


def test_after_half_an_hour_it_is_gone(browser: Client, clock: time_machine.Traveller, pat: Patient) -> None:
    browser.post(PATH, CONTACTS)
    clock.shift(timedelta(minutes=25))
    sign_in(browser)
    assert browser.get("/typed/").status_code == 200
    clock.shift(timedelta(minutes=6))
    assert browser.get("/typed/").status_code == 302


def test_signing_out_too_late_keeps_nothing(browser: Client) -> None:
    assert "typed" not in browser.post("/account/sign-out/").headers.get("Location", "")


def test_a_request_that_was_forged_is_not_kept(clock: time_machine.Traveller, pat: Patient) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(pat.user)
    strict.get(PATH)
    clock.shift(timedelta(minutes=31))
    assert strict.post(PATH, CONTACTS).status_code == 403
    assert not any("typed" in session.get_decoded() for session in Session.objects.all())


def test_far_too_much_is_not_kept_and_signing_in_comes_first(browser: Client) -> None:
    response = browser.post(PATH, {"given_name": "x" * 300_000})
    assert "typed" not in response.headers["Location"]


def test_an_own_page_without_anything_kept_leads_on(clock: time_machine.Traveller) -> None:
    client = Client()
    client.force_login(User.objects.create_user("new@example.org"))
    assert client.get("/typed/").headers["Location"] == "/start/"


def test_an_address_of_forms_alone_that_is_opened_like_a_page_shows_a_way_on(pat: Patient) -> None:
    client = Client()
    for way_on in ('href="/"', 'href="/start/"'):
        answer = client.get("/book/keep/")
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert f'<a class="btn btn-primary" {way_on}' in answer.content.decode()
        client.force_login(pat.user)
