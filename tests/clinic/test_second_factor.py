"""The pages of the second step: set up, asked for, recovery codes, switched off; all in our own words."""

import re
import time
from base64 import b64decode
from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.test import Client

from clinic.accounts.models import User
from patients.encryption import SealBroken, unseal
from tests.build import user
from tests.factors import asking, set_up

pytestmark = pytest.mark.django_db
AT = "/account/second-factor/"


@pytest.fixture(autouse=True)
def no_limits_from_before() -> None:
    cache.clear()


@pytest.fixture
def who() -> User:
    return user(email="pat@example.org")


@pytest.fixture
def browser(client: Client, who: User) -> Client:
    """Signed in a moment ago."""
    client.force_login(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


def code(secret: str) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))


def text(answer) -> str:
    assert answer.status_code == 200
    html = answer.content.decode()
    assert html.count("<h1>") == 1
    return html


def test_it_is_set_up_with_a_picture_or_a_key_and_a_code(browser: Client, who: User) -> None:
    assert "It is off." in text(browser.get(AT))
    html = text(browser.get(f"{AT}app/"))
    assert "data:image/svg+xml" in html
    secret = browser.session["mfa.totp.secret"]
    assert secret in html
    wrong = text(browser.post(f"{AT}app/", {"code": "12"}))
    assert "error-summary" in wrong
    assert secret in wrong  # the phone need not look again
    assert browser.post(f"{AT}app/", {"code": code(secret)}).status_code == 302
    assert Authenticator.objects.filter(user=who, type="totp").exists()


def test_what_it_guards_is_shown_and_can_be_switched_off(browser: Client, who: User) -> None:
    set_up(who)
    assert "10 codes are left" in text(browser.get(AT))
    assert text(browser.get(f"{AT}codes/")).count("<code>") == 10
    assert "The codes that you have now stop working" in text(browser.get(f"{AT}codes/new/"))
    assert "Switch the second step off?" in text(browser.get(f"{AT}app/remove/"))
    assert browser.post(f"{AT}app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=who).exists()


def test_an_empty_or_a_wrong_code_is_said_beside_the_field(browser: Client, who: User) -> None:
    set_up(who)
    for given in ("", "000000", "x" * 10_000):
        html = text(browser.post(f"{AT}ask-again/", {"code": given}))
        assert "error-summary" in html
        assert "invalid-feedback" in html or "is-invalid" in html


# --- bound to their user


def swapped(one: User, other: User) -> None:
    """The rows of two users, each with the secrets of the other."""
    for kind in ("totp", "recovery_codes"):
        rows = [Authenticator.objects.get(user=who, type=kind) for who in (one, other)]
        rows[0].data, rows[1].data = rows[1].data, rows[0].data
        Authenticator.objects.bulk_update(rows, ["data"])


def test_a_secret_opens_for_its_own_user_and_in_no_other_row(who: User) -> None:
    other = user(email="other@example.org")
    secrets = {each: set_up(each) for each in (who, other)}
    rows = {each: Authenticator.objects.get(user=each, type="totp") for each in secrets}
    for each, row in rows.items():
        with asking(each):
            assert row.wrap().validate_code(code(secrets[each]))
    swapped(who, other)
    for each in secrets:
        for row in Authenticator.objects.filter(user=each):
            with asking(each), pytest.raises(SealBroken):
                row.wrap().validate_code("000000")


def test_with_a_swapped_secret_nobody_signs_in_and_the_page_is_calm(client: Client, who: User) -> None:
    other = user(email="other@example.org")
    secrets = {each: set_up(each) for each in (who, other)}
    swapped(who, other)
    client.post("/account/sign-in/", {"email": who.email})
    emailed = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    assert client.post("/account/sign-in/code/", {"code": emailed})["Location"].startswith(f"{AT}ask/")
    answer = client.post(f"{AT}ask/", {"code": code(secrets[other])})
    assert answer.status_code == 500
    assert "We cannot read this" in answer.content.decode()
    assert client.get("/start/")["Location"].startswith("/account/")


def test_with_its_own_secret_one_signs_in(client: Client, who: User) -> None:
    secret = set_up(who)
    client.post("/account/sign-in/", {"email": who.email})
    emailed = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    client.post("/account/sign-in/code/", {"code": emailed})
    assert client.post(f"{AT}ask/", {"code": code(secret)})["Location"] == "/start/"
    assert client.get("/start/")["Location"] == "/visits/"


def test_outside_a_request_nothing_is_sealed_for_nobody(who: User) -> None:
    with pytest.raises(LookupError, match="nobody asks"):
        auth.TOTP.activate(who, "JBSWY3DPEHPK3PXP")
    assert not Authenticator.objects.exists()


def test_the_migration_carries_existing_secrets_over_and_back(who: User) -> None:
    migration = import_module("clinic.accounts.migrations.0002_second_factors_bound")
    here = SimpleNamespace(connection=SimpleNamespace(alias="default"))
    secret = set_up(who)
    row = Authenticator.objects.get(user=who, type="totp")
    migration.unbind(apps, here)
    row.refresh_from_db()
    assert unseal(b64decode(row.data["secret"]), "mfa_authenticator.data") == secret
    migration.bind(apps, here)
    row.refresh_from_db()
    with asking(who):
        assert row.wrap().validate_code(code(secret))
