"""The pages of the second step: set up, asked for, recovery codes, switched off; all in our own words."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.test import Client

from clinic.accounts.models import User
from tests.build import user

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


def guarded(who: User) -> str:
    """The seed of a second factor that is set up."""
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(who, secret)
    RecoveryCodes.activate(who)
    return secret


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
    guarded(who)
    assert "10 codes are left" in text(browser.get(AT))
    assert text(browser.get(f"{AT}codes/")).count("<code>") == 10
    assert "The codes that you have now stop working" in text(browser.get(f"{AT}codes/new/"))
    assert "Switch the second step off?" in text(browser.get(f"{AT}app/remove/"))
    assert browser.post(f"{AT}app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=who).exists()


def test_an_empty_or_a_wrong_code_is_said_beside_the_field(browser: Client, who: User) -> None:
    guarded(who)
    for given in ("", "000000", "x" * 10_000):
        html = text(browser.post(f"{AT}ask-again/", {"code": given}))
        assert "error-summary" in html
        assert "invalid-feedback" in html or "is-invalid" in html
