"""Changing the time of one's own visit: the same week as for booking, then old and new side by side, then one request."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.forms import ChangeForm
from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.queries.offers import places_offering
from clinic.scheduling.queries.policy import limits_of
from clinic.scheduling.queries.times import Wanted, wanted_again
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.refusals import NotBookable, Refused, TooLate, TooManyChanges
from clinic.scheduling.views.times import Looking, around, asked_of, read_address
from clinic.scheduling.views.visits import own_or_404
from patients.models import Patient
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose a time (GET), look at old and new (GET with `start`), change it (POST)."""
    mine = own_or_404(request, pk)
    if mine.patient is None or mine.status not in TO_COME or why_not(mine, timezone.now()):
        return redirect("scheduling:visit", mine.pk)
    looking = _looking(request, mine, mine.patient)
    form = ChangeForm(asked_of(request)) if "start" in asked_of(request) else None
    if form is None:
        return _page(request, mine, looking)
    if not form.is_valid():
        return _page(request, mine, looking, NotBookable())
    if request.method == "POST":
        return _change(request, mine, looking, form)
    return _page(request, mine, looking, start=form.cleaned_data["start"])


def why_not(visit: Appointment, now: datetime) -> Refused | None:
    """Why the patient cannot change the time online (any more), or None."""
    limits = limits_of(visit)
    if now > limits.change_until:
        return TooLate()
    return TooManyChanges() if limits.changes_left <= 0 else None


def _looking(request: HttpRequest, visit: Appointment, patient: Patient) -> Looking:
    now = timezone.now()

    def asked_at(place: Location) -> Wanted:
        return wanted_again(visit, place, now).of(patient, now, ignoring=(visit.pk,))

    places = sorted(places_offering(visit.treatment, now), key=lambda place: place != visit.location)
    data = asked_of(request).copy()
    data.setdefault("day", visit.during.lower.astimezone(visit.location.tz).date().isoformat())
    looking = read_address(data, places, asked_at, now, own=(visit.pk,))
    return replace(looking, here=request.path, action=request.path, method="get")


def _change(request: HttpRequest, visit: Appointment, looking: Looking, form: ChangeForm) -> HttpResponse:
    start = form.cleaned_data["start"]
    asked = operations.Change(visit.pk, start, looking.place, form.cleaned_data["who"])
    try:
        actor, now = Actor(user=user_of(request)), timezone.now()
        operations.reschedule(actor=actor, change=asked, key=form.asked_key, now=now)
    except Refused as refusal:
        return _page(request, visit, looking, refusal, start)
    messages.success(request, _("Your visit has a new time."))
    return redirect("scheduling:visit", visit.pk)


def _page(
    request: HttpRequest,
    visit: Appointment,
    looking: Looking,
    refusal: Refused | None = None,
    start: datetime | None = None,
) -> HttpResponse:
    """The week; after a refusal with the nearest times, after a choice with old and new."""
    context: dict[str, Any] = {"visit": visit, "refusal": refusal}
    if refusal and start:
        looking, context["nearest"] = around(looking, start)
    elif start:
        initial = {"start": start.isoformat(), "place": looking.place.slug, "who": looking.who}
        context |= {"start": start, "change_form": ChangeForm(initial=initial)}
    answer = looking.context() | context
    return render(request, "scheduling/change.html", answer, status=409 if refusal else 200)
