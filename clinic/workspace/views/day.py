"""Today, and any other day, at a location."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.scheduling.models import Location
from clinic.scheduling.queries.closed import visits_in_closed_time
from clinic.scheduling.queries.offers import open_places
from clinic.workspace.forms import DayForm, PageForm, read_day
from clinic.workspace.queries.calls import number_of_calls
from clinic.workspace.queries.day import columns_of, next_day_with_visits, waiting_count
from clinic.workspace.queries.review import near, number_waiting
from clinic.workspace.views.refusing import Refusal
from clinic.workspace.words import tier_words
from treatments.doors import needs, user_of

ONE_DAY = timedelta(days=1)


@needs("scheduling.view_day")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The day's visits at a location. Whatever the address says wrongly falls back to the first location, and today."""
    places = open_places()
    place = next((p for p in places if p.slug == request.GET.get("place")), places[0] if places else None)
    if place is None:
        return render(request, "workspace/no_places.html")
    day = read_day(request.GET.get("day", ""), _today_at(place))
    return _page(request, places, place, day)


def day_page(request: HttpRequest, place: Location, day: date, refusal: Refusal) -> HttpResponse:
    """The day once more, because a move of it was refused."""
    return _page(request, open_places(), place, day, refusal)


def _page(
    request: HttpRequest, places: list[Location], place: Location, day: date, refusal: Refusal | None = None
) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    columns, may_review = columns_of(user, place, day, now), user.has_perm("scheduling.review")
    context = {
        "place": place,
        "places": places,
        "day": day,
        "is_today": day == _today_at(place),
        "before": day - ONE_DAY,
        "after": day + ONE_DAY,
        "columns": columns,
        "next_day": None if columns else next_day_with_visits(place, day),
        "waiting": number_waiting(user, now) if may_review else waiting_count(),
        "near": [(visit, tier_words(visit.evaluation.tier if visit.evaluation else "")) for visit in near(now)],
        "calls": number_of_calls(now) if user.has_perm("scheduling.book_for_patients") else None,
        "in_closed_time": visits_in_closed_time(place, now),
        "may_close": user.has_perm("scheduling.close_time"),
        "form": DayForm(places, initial={"place": place.slug, "day": day}),
        "page_form": PageForm(initial={"page": "today"}),
        "may_book": user.has_perm("scheduling.book_for_patients"),
        "may_review": may_review,
        "refusal": refusal,
    }
    return render(request, "workspace/today.html", context, status=refusal.status if refusal else 200)


def _today_at(place: Location) -> date:
    return timezone.now().astimezone(place.tz).date()
