"""Changing the time of one's own visit: the same week as for booking, then old and new side by side, then one request."""

from collections.abc import Sequence
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
from clinic.scheduling.forms import ChangeForm, ShiftForm
from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.queries.courses import Shift, Shown, moving_with, session_of, shifted
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
    later = session_of(mine, mine.patient, timezone.now())
    looking = _looking(request, mine, mine.patient, later)
    if request.method == "POST" and later and "start" not in request.POST:
        return _move_all(request, mine, looking, later)
    form = ChangeForm(asked_of(request)) if "start" in asked_of(request) else None
    if form is None:
        return _page(request, mine, looking)
    if not form.is_valid():
        return _page(request, mine, looking, NotBookable())
    if request.method == "POST":
        return _change(request, mine, looking, form)
    start = form.cleaned_data["start"]
    looking = replace(looking, day=start.astimezone(looking.place.tz).date())
    return _page(request, mine, looking, start=start, shifts=_shifts(mine, looking, later, start))


def why_not(visit: Appointment, now: datetime) -> Refused | None:
    """Why the patient cannot change the time online (any more), or None."""
    limits = limits_of(visit)
    if now > limits.change_until:
        return TooLate()
    return TooManyChanges() if limits.changes_left <= 0 else None


Session = tuple[Shown, int]  # the course of a visit, and its position there


def _looking(request: HttpRequest, visit: Appointment, patient: Patient, later: Session | None) -> Looking:
    """Later sessions of the course do not stand in the way: they can move as well."""
    now = timezone.now()
    moving = tuple(other.pk for other in moving_with(*later).values()) if later else (visit.pk,)

    def asked_at(place: Location) -> Wanted:
        return wanted_again(visit, place, now).of(patient, now, ignoring=moving)

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


def _shifts(visit: Appointment, looking: Looking, later: Session | None, start: datetime) -> list[Shift]:
    """What the new time does to the later sessions of the course; nothing when all of them can stay."""
    if later is None or looking.place != visit.location:
        return []
    shifts = shifted(*later, start, timezone.now())
    return [] if all(shift.stays for shift in shifts[1:]) else shifts


def _move_all(request: HttpRequest, visit: Appointment, looking: Looking, later: Session) -> HttpResponse:
    """This session and the later ones at the times that were shown: all of them, or none."""
    shown, position = later
    moving = moving_with(shown, position)
    form = ShiftForm([at for at in moving if f"start_{at}" in request.POST], request.POST)
    if not form.is_valid() or position not in form.positions:
        return _page(request, visit, looking, NotBookable())
    changes = form.changes(moving)
    try:
        operations.reflow(actor=Actor(user=user_of(request)), changes=changes, key=form.asked_key, now=timezone.now())
    except Refused as refusal:
        return _page(request, visit, looking, refusal, form.starts[position])
    messages.success(request, _("Your visits have new times."))
    return redirect("scheduling:visits")


def _page(
    request: HttpRequest,
    visit: Appointment,
    looking: Looking,
    refusal: Refused | None = None,
    start: datetime | None = None,
    shifts: Sequence[Shift] = (),
) -> HttpResponse:
    """The week; after a refusal with the nearest times, after a choice with old and new, also of later sessions."""
    context: dict[str, Any] = {"visit": visit, "refusal": refusal}
    if refusal and start:
        looking, context["nearest"] = around(looking, start)
    elif start and shifts:
        context["shifts"] = shifts
        if all(shift.start for shift in shifts):
            context["shift_form"] = ShiftForm.of(shifts)
    elif start:
        initial: dict[str, Any] = {"start": start.isoformat(), "place": looking.place.slug, "who": looking.who}
        context |= {"start": start, "change_form": ChangeForm(initial=initial)}
    answer = looking.context() | context
    return render(request, "scheduling/change.html", answer, status=409 if refusal else 200)
