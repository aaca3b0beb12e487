"""What holds for every request: sessions that end, staff's second factor, pages that no cache keeps, broken seals."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from clinic.accounts import typed
from patients.encryption import SealBroken
from treatments.doors import user_of

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)
SEEN_EVERY = timedelta(minutes=1)
ENDED = "ended"  # whose session has just ended
ACCOUNT_PAGES = ("mfa_", "account_")


class SessionLimits:
    """Sign out after `SESSION_IDLE` without a request (staff sooner) and after `SESSION_LONGEST` in all."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            if self._is_over(request, now):
                ended = user_of(request).pk
                logout(request)
                request.session[ENDED] = ended
            elif not request.headers.get("X-Poll") and self._is_stale(
                request, now
            ):  # a board's own polls are nobody's presence
                request.session["seen_at"] = now.isoformat()
        response = self.get_response(request)
        if ENDED in request.session:  # no page answered: whatever comes next may be somebody else's
            del request.session[ENDED]
        return response

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """What was sent too late is kept for the same person; its token has been checked by now."""
        ended = request.session.pop(ENDED, None)
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        if request.method != "POST" or name.startswith(ACCOUNT_PAGES):
            return None
        if ended and typed.keep(request, ended):
            return redirect_to_login(reverse("typed"))
        request.session.pop(typed.KEY, None)  # sent on, or something else by now
        return None

    def _is_over(self, request: HttpRequest, now: datetime) -> bool:
        began = request.session.setdefault("began_at", now.isoformat())
        seen = request.session.get("seen_at", now.isoformat())
        idle = settings.SESSION_IDLE_STAFF if user_of(request).roles else settings.SESSION_IDLE
        return self._older(seen, idle, now) or self._older(began, settings.SESSION_LONGEST, now)

    def _is_stale(self, request: HttpRequest, now: datetime) -> bool:
        """A session that was seen in this very minute need not be written again."""
        seen = request.session.get("seen_at")
        return seen is None or self._older(seen, SEEN_EVERY, now)

    @staticmethod
    def _older(moment: str, than: timedelta, now: datetime) -> bool:
        return now - datetime.fromisoformat(moment) > than


class SecondFactor:
    """Staff without an authenticator app reach only the pages that set one up."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        if not settings.STAFF_SECOND_FACTOR or not request.user.is_authenticated or not request.user.roles:
            return None
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        if name.startswith(ACCOUNT_PAGES) or is_mfa_enabled(request.user):
            return None
        return redirect("mfa_activate_totp")


class PrivatePages:
    """Pages of somebody signed in are kept by no cache."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class BrokenSeals:
    """What does not open is shown to nobody: a calm page, and a line in the log that names the place alone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, SealBroken):
            return None
        reference = secrets.token_hex(4)
        log.critical("%s does not open: altered, moved, or its key is missing (%s)", exception, reference)
        page = render_to_string("errors/sealed.html", {"reference": reference})
        return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


class FormsAddresses:
    """An address that only forms are sent to, opened like a page (after signing in again, say), shows a way on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response.content = render_to_string("errors/405.html", request=request).encode()
        return response
