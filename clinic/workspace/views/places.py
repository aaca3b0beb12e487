"""Places: who and what is there, weekly hours, public holidays, limits for patients."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.scheduling.models import BookingPolicy, Closure, Hours, Location, Resource
from clinic.scheduling.operations import Closing, NewHours
from clinic.scheduling.queries.offers import open_places
from clinic.scheduling.refusals import Refused
from clinic.workspace.places_forms import HolidaysForm, PolicyForm, WeekForm, things_at
from clinic.workspace.queries.holidays import closed_holidays, coming_holidays
from clinic.workspace.views.closures import sent
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.models import Treatment

KEEP = "scheduling.manage_places"
DAY = timedelta(days=1)


@needs(KEEP)
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """Everything that has hours, by location, and the rows of limits."""
    rows = [(place, things_at(place)) for place in open_places()]
    policies = BookingPolicy.objects.select_related("location", "treatment").order_by("location", "treatment")
    context = {"rows": rows, "policies": policies, "treatments": Treatment.objects.all()}
    return render(request, "workspace/places.html", context)


@needs(KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The week of one person, room or device at one location."""
    place, thing = get_object_or_404(Location, slug=slug, active=True), get_object_or_404(Resource, pk=pk)
    today = timezone.now().astimezone(place.tz).date()
    rows = Hours.objects.filter(resource=thing, location=place)
    now_there = list(rows.filter(valid__contains=today))
    form = WeekForm(now_there, sent(request), initial={"since": today + DAY})
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        asked = NewHours(thing, place, form.cleaned_data["since"], form.week, until + DAY if until else None)
        try:
            operations.set_hours(actor=Actor(user=user_of(request)), hours=asked)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("These hours are saved. Booked visits stay where they are."))
            return redirect("workspace:hours", slug, pk)
    context = {"place": place, "thing": thing, "form": form, "coming": rows.filter(valid__startswith__gt=today)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "workspace/hours.html", context, status=status)


@needs(KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest, slug: str) -> HttpResponse:
    """Those that are ticked become closures, those that no longer are become open time again."""
    place, now = get_object_or_404(Location, slug=slug, active=True), timezone.now()
    today = now.astimezone(place.tz).date()
    named, closed = coming_holidays(place, today), closed_holidays(place, today)
    form = HolidaysForm(named, sent(request), initial={"days": [day.isoformat() for day in closed]})
    if request.method == "POST" and form.is_valid():
        _close_holidays(Actor(user=user_of(request)), place, named, closed, set(form.cleaned_data["days"]), now)
        messages.success(request, _("Saved. Visits on closed days are listed with each closure."))
        return redirect(f"{reverse('workspace:closures')}?place={place.slug}")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "workspace/holidays.html", {"place": place, "form": form, "named": named}, status=status)


def _close_holidays(
    actor: Actor, place: Location, named: dict[date, str], closed: dict[date, Closure], ticked: set[date], now: datetime
) -> None:
    for day in ticked - closed.keys():
        first, last = (datetime.combine(which, time(), tzinfo=place.tz) for which in (day, day + DAY))
        closing = Closing(first, last, place, kind=Closure.Kind.HOLIDAY, note=named[day][:120])
        operations.close(actor=actor, closing=closing, now=now)
    for day in closed.keys() & named.keys() - ticked:
        operations.reopen_time(actor=actor, closure=closed[day].pk, now=now)


@needs(KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """One row of limits: of the clinic, a location, a treatment, or a treatment at a location."""
    place = _named(Location, "slug", request.GET.get("place", ""))
    treatment = _named(Treatment, "code", request.GET.get("treatment", ""))
    row = BookingPolicy.objects.filter(location=place, treatment=treatment).first()
    form = PolicyForm(sent(request), instance=row or BookingPolicy(location=place, treatment=treatment))
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in BookingPolicy.DEFAULTS}
        operations.set_limits(actor=Actor(user=user_of(request)), location=place, treatment=treatment, values=values)
        messages.success(request, _("These limits count from now on."))
        return redirect("workspace:places")
    context = {"form": form, "place": place, "treatment": treatment, "defaults": BookingPolicy.DEFAULTS}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "workspace/limits.html", context, status=status)


def _named(model: Any, field: str, value: str) -> Any:
    """The row that the address names, or None for none. Raises Http404 for one that is not there."""
    if not value:
        return None
    found = model.objects.filter(**{field: value}).first()
    if found is None:
        raise Http404
    return found
