"""A month at a glance: which days have free times."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.scheduling.forms import MonthFilter
from clinic.scheduling.queries.month import month as month_of
from clinic.scheduling.queries.month import month_before, next_month
from clinic.scheduling.views.times import is_fragment, looking_for
from treatments.doors import public


@public
@require_safe
def month(request: HttpRequest, treatment: int) -> HttpResponse:
    """Each day with free times leads to them."""
    looking = looking_for(request, treatment)
    last = looking.last
    first = min(_month(request.GET.get("month", ""), looking.day.replace(day=1)), last.replace(day=1))
    weeks = month_of(looking.asked, first, looking.now, practitioner=looking.who, ignoring=looking.own)
    today = looking.now.astimezone(looking.place.tz).date()
    initial = {"place": looking.place.slug, "who": looking.who or "", "month": f"{first:%Y-%m}"}
    context = {
        "looking": looking,
        "weeks": weeks,
        "first": first,
        "before": month_before(first) if first > today else None,
        "after": next_month(first) if next_month(first) <= last else None,
        "some": any(day.free for week in weeks for day in week),
        "filter": MonthFilter(looking.places, looking.people, request.path, initial=initial),
    }
    return render(request, "scheduling/_month.html" if is_fragment(request) else "scheduling/month.html", context)


def _month(text: str, least: date) -> date:
    """The first day of “2027-03”, or `least`."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return least
    return max(first, least)
