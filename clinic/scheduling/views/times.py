"""Choosing: what, where, with whom, when. Everybody may look; holding a time needs no account."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.forms import ChoiceForm, TimesFilter
from clinic.scheduling.holder import address_of, become_holder, holder_of
from clinic.scheduling.models import Location, Resource
from clinic.scheduling.policies.intervals import earliest_after
from clinic.scheduling.queries.offers import bookable, places_offering, practitioners_for, prices_from
from clinic.scheduling.queries.times import Wanted, wanted
from clinic.scheduling.queries.visits import held_by
from clinic.scheduling.queries.week import WEEK, Day, first_free_day, nearest, week, week_of
from clinic.scheduling.refusals import NotBookable, Refused
from clinic.scheduling.views import journey
from treatments.doors import public
from treatments.models import TreatmentVersion

TOO_FAR = timedelta(days=400)


@public
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """What would you like to book?"""
    now = timezone.now()
    context = {"versions": bookable(now), "prices": prices_from(now)}
    return render(request, "scheduling/choose.html", context)


@public
@require_safe
def times(request: HttpRequest, treatment: int) -> HttpResponse:
    """A week of free times, one day of it opened."""
    looking = _looking(request, treatment)
    if "first" in request.GET:
        return _to_first_free(looking)
    return render(request, "scheduling/times.html", looking.context(looking.form_of_times()))


@public
@require_POST
def hold(request: HttpRequest, treatment: int) -> HttpResponse:
    """Hold the chosen time and go on; a time that is lost answers with the three nearest."""
    looking = _looking(request, treatment)
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        return _again(request, looking, form, NotBookable(), None)
    choice = operations.Choice(
        looking.version.treatment, looking.place, form.cleaned_data["start"], form.cleaned_data["who"]
    )
    try:
        visit = operations.hold(
            holder=become_holder(request),
            address=address_of(request),
            choice=choice,
            key=form.asked_key,
            now=looking.now,
            patient=looking.asked.patient,
        )
    except Refused as refusal:
        return _again(request, looking, form, refusal, choice.start)
    journey.remember(request, visit, choice.practitioner)
    return redirect("scheduling:next")


@dataclass(frozen=True)
class Looking:
    """What the page is about: a treatment at a place, perhaps with one practitioner, around one day."""

    version: TreatmentVersion
    places: list[Location]
    place: Location
    people: list[Resource]
    who: int | None
    day: date
    asked: Wanted
    now: datetime
    own: tuple[Any, ...]  # the hold of this browser does not stand in its own way
    since: date | None = None  # the earliest day that the answers allow, where a page has said so

    @property
    def query(self) -> str:
        """The choice so far, for links to other days."""
        since = {"from": self.since.isoformat()} if self.since else {}
        return urlencode({"place": self.place.slug, "who": self.who or "", **since})

    def form_of_times(self) -> ChoiceForm:
        return ChoiceForm(initial={"place": self.place.slug, "who": self.who})

    def context(self, form: ChoiceForm) -> dict[str, Any]:
        monday = week_of(self.day)
        shown = week(self.asked, monday, self.now, practitioner=self.who, ignoring=self.own)
        days = [Day(day.day, ()) if self.since and day.day < self.since else day for day in shown]
        today = self.now.astimezone(self.place.tz).date()
        initial = {"place": self.place.slug, "who": self.who or "", "day": self.day}
        return {
            "looking": self,
            "days": days,
            "open_day": self._opened(days),
            "names": {person.pk: person.name for person in self.people},
            "before": monday - WEEK if monday > today else None,
            "after": monday + WEEK if monday + WEEK < today + timedelta(days=self.asked.policy.horizon_days) else None,
            "filter": TimesFilter(self.places, self.people, initial=initial),
            "form": form,
            "rested": self._rested(today),
        }

    def _opened(self, days: list[Day]) -> Day:
        """The day that was asked for; when it has no times, the first of the week that has."""
        chosen = next(day for day in days if day.day == self.day)
        return chosen if chosen.times else next((day for day in days if day.times), chosen)

    def _rested(self, today: date) -> date | None:
        """The first day on which the patient's skin has rested, when that is not today."""
        earliest = earliest_after(today, self.asked.barred)
        return earliest if earliest != today else None


def _looking(request: HttpRequest, treatment: int) -> Looking:
    """Read the address kindly: whatever is unknown there falls back to the first choice. Unknown treatments are 404."""
    now, data = timezone.now(), request.POST if request.method == "POST" else request.GET
    version = next((v for v in bookable(now) if v.treatment_id == treatment), None)
    if version is None:
        raise Http404
    places = places_offering(version.treatment, now)
    place = next((p for p in places if p.slug == data.get("place")), places[0])
    people = practitioners_for(version.treatment, place)
    who = next((p.pk for p in people if str(p.pk) == data.get("who")), None)
    asked = wanted(version.treatment, place, now, patient=journey.own_patient(request))
    own = held_by(holder_of(request))
    today = now.astimezone(place.tz).date()
    since = _day(data.get("from", ""), today)
    first = max(earliest_after(today, asked.barred), since)
    day = max(_day(data.get("day", ""), first), since)
    held = (own.pk,) if own else ()
    return Looking(version, places, place, people, who, day, asked, now, held, since if since > today else None)


def _day(text: str, otherwise: date) -> date:
    """A day that an address names, when it is neither past nor too far; else `otherwise`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if otherwise <= day <= otherwise + TOO_FAR else otherwise


def _to_first_free(looking: Looking) -> HttpResponse:
    found = first_free_day(looking.asked, looking.day, looking.now, practitioner=looking.who, ignoring=looking.own)
    answer = redirect("scheduling:times", looking.version.treatment_id)
    answer["Location"] += f"?{looking.query}&day={(found or looking.day).isoformat()}" + ("" if found else "&none=1")
    return answer


def _again(
    request: HttpRequest, looking: Looking, form: ChoiceForm, refusal: Refused, start: datetime | None
) -> HttpResponse:
    """The same page with the refusal and the three nearest times; nothing was lost."""
    fresh = looking.form_of_times()
    if start:
        today = looking.now.astimezone(looking.place.tz).date()
        day = _day(start.astimezone(looking.place.tz).date().isoformat(), today)
        looking = replace(looking, day=day)
    near = nearest(looking.asked, start, looking.now, practitioner=looking.who, ignoring=looking.own) if start else []
    context = {**looking.context(fresh), "refusal": refusal, "nearest": near}
    return render(request, "scheduling/times.html", context, status=409)
