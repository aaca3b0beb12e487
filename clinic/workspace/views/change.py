"""Another time for a visit, another end, another room: by staff, who are bound by claims and little else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Location, Resource
from clinic.scheduling.operations.adjust import GOING_ON
from clinic.scheduling.operations.reschedule import visit_of
from clinic.scheduling.queries.offers import places_offering, practitioners_for
from clinic.scheduling.queries.planning import free_between
from clinic.scheduling.queries.times import Wanted, wanted_again
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.refusals import ComesFirst, NotBookable, NotNow, Refused, TalkFirst, TooSoon
from clinic.scheduling.words import moment_words
from clinic.workspace.change_forms import AdjustForm, LookForm, StaffChangeForm
from clinic.workspace.forms import read_day
from clinic.workspace.words import refusal_words
from treatments.acting import Actor
from treatments.doors import needs, user_of

DAY = timedelta(days=1)
AROUND = timedelta(days=14)
RELAXABLE = (ComesFirst, NotBookable, TalkFirst, TooSoon)


@dataclass(frozen=True)
class Looking:
    """Where, with whom and on which day another time is looked for."""

    visit: Appointment
    places: list[Location]
    place: Location
    people: list[Resource]
    who: int | None
    day: date
    asked: Wanted
    now: datetime

    def times(self, first: date, last: date) -> list[datetime]:
        return free_between(self.asked, first, last, self.now, self.who, ignoring=(self.visit.pk,))

    def nearest_to(self, start: datetime) -> list[datetime]:
        day = start.astimezone(self.place.tz).date()
        near = sorted(self.times(day - AROUND, day + AROUND), key=lambda free: (abs(free - start), free))
        return sorted(near[:3])

    def address(self, **other: Any) -> str:
        settled = {"place": self.place.slug, "who": self.who or "", "day": self.day.isoformat()}
        return f"?{urlencode(settled | other)}"


@needs("scheduling.book_for_patients")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look at a day's free times; choose one; change to it."""
    visit = _visit(pk)
    if visit.status not in TO_COME:
        return redirect("workspace:visit", pk)
    data = request.POST if request.method == "POST" else request.GET
    looking = _looking(visit, data)
    may = user_of(request).has_perm("scheduling.override_policy")
    if "start" not in data:
        return _page(request, looking)
    form = StaffChangeForm(data, explain=may)
    if not form.is_valid():
        return _page(request, looking, refused=NotBookable())
    if request.method == "POST":
        return _change(request, looking, form)
    return _page(request, looking, start=form.cleaned_data["start"])


@needs("scheduling.view_day")
@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Runs late, ends early, goes on in another room."""
    visit = _visit(pk)
    if visit.status not in GOING_ON:
        return redirect("workspace:visit", pk)
    rooms = Resource.objects.filter(
        kind=Resource.Kind.ROOM, location=visit.location, active=True, treatments=visit.treatment
    )
    there = visit.claims.filter(resource__kind=Resource.Kind.ROOM).order_by("-during").values("resource")[:1]
    form = AdjustForm(visit, list(rooms.exclude(pk__in=there)), request.POST or None)
    status = 422 if form.is_bound and not form.is_valid() else 200
    if form.is_bound and status == 200:
        asked = operations.Adjustment(visit.pk, form.until, form.room, form.cleaned_data["reason"])
        try:
            operations.adjust(actor=Actor(user=user_of(request)), adjustment=asked, now=timezone.now())
        except Refused as refused:
            form.add_error(None, refusal_words(refused))
            status = 409
        else:
            messages.success(request, _("Saved."))
            return redirect("workspace:visit", pk)
    return render(request, "workspace/adjust.html", {"visit": visit, "form": form}, status=status)


def _visit(pk: UUID) -> Appointment:
    try:
        return visit_of(pk)
    except NotNow:
        raise Http404 from None


def _looking(visit: Appointment, data: Any) -> Looking:
    """Read the address kindly: the visit's own place, anybody, its own day."""
    now = timezone.now()
    places = sorted(places_offering(visit.treatment, now), key=lambda place: place != visit.location) or [visit.location]
    place = next((place for place in places if place.slug == data.get("place")), places[0])
    people = practitioners_for(visit.treatment, place)
    who = next((person.pk for person in people if str(person.pk) == data.get("who")), None)
    day = read_day(data.get("day", ""), visit.during.lower.astimezone(place.tz).date())
    asked = wanted_again(visit, place, now)
    if visit.patient:
        asked = asked.of(visit.patient, now, ignoring=(visit.pk,))
    return Looking(visit, places, place, people, who, day, asked, now)


def _change(request: HttpRequest, looking: Looking, form: StaffChangeForm) -> HttpResponse:
    given = form.cleaned_data
    asked = operations.Change(
        looking.visit.pk,
        given["start"],
        looking.place,
        looking.who,
        reason=given["reason"],
        override=given.get("override", "").strip(),
    )
    try:
        actor = Actor(user=user_of(request))
        moved = operations.reschedule(actor=actor, change=asked, key=form.asked_key, now=looking.now)
    except Refused as refused:
        return _page(request, looking, refused=refused, start=given["start"], typed=form)
    when = moment_words(moved.during.lower, moved.location.tz)
    messages.success(request, _("%(name)s: now %(when)s.") % {"name": moved.patient, "when": when})
    return redirect("workspace:visit", moved.pk)


def _page(
    request: HttpRequest,
    looking: Looking,
    *,
    start: datetime | None = None,
    refused: Refused | None = None,
    typed: StaffChangeForm | None = None,
) -> HttpResponse:
    """The day; after a choice the new time beside the old; after a refusal the nearest, and what was typed."""
    explain = isinstance(refused, RELAXABLE) and user_of(request).has_perm("scheduling.override_policy")
    initial = {"place": looking.place.slug, "who": looking.who, "start": start.isoformat() if start else ""}
    if typed:
        initial |= {name: typed.cleaned_data.get(name, "") for name in ("reason", "override")}
    chosen = start is not None and (refused is None or explain)
    context = {
        "looking": looking,
        "visit": looking.visit,
        "times": looking.times(looking.day, looking.day),
        "look": LookForm(looking.places, looking.people, initial=initial | {"day": looking.day, "who": looking.who or ""}),
        "start": start if chosen else None,
        "form": StaffChangeForm(initial=initial, explain=explain) if chosen else None,
        "refusal": refusal_words(refused) if refused else "",
        "nearest": looking.nearest_to(start) if refused and start else [],
        "before": looking.address(day=looking.day - DAY),
        "after": looking.address(day=looking.day + DAY),
    }
    return render(request, "workspace/change.html", context, status=409 if refused else 200)
