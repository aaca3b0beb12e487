"""Which browser holds a time: a random token in the session, known to the database only as a hash."""

import hashlib
import secrets

from django.http import HttpRequest

TOKEN = "holder"  # noqa: S105  # the name of the session's entry
WANTED = "wanted"  # what was chosen, from the hold until it is booked


def holder_of(request: HttpRequest) -> str:
    """SHA-256 (hex) of this browser's token, or "" when it never held anything."""
    token = request.session.get(TOKEN, "")
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def become_holder(request: HttpRequest) -> str:
    """The same, with a token made when there is none."""
    request.session.setdefault(TOKEN, secrets.token_urlsafe(32))
    return holder_of(request)


def address_of(request: HttpRequest) -> str | None:
    """The network address that asks; allauth knows how many proxies to believe."""
    from allauth.account.adapter import get_adapter  # needs the app registry

    address: str | None = get_adapter().get_client_ip(request)
    return address
