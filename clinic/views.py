"""The site's own pages: home, where a sign-in leads, health checks, errors."""

import secrets
from collections.abc import Callable
from http import HTTPStatus

from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from clinic.accounts.forms import TypedForm
from clinic.accounts.typed import kept_for
from clinic.scheduling.queries.offers import open_places
from treatments import queries
from treatments.doors import needs, public


@public
@require_safe
def home(request: HttpRequest, prices: Callable[[], dict[int, str]]) -> HttpResponse:
    context = {"treatments": queries.live_treatments(), "concerns": queries.live_concerns(), "prices": prices()}
    return render(request, "home.html", context)


@public
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Address, telephone and emergency line of every location."""
    return render(request, "places.html", {"places": open_places()})


@needs("patients.use_own_record")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where signing in leads: staff to the day, content admins to the treatments, patients to their visits."""
    if request.user.has_perm("scheduling.view_day"):
        return redirect("workspace:today")
    if request.user.has_perm("treatments.edit_catalogue"):
        return redirect("editing:index")
    return redirect("scheduling:visits")


@needs("patients.use_own_record")
@require_safe
def typed(request: HttpRequest) -> HttpResponse:
    """After signing in again: what had been typed when the session ended, and one button that sends it on."""
    kept = kept_for(request)
    if kept is None:
        return redirect("start")
    return render(request, "typed.html", {"form": TypedForm(kept), "path": kept.path})


@public
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks no database."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; else 503."""
    try:
        executor = MigrationExecutor(connection)
        ready = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError:
        ready = False
    return HttpResponse("ok" if ready else "not ready", status=200 if ready else 503, content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, HTTPStatus.FORBIDDEN, "errors/csrf.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.BAD_REQUEST, "errors/400.html")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.FORBIDDEN, "errors/403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, HTTPStatus.NOT_FOUND, "errors/404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """No context processors and no database: whatever broke may be what they need."""

    return HttpResponse(render_to_string("errors/500.html", {"reference": secrets.token_hex(4)}), status=500)


def _error(request: HttpRequest, status: HTTPStatus, template: str) -> HttpResponse:
    return render(request, template, status=status)
