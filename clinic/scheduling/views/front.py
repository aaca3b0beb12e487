"""What comes first and the visit itself: a time for each, one step of the address after another, then one request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.forms import ChosenForm, FrontFilter, FrontForm, pick_of
from clinic.scheduling.holder import WANTED, holder_of
from clinic.scheduling.models import Location
from clinic.scheduling.queries import screening
from clinic.scheduling.queries.front import Front, Pick, needs_in_front, places_for
from clinic.scheduling.queries.offers import bookable, places_offering
from clinic.scheduling.queries.visits import held_by
from clinic.scheduling.refusals import NotBookable, Refused
from clinic.scheduling.views.journey import own_patient
from clinic.scheduling.views.times import Looking, around, asked_of, read_address
from patients.models import Patient
from patients.tickets import Ticket
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.models import Treatment


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest, treatment: int) -> HttpResponse:
    """Choose a time for each (GET), look at all of them (GET, all chosen), book them (POST)."""
    patient, wished = own_patient(request), _wished(treatment)
    if patient is None:
        return redirect("scheduling:details")
    front = _front(asked_of(request), patient, wished)
    if front is None and request.method == "POST":
        return redirect("scheduling:visits")  # the button was pressed twice
    if front is None:
        return redirect("scheduling:times", treatment)
    if not front.places:
        return render(request, "scheduling/first.html", {"places": places_offering(wished, front.now)})
    if request.method == "POST":
        return _book(request, front)
    if "start" in request.GET and front.step is not None:
        return _pick(request, front, front.step)
    return _page(request, front)


@dataclass(frozen=True)
class Choosing(Front):
    """The same, with the places that offer all of it."""

    places: tuple[Location, ...] = ()

    @property
    def chosen(self) -> str:
        """The picks, as the address says them."""
        return ",".join(f"{pick.start.isoformat()}/{pick.who or ''}" if pick else "" for pick in self.picks)

    @property
    def address(self) -> str:
        path = reverse("scheduling:first", args=[self.treatments[-1].pk])
        return f"{path}?{urlencode({'place': self.place.slug, 'chosen': self.chosen})}"


@dataclass(frozen=True)
class Step(Looking):
    """The week of one of them; what has been chosen of the others goes along."""

    chosen: str = ""

    @property
    def query(self) -> str:
        return f"{super().query}&{urlencode({'chosen': self.chosen})}"

    def form_of_times(self) -> ChosenForm:
        return ChosenForm(initial={"place": self.place.slug, "who": self.who, "chosen": self.chosen})

    def context(self) -> dict[str, Any]:
        initial = {"place": self.place.slug, "who": self.who or "", "day": self.day, "chosen": self.chosen}
        return super().context() | {"filter": FrontFilter(self.places, self.people, self.here, initial=initial)}


def _wished(pk: int) -> Treatment:
    """Raises 404 for what cannot be booked."""
    version = next((v for v in bookable(timezone.now()) if v.treatment_id == pk), None)
    if version is None:
        raise Http404
    return version.treatment


def _front(data: QueryDict, patient: Patient, wished: Treatment) -> Choosing | None:
    """What the address asks for, read kindly; None when nothing has to come first."""
    now = timezone.now()
    offering = places_offering(wished, now)
    place = next((p for p in offering if p.slug == data.get("place")), offering[0])
    missing = needs_in_front(patient, wished, place, now)
    if not missing:
        return None
    found = Treatment.objects.in_bulk([need.first for need in missing])
    treatments = (*(found[need.first] for need in missing if need.first in found), wished)
    places = places_for(treatments, now) if len(treatments) == len(missing) + 1 <= operations.MOST_IN_FRONT else []
    place = place if place in places else next(iter(places), place)
    read = [pick_of(token) for token in data.get("chosen", "").split(",")[: len(treatments)]]
    picks = (*read, *[None] * (len(treatments) - len(read)))
    return Choosing(patient, place, treatments, (*missing, None), picks, now, tuple(places))


def _pick(request: HttpRequest, front: Choosing, step: int) -> HttpResponse:
    """On with the time whose button was pressed; one that cannot be read is asked for again."""
    form = ChosenForm(request.GET)
    if not form.is_valid():
        return _page(request, front, NotBookable())
    return redirect(front.picked(step, Pick(form.cleaned_data["start"], form.cleaned_data["who"])).address)


def _page(
    request: HttpRequest, front: Choosing, refusal: Refused | None = None, start: datetime | None = None
) -> HttpResponse:
    """The next that needs a time, else all of them to be looked at; after a refusal with the nearest times."""
    context: dict[str, Any] = {"front": front, "lines": _lines(front), "refusal": refusal}
    if front.step is None:
        open_questions = _open_questions(front)
        if open_questions and not refusal:
            return redirect(open_questions)
        context["form"] = FrontForm(initial={"place": front.place.slug, "chosen": front.chosen})
    else:
        looking: Looking = _looking(request, front, front.step)
        if start:
            looking, context["nearest"] = around(looking, start)
        context = looking.context() | context | {"step": front.lines()[front.step][0]}
    return render(request, "scheduling/first.html", context, status=409 if refusal else 200)


def _lines(front: Choosing) -> list[dict[str, Any]]:
    """Each with the address at which its time is chosen again."""
    return [
        {"asked": asked, "need": need, "pick": pick, "again": front.picked(n, None).address}
        for n, (asked, need, pick) in enumerate(front.lines())
    ]


def _looking(request: HttpRequest, front: Choosing, step: int) -> Step:
    held = held_by(holder_of(request))
    places = [front.place] if any(front.picks) else list(front.places)
    asked = front.asked(step)
    looking = read_address(asked_of(request), places, lambda place: asked, front.now, own=(held.pk,) if held else ())
    return Step(**{**vars(looking), "here": request.path, "action": request.path, "method": "get"}, chosen=front.chosen)


def _open_questions(front: Choosing) -> str | None:
    """Where what is still to be asked for one of the visits is asked, and the way back here."""
    for n, treatment in enumerate(front.treatments):
        day = front.day(n)
        if day:
            ticket = Ticket(treatment.code, day, front.place.jurisdiction, front.address)
            if not screening.is_complete(front.patient, ticket, front.now):
                return ticket.url()
    return None


def _book(request: HttpRequest, front: Choosing) -> HttpResponse:
    form = FrontForm(request.POST)
    if not form.is_valid() or front.step is not None:
        return _page(request, front, NotBookable())
    picks = zip(front.treatments, front.picks, strict=True)
    choices = tuple(operations.Choice(what, front.place, pick.start, pick.who) for what, pick in picks if pick)
    wish = operations.InFront(front.patient, choices, holder_of(request))
    try:
        actor, now = Actor(user=user_of(request)), timezone.now()
        operations.book_in_front(actor=actor, wish=wish, key=form.asked_key, now=now)
    except Refused as refusal:
        return _refused(request, front, choices, refusal)
    request.session.pop(WANTED, None)
    messages.success(request, _("All your times are kept. Each visit says whether it is booked or waits for a clinician."))
    return redirect("scheduling:visits")


def _refused(
    request: HttpRequest, front: Choosing, choices: tuple[operations.Choice, ...], refusal: Refused
) -> HttpResponse:
    """The one that could not be had is chosen again; the others are kept."""
    if refusal.item is None:
        return _page(request, front, refusal)
    return _page(request, front.picked(refusal.item, None), refusal, choices[refusal.item].start)
