"""Closed time: what is closed when, and the visits that have to move because of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.models import Closure, Location
from clinic.scheduling.queries.closed import closures_at, proposal_for, visits_in
from clinic.scheduling.queries.offers import open_places
from clinic.scheduling.refusals import HoldLost, NotBookable, Refused
from clinic.workspace.places_forms import ClosingForm, closed_words
from clinic.workspace.words import refusal_words
from treatments.acting import Actor
from treatments.doors import needs, user_of

CLOSE = "scheduling.close_time"


@needs(CLOSE)
@require_safe
def closures(request: HttpRequest) -> HttpResponse:
    """Coming and past, at a location."""
    place, now = place_of(request), timezone.now()
    context: dict[str, Any] = {"place": place, "places": open_places(), "coming": [], "past": []}
    if place:
        context |= {"coming": _named(closures_at(place, now)), "past": _named(closures_at(place, now, past=True)[:20])}
    return render(request, "workspace/closures.html", context)


@needs(CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    place = place_of(request)
    if place is None:
        raise Http404
    form = ClosingForm(place, sent(request), initial={"first": request.GET.get("day", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.close(actor=Actor(user=user_of(request)), closing=form.closing, now=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Closed. The visits in this time are listed below; none has been moved."))
            return redirect("workspace:closure", made.pk)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "workspace/close.html", {"place": place, "form": form}, status=status)


@needs(CLOSE)
@require_safe
def closure(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Closure, pk=pk))


@needs(CLOSE)
@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep another time for one visit, or for each of them; the patients are told."""
    found, now = get_object_or_404(Closure, pk=pk), timezone.now()
    wanted = request.POST.get("visit", "")
    visits = [visit for visit in visits_in(found, now) if wanted in ("", str(visit.pk))]
    nothing = []
    for visit in visits:
        try:
            operations.propose(actor=Actor(user=user_of(request)), visit=visit.pk, now=now)
        except NotBookable:
            nothing.append(str(visit.patient))
        except Refused as refused:
            return _page(request, found, refused)
    if nothing:
        messages.warning(request, _("Nothing is free for %(names)s. Please telephone.") % {"names": ", ".join(nothing)})
    return redirect("workspace:closure", pk)


@needs("scheduling.book_for_patients")
@require_POST
def accept(request: HttpRequest, pk: int, visit: UUID) -> HttpResponse:
    """The patient has said yes on the telephone."""
    found, now = get_object_or_404(Closure, pk=pk), timezone.now()
    mine = visits_in(found, now).filter(pk=visit).first()
    hold = proposal_for(mine, now) if mine else None
    try:
        if mine is None or hold is None or str(hold.pk) != request.POST.get("hold"):
            raise HoldLost(_("This time is no longer kept. Keep another one, or change the time of the visit."))
        change = operations.Change(mine.pk, taking=hold.pk)
        operations.reschedule(actor=Actor(user=user_of(request)), change=change, key=hold.pk, now=now)
    except Refused as refused:
        return _page(request, found, refused)
    messages.success(request, _("Moved. A letter goes out where there is an address."))
    return redirect("workspace:closure", pk)


@needs(CLOSE)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Closure.objects.select_related("location", "resource__location"), pk=pk)
    try:
        operations.reopen_time(actor=Actor(user=user_of(request)), closure=pk, now=timezone.now())
    except Refused as refused:
        return _page(request, found, refused)
    messages.success(request, _("Open again."))
    return redirect("workspace:closures")


def sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, also when that is nothing; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def place_of(request: HttpRequest) -> Location | None:
    """The location that the address names, else the first."""
    places = open_places()
    asked = request.POST.get("place") or request.GET.get("place")
    return next((place for place in places if place.slug == asked), places[0] if places else None)


def zone_of(closure: Closure) -> Location | None:
    """The location whose clock tells when it is closed."""
    if closure.location:
        return closure.location
    if closure.resource and closure.resource.location:
        return closure.resource.location
    hours = closure.resource.hours.select_related("location").first() if closure.resource else None
    return hours.location if hours else None


def _named(rows: list[Closure]) -> list[tuple[Closure, str, Location | None]]:
    return [(row, closed_words(row), zone_of(row)) for row in rows]


def _page(request: HttpRequest, found: Closure, refused: Refused | None = None) -> HttpResponse:
    now = timezone.now()
    visits = [(visit, proposal_for(visit, now)) for visit in visits_in(found, now)]
    context = {
        "closure": found,
        "name": closed_words(found),
        "place": zone_of(found),
        "visits": visits,
        "without": sum(hold is None for _visit, hold in visits),
        "is_over": found.during.upper <= now,
        "may_move": user_of(request).has_perm("scheduling.book_for_patients"),
        "refusal": refusal_words(refused) if refused else "",
    }
    return render(request, "workspace/closure.html", context, status=409 if refused else 200)
