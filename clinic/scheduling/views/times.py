"""Choosing: what, where, with whom, when. Everybody may look; holding a time needs no account."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.forms import ChoiceForm, TimesFilter
from clinic.scheduling.holder import address_of, become_holder
from clinic.scheduling.models import Location, Resource
from clinic.scheduling.policies.intervals import LAST, earliest_after, in_the_way, missing_on
from clinic.scheduling.queries.offered import offers_of
from clinic.scheduling.queries.offers import bookable, practitioners_for, prices_from
from clinic.scheduling.queries.times import Wanted, wanted_as
from clinic.scheduling.queries.week import WEEK, Day, first_free_week, nearest, week, week_of
from clinic.scheduling.refusals import NotBookable, Refused
from clinic.scheduling.views import journey
from clinic.scheduling.words import earliest_words, first_words
from treatments.doors import public
from treatments.models import TreatmentVersion

TOO_FAR = timedelta(days=400)
MOST_DIGITS = 10  # of a resource's 32-bit id


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
    looking = looking_for(request, treatment)
    template = "scheduling/_week.html" if is_fragment(request) else "scheduling/times.html"
    return render(request, template, looking.context())


@public
@require_POST
def hold(request: HttpRequest, treatment: int) -> HttpResponse:
    """Hold the chosen time and go on; a time that is lost answers with the three nearest."""
    now, form = timezone.now(), ChoiceForm(request.POST)
    offer = next((o for o in offers_of(treatment, now) if o.location.slug == request.POST.get("place")), None)
    if offer is None or not form.is_valid():
        return _again(request, looking_for(request, treatment), NotBookable(), None)
    choice = operations.Choice(offer.treatment, offer.location, form.cleaned_data["start"], form.cleaned_data["who"])
    patient = journey.own_patient(request)
    try:
        visit = operations.hold(
            holder=become_holder(request),
            address=address_of(request),
            choice=choice,
            key=form.asked_key,
            now=now,
            patient=patient,
        )
    except Refused as refusal:
        return _again(request, looking_for(request, treatment), refusal, choice.start)
    journey.remember(request, visit, choice.practitioner)
    return redirect(journey.before_questions(request, patient))


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
    own: tuple[UUID, ...]  # the hold of this browser does not stand in its own way
    since: date | None = None  # the earliest day that the answers allow, where a page has said so
    first: bool = False  # to be opened at the first day with a free time
    here: str = ""  # the address of the page, for its links to other days
    action: str = ""  # where a chosen time is sent
    method: str = "post"

    @property
    def last(self) -> date:
        """The last local day that patients may book."""
        return (self.now + timedelta(days=self.asked.policy.horizon_days)).astimezone(self.place.tz).date()

    @property
    def query(self) -> str:
        """The choice so far, for links to other days."""
        since = {"from": self.since.isoformat()} if self.since else {}
        return urlencode({"place": self.place.slug, "who": self.who or "", **since})

    def form_of_times(self) -> ChoiceForm:
        return ChoiceForm(initial={"place": self.place.slug, "who": self.who})

    def context(self) -> dict[str, Any]:
        found = self._first_free() if self.first else None
        if found:
            return replace(self, day=found[0], first=False)._week(found[1])
        shown = week(self.asked, week_of(self.day), self.now, practitioner=self.who, ignoring=self.own)
        return self._week(shown) | {"none": self.first}

    def _first_free(self) -> tuple[date, list[Day]] | None:
        return first_free_week(self.asked, self.day, self.now, practitioner=self.who, ignoring=self.own)

    def _week(self, shown: list[Day]) -> dict[str, Any]:
        monday = week_of(self.day)
        days = [Day(day.day, ()) if self.since and day.day < self.since else day for day in shown]
        today = self.now.astimezone(self.place.tz).date()
        initial = {"place": self.place.slug, "who": self.who or "", "day": self.day}
        return {
            "looking": self,
            "days": days,
            "open_day": self._opened(days),
            "names": {person.pk: person.name for person in self.people},
            "before": monday - WEEK if monday > today else None,
            "after": monday + WEEK if monday + WEEK <= self.last else None,
            "filter": TimesFilter(self.places, self.people, self.here, initial=initial),
            "form": self.form_of_times(),
            **self._rested(today),
        }

    def _opened(self, days: list[Day]) -> Day:
        """The day that was asked for; when it has no times, the first of the week that has."""
        chosen = next(day for day in days if day.day == self.day)
        return chosen if chosen.times else next((day for day in days if day.times), chosen)

    def _rested(self, today: date) -> dict[str, str]:
        """Why nothing is offered from today on: the first possible day, or what has to be booked in front, and where."""
        span, missing = in_the_way(today, self.asked.barred), missing_on(today, self.asked.barred)
        if missing:
            address = reverse("scheduling:first", args=[self.version.treatment_id])
            return {"rested": first_words(missing), "first_url": f"{address}?{urlencode({'place': self.place.slug})}"}
        return {"rested": earliest_words(span)} if span else {}


def looking_for(request: HttpRequest, treatment: int) -> Looking:
    """What the address asks for. Unknown treatments are 404."""
    now, patient = timezone.now(), journey.own_patient(request)
    offers = {offer.location: offer for offer in offers_of(treatment, now)}
    if not offers:
        raise Http404

    def asked_at(place: Location) -> Wanted:
        return wanted_as(offers[place], now, patient=patient)

    try:
        own, fragment = journey.own_hold(request), is_fragment(request)
        looking = read_address(asked_of(request), list(offers), asked_at, now, own=own, fragment=fragment)
    except NotBookable as nothing:  # offered, but not published
        raise Http404 from nothing
    here, action = (reverse(f"scheduling:{name}", args=[treatment]) for name in ("times", "hold"))
    return replace(looking, here=here, action=action)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx only wants what stands under #times; when it restores a page it wants the whole one."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return htmx.target == "times" and not htmx.history_restore_request


def asked_of(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def read_address(
    data: QueryDict,
    places: list[Location],
    asked_at: Callable[[Location], Wanted],
    now: datetime,
    *,
    own: tuple[UUID, ...],
    fragment: bool = False,
) -> Looking:
    """Read it kindly: whatever is unknown there falls back to the first choice.

    A fragment shows no names, and its links come from a page that has read them: nobody is looked up for it.
    """
    place = next((p for p in places if p.slug == data.get("place")), places[0])
    asked = asked_at(place)
    people = [] if fragment else practitioners_for(asked.treatment, place)
    who = _number(data.get("who", "")) if fragment else _one_of(people, data.get("who", ""))
    today = now.astimezone(place.tz).date()
    since = _day(data.get("from", ""), today)
    earliest = earliest_after(today, asked.barred)
    first = max(earliest if earliest <= LAST else today, since)
    day = max(_day(data.get("day", ""), first), since)
    later, soonest = since if since > today else None, "first" in data
    return Looking(asked.version, places, place, people, who, day, asked, now, own, later, soonest)


def _one_of(people: list[Resource], text: str) -> int | None:
    return next((person.pk for person in people if str(person.pk) == text), None)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < MOST_DIGITS else None


def _day(text: str, otherwise: date) -> date:
    """A day that an address names, when it is neither past nor too far; else `otherwise`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if otherwise <= day <= otherwise + TOO_FAR else otherwise


def _again(request: HttpRequest, looking: Looking, refusal: Refused, start: datetime | None) -> HttpResponse:
    """The same page with the refusal and the three nearest times; nothing was lost."""
    looking, near = around(looking, start) if start else (looking, [])
    return render(request, "scheduling/times.html", looking.context() | {"refusal": refusal, "nearest": near}, status=409)


def around(looking: Looking, start: datetime) -> tuple[Looking, list[datetime]]:
    """The page of the day of `start`, and the three free times nearest to it."""
    today = looking.now.astimezone(looking.place.tz).date()
    looking = replace(looking, day=_day(start.astimezone(looking.place.tz).date().isoformat(), today))
    return looking, nearest(looking.asked, start, looking.now, practitioner=looking.who, ignoring=looking.own)
