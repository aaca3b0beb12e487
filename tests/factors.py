"""Second factors outside a request: whose they are is what they are sealed for."""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core import context
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import RequestFactory

from clinic.accounts.models import User


@contextmanager
def asking(user: User) -> Iterator[None]:
    """As in a request of `user`, who is signed in."""
    request = RequestFactory().get("/")
    request.user = user
    with context.request_context(request):
        yield


def set_up(user: User) -> str:
    """An authenticator app with its recovery codes; its seed."""
    secret: str = generate_totp_secret()
    with asking(user):
        TOTP.activate(user, secret)
        RecoveryCodes.activate(user)
    return secret
