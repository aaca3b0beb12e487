"""The time that this browser holds, for the bar above every page; asked for only when a page shows it."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from clinic.scheduling.holder import WANTED, holder_of
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.visits import held_by

STEPS = ("account_", "mfa_", "patients:question", "scheduling:details", "scheduling:confirm")


def hold(request: HttpRequest) -> dict[str, Any]:
    return {"hold": SimpleLazyObject(partial(_live_hold, request)), "on_the_way": _on_the_way(request)}


def _on_the_way(request: HttpRequest) -> bool:
    """Whether the page is itself a step of the booking, so that the bar need not lead there."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return name.startswith(STEPS)


def _live_hold(request: HttpRequest) -> Appointment | None:
    wanted = hasattr(request, "session") and WANTED in request.session
    return as_shown(held_by(holder_of(request))) if wanted else None


def as_shown(visit: Appointment | None) -> Appointment | None:
    """The hold with the seconds that are left of it."""
    if visit is None or visit.expires_at is None:
        return None
    visit.seconds_left = max(0, int((visit.expires_at - timezone.now()).total_seconds()))  # type: ignore[attr-defined]
    return visit
