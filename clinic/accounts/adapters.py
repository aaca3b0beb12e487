"""How allauth behaves here: neutral letters, encrypted second factors, no open sign-up beside the emailed code."""

import base64
import secrets
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import get_pending_stage
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.encryption import seal, unseal

PLACE = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": _("This is not the code from our newest letter. Look again, or ask for another one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # the emailed code is the one way in; it makes the account

    def generate_login_code(self) -> str:
        """Six digits: what phones fill in by themselves. Three tries, ten minutes, and limits guard them."""
        return f"{secrets.randbelow(10**6):06d}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**context, "site_url": settings.SITE_URL})

    def get_from_email(self) -> str:
        return settings.DEFAULT_FROM_EMAIL


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth keeps authenticator seeds in clear unless told otherwise. Each opens for its own user alone."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text, place_of(whose()))).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), place_of(whose()))


def place_of(user: int) -> str:
    """What the secrets of a user's second factors are bound to."""
    return f"{PLACE}.{user}"


def whose() -> int:
    """Who asks: the user who is signed in, or is just signing in. Raises LookupError outside such a request."""
    request = context.request
    if request is not None and request.user.is_authenticated:
        return int(request.user.pk)
    stage = get_pending_stage(request) if request is not None else None
    if stage is None:
        raise LookupError("a second factor is somebody's, and nobody asks")
    return int(stage.login.user.pk)
