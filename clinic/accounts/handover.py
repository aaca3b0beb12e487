"""The clinic's tablet in a patient's hands: one page answers, and nothing else, until the colleague takes it back by PIN.

All of it is kept in the session of the colleague who hands it over. The PIN is made up for each hand-over.
"""

from collections.abc import Callable
from typing import TypedDict, cast

from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django_htmx.http import HttpResponseClientRedirect

KEY = "handed_over"
TRIES = 5


class HandedOver(TypedDict):
    page: str  # the one path that answers
    back: str  # the path where the PIN is typed
    salt: str
    pin: str  # as a keyed hash: of so few digits any other could be guessed from the session's row
    wrong: int  # PINs so far
    done: bool  # the patient has done what the page is for


class WrongPin(Exception):
    """`left`: how many tries there still are; at 0 the session has been signed out."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def hand_over(request: HttpRequest, *, page: str, back: str, pin: str) -> None:
    """From now on only `page` and `back` answer. The new cookie keeps the browser from showing old pages from its memory."""
    salt = get_random_string(22)
    request.session[KEY] = HandedOver(page=page, back=back, salt=salt, pin=_hashed(salt, pin), wrong=0, done=False)
    request.session.cycle_key()


def handed_over(request: HttpRequest) -> HandedOver | None:
    return cast("HandedOver | None", request.session.get(KEY))


def finish(request: HttpRequest) -> None:
    """The patient has done what the page is for, and gives the tablet back."""
    request.session[KEY] |= {"done": True}
    request.session.modified = True


def take_back(request: HttpRequest, pin: str) -> None:
    """End the hand-over. Raises WrongPin; the last wrong one signs the session out."""
    left = _tries_left(request, pin)
    if left is not None:
        if not left:
            logout(request)
        raise WrongPin(left)
    request.session.cycle_key()


def _tries_left(request: HttpRequest, pin: str) -> int | None:
    """None when the PIN is right, and the hand-over over. Guesses sent at once are counted one after the other."""
    with transaction.atomic():
        held = _stored(request)
        if held is None:
            return 0
        if held["wrong"] < TRIES and constant_time_compare(_hashed(held["salt"], pin), held["pin"]):
            del request.session[KEY]
            request.session.save()
            return None
        held["wrong"] += 1
        request.session[KEY] = held
        request.session.save()
        return max(TRIES - held["wrong"], 0)


def _keep(request: HttpRequest) -> None:
    """Save the session here, and not after the lock from a copy: what was counted meanwhile stays counted."""
    mine = handed_over(request)
    if mine is None or not request.session.modified:
        return
    with transaction.atomic():
        held = _stored(request)
        if held is None:  # taken back or signed out meanwhile: what follows refuses to save
            return
        wrong, done = max(mine["wrong"], held["wrong"]), mine["done"] or held["done"]
        request.session[KEY] = mine | {"wrong": wrong, "done": done}
        request.session.save()
    request.session.modified = False


def _stored(request: HttpRequest) -> HandedOver | None:
    """The hand-over as it stands in the session's row, which stays locked. None when it is over."""
    row = Session.objects.select_for_update().filter(pk=request.session.session_key).first()
    return cast("HandedOver | None", row.get_decoded().get(KEY)) if row else None


def _hashed(salt: str, pin: str) -> str:
    return salted_hmac(f"accounts.handover.{salt}", pin, algorithm="sha256").hexdigest()


class HandOver:
    """Every other address leads to the page that the patient holds, be it typed, polled, or come back to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = handed_over(request)
        if held is None:
            return self.get_response(request)
        response = self._answer(request, held)
        _keep(request)
        return response

    def _answer(self, request: HttpRequest, held: HandedOver) -> HttpResponse:
        if request.path in (held["page"], held["back"]):
            return self.get_response(request)
        if request.headers.get("HX-Request"):  # the whole page, not what a swap would take of it
            return HttpResponseClientRedirect(held["page"])
        return redirect(held["page"])
