"""Signing in by emailed code: the same for known and unknown addresses; sessions end; staff need a second factor."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from tests.build import user
from tests.factors import set_up

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


def ask(client: Client, email: str):
    return client.post("/account/sign-in/", {"email": email})


def code() -> str:
    return re.findall(r"(?m)^(\d{6})$", mail.outbox[-1].body)[0]


def type_code(client: Client, text: str):
    return client.post("/account/sign-in/code/", {"code": text})


def is_signed_in(client: Client) -> bool:
    return client.get("/visits/").status_code == 200


def without_names(letter) -> str:
    return re.sub(r"\d{6}|[\w.]+@example\.org", "…", f"{letter.subject}\n{letter.body}")


def test_known_and_unknown_addresses_get_the_same_page_and_the_same_letter(client: Client) -> None:
    user(email="known@example.org")
    answers = [ask(Client(), email) for email in ("known@example.org", "unknown@example.org")]
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/account/sign-in/code/")] * 2
    assert len({without_names(letter) for letter in mail.outbox}) == 1
    assert [letter.to for letter in mail.outbox] == [["known@example.org"], ["unknown@example.org"]]


def test_the_code_signs_in_and_works_once(client: Client) -> None:
    ask(client, "Robin@Example.org")
    text = code()
    assert type_code(client, text).status_code == 302
    assert is_signed_in(client)
    assert User.objects.get().email == "robin@example.org"
    other = Client()
    ask(other, "robin@example.org")
    type_code(other, text)
    assert not is_signed_in(other)


def test_three_wrong_codes_send_back_to_the_start(client: Client) -> None:
    ask(client, "robin@example.org")
    answers = [type_code(client, "000000") for _ in range(3)]
    assert answers[0].status_code == 200
    assert "This is not the code" in answers[0].content.decode()
    assert answers[-1]["Location"] == "/account/sign-in/"
    assert not is_signed_in(client)


def test_a_code_is_good_for_ten_minutes(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ask(client, "robin@example.org")
        text = code()
        clock.shift(timedelta(minutes=11))
        type_code(client, text)
        assert not is_signed_in(client)


def test_one_address_gets_only_a_few_letters() -> None:
    for _ in range(8):
        ask(Client(), "victim@example.org")
    assert len(mail.outbox) <= 3


def test_a_closed_account_stays_closed(client: Client) -> None:
    user(email="gone@example.org", roles=("owner",))
    User.objects.update(is_active=False)
    ask(client, "gone@example.org")
    assert not is_signed_in(client)


@pytest.mark.parametrize(("roles", "minutes"), [((), 30), (("receptionist",), 15)])
def test_a_session_ends_when_nobody_is_there(client: Client, roles: tuple[str, ...], minutes: int) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(user(roles=roles))
        assert is_signed_in(client)
        clock.shift(timedelta(minutes=minutes - 1))
        assert is_signed_in(client)
        for _ in range(minutes):  # a board that asks by itself is nobody's presence
            clock.shift(timedelta(minutes=1))
            client.get("/visits/", headers={"X-Poll": "1"})
        clock.shift(timedelta(minutes=1))
        assert not is_signed_in(client)


def test_no_session_is_longer_than_twelve_hours(client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(user())
        assert is_signed_in(client)
        for _ in range(12 * 6):
            clock.shift(timedelta(minutes=10))
            client.get("/visits/")
        clock.shift(timedelta(minutes=1))
        assert not is_signed_in(client)


def test_staff_without_a_second_factor_reach_only_its_set_up(client: Client, settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client.force_login(user(roles=("receptionist",)))
    assert client.get("/workspace/")["Location"] == "/account/second-factor/app/"
    assert client.post("/workspace/book/")["Location"] == "/account/second-factor/app/"
    assert client.get("/account/second-factor/app/").status_code in (200, 302)


def test_staff_with_one_are_asked_for_it_after_the_code(client: Client, settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    desk = user(email="desk@example.org", roles=("receptionist",))
    set_up(desk)
    ask(client, desk.email)
    answer = type_code(client, code())
    assert answer["Location"].startswith("/account/second-factor/ask/")
    assert client.get("/workspace/").status_code == 302


def test_second_factors_are_not_in_the_clear() -> None:
    secret = set_up(user(roles=("owner",)))
    assert Authenticator.objects.count() == 2
    assert secret not in str([row.data for row in Authenticator.objects.all()])


def test_rights_that_are_taken_away_are_gone_at_the_next_request(client: Client) -> None:
    desk = user(roles=("receptionist",))
    client.force_login(desk)
    assert client.get("/workspace/").status_code == 200
    User.objects.filter(pk=desk.pk).update(roles=[])
    assert client.get("/workspace/").status_code == 403


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(client: Client, path: str) -> None:
    client.post("/account/sign-in/", {"email": "robin@example.org", "next": path})
    assert "evil" not in client.post("/account/sign-in/code/", {"code": code(), "next": path}).get("Location", "")
