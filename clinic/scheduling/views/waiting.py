"""“Tell me if something sooner becomes free”: a patient's own waiting, and the times that are offered."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Location, Resource, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import Joining
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.queries import screening
from clinic.scheduling.queries.offers import bookable, places_offering, practitioners_for
from clinic.scheduling.queries.own import own_visit
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.queries.waiting import OPEN, open_offer, own_entries, own_entry, own_offer, version_names, wishes_of
from clinic.scheduling.refusals import Refused
from clinic.scheduling.views.journey import own_patient
from clinic.scheduling.waiting_forms import AnswerForm, WishesForm
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.models import TreatmentVersion

OWN = "scheduling.book_own"
MONTH = timedelta(days=30)


class Waiting(NamedTuple):
    """What is waited for: a treatment at a place, perhaps instead of a later visit."""

    version: TreatmentVersion
    place: Location
    people: list[Resource]
    visit: Appointment | None

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.place.tz).date()

    @property
    def days(self) -> Wishes:
        """What the form begins with: until the visit, or the next month."""
        if self.visit is None:
            return Wishes(self.today, self.today + MONTH)
        visit_day = self.visit.during.lower.astimezone(self.place.tz).date()
        return Wishes(self.today, max(self.today, visit_day - timedelta(days=1)))


@needs(OWN)
@require_safe
def waitlist(request: HttpRequest) -> HttpResponse:
    """What one waits for, and what is offered."""
    names = version_names(timezone.now())
    entries = [(entry, names.get(entry.treatment_id), open_offer(entry)) for entry in own_entries(user_of(request))]
    return render(request, "scheduling/waitlist.html", {"entries": entries})


@needs(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Which days and times would suit. Who is here for the first time says who they are first."""
    wanted, patient = _wanted(request), own_patient(request)
    if patient is None:
        return redirect(f"{reverse('scheduling:details')}?{urlencode({'next': request.get_full_path()})}")
    form = WishesForm.of(wanted.days, wanted.people, wanted.today, str(_("Tell me when something is free")))
    refusal: Refused | None = None
    if request.method == "POST":
        form = WishesForm(wanted.people, wanted.today, request.POST)
        if form.is_valid():
            visit = wanted.visit.pk if wanted.visit else None
            joining = Joining(patient, wanted.version.treatment, wanted.place, form.wishes, visit)
            try:
                operations.join(actor=Actor(user=user_of(request)), joining=joining, now=timezone.now())
            except Refused as refused:
                refusal = refused
            else:
                messages.success(request, _("You are on the waitlist. We write to you when something is free."))
                return redirect("scheduling:waitlist")
    context = {"wanted": wanted, "form": form, "refusal": refusal}
    return render(request, "scheduling/wishes.html", context, status=_status(form, refusal))


@needs(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What would suit, to be changed; the place in the list stays."""
    entry = _own(request, pk)
    people, today = practitioners_for(entry.treatment, entry.location), _today_at(entry.location)
    form = WishesForm.of(wishes_of(entry), people, today, str(_("Save")))
    refusal: Refused | None = None
    if request.method == "POST":
        form = WishesForm(people, today, request.POST).named(str(_("Save")))
        if form.is_valid():
            actor = Actor(user=user_of(request))
            try:
                operations.change_wishes(actor=actor, entry=pk, wishes=form.wishes, now=timezone.now())
            except Refused as refused:
                refusal = refused
            else:
                return redirect("scheduling:waitlist")
    context = {"entry": entry, "form": form, "refusal": refusal}
    return render(request, "scheduling/wishes.html", context, status=_status(form, refusal))


@needs(OWN)
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Off the list."""
    entry = _own(request, pk)
    try:
        operations.withdraw(actor=Actor(user=user_of(request)), entry=entry.pk, now=timezone.now())
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("You are not on the waitlist any more."))
    return redirect("scheduling:waitlist")


@needs(OWN)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A time that is kept. Only a POST accepts or declines; open questions come first, and lead back here."""
    found = own_offer(user_of(request), pk)
    if found is None:
        raise Http404
    form = AnswerForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _offer_page(request, found, form)
    if form.cleaned_data["answer"] == "decline":
        return _decline(request, found)
    return _to_questions(found) or _accept(request, found, form)


def _accept(request: HttpRequest, found: WaitlistOffer, form: AnswerForm) -> HttpResponse:
    try:
        visit = operations.accept(actor=Actor(user=user_of(request)), offer=found.pk, key=form.asked_key, now=timezone.now())
    except Refused as refused:
        return _offer_page(request, found, form, refused)
    return redirect("scheduling:done", visit.pk)


def _decline(request: HttpRequest, found: WaitlistOffer) -> HttpResponse:
    try:
        operations.decline(actor=Actor(user=user_of(request)), offer=found.pk, now=timezone.now())
    except Refused as refused:
        return _offer_page(request, found, AnswerForm(), refused)
    messages.success(request, _("Thank you for telling us. You are still on the waitlist."))
    return redirect("scheduling:waitlist")


def _to_questions(found: WaitlistOffer) -> HttpResponse | None:
    """To what is still to be answered before this visit; None when nothing is, or nothing is kept any more."""
    if found.hold is None or found.answer != OPEN:
        return None
    ticket = screening.ticket_for(found.hold, reverse("scheduling:offer", args=[found.pk]))
    complete = screening.is_complete(found.entry.patient, ticket, timezone.now())
    return None if complete else redirect(ticket.url())


def _offer_page(
    request: HttpRequest, found: WaitlistOffer, form: AnswerForm, refusal: Refused | None = None
) -> HttpResponse:
    found = own_offer(user_of(request), found.pk) or found
    kept = found.hold if found.answer == OPEN and found.start > timezone.now() else None
    fresh = form if form.is_bound and form.is_valid() else AnswerForm()
    context = {"offer": found, "hold": kept, "form": fresh, "refusal": refusal, "entry": found.entry}
    status = 409 if refusal or form.errors else 200
    return render(request, "scheduling/offer.html", context, status=status)


def _wanted(request: HttpRequest) -> Waiting:
    """What the address asks for; a visit says what and where by itself. 404 for what is not offered, or not one's own."""
    now, data = timezone.now(), request.GET
    visit = _visit(request, data.get("visit", ""))
    asked = str(visit.treatment_id) if visit else data.get("treatment")
    version = next((version for version in bookable(now) if str(version.treatment_id) == asked), None)
    places = places_offering(version.treatment, now) if version else []
    slug = visit.location.slug if visit else data.get("place")
    place = next((place for place in places if place.slug == slug), places[0] if places and not visit else None)
    if version is None or place is None:
        raise Http404
    return Waiting(version, place, practitioners_for(version.treatment, place), visit)


def _visit(request: HttpRequest, text: str) -> Appointment | None:
    if not text:
        return None
    try:
        visit = own_visit(user_of(request), UUID(text))
    except ValueError:
        visit = None
    if visit is None or visit.status not in TO_COME or visit.during.lower <= timezone.now():
        raise Http404
    return visit


def _own(request: HttpRequest, pk: UUID) -> WaitlistEntry:
    entry = own_entry(user_of(request), pk)
    if entry is None:
        raise Http404
    return entry


def _today_at(place: Location) -> date:
    return timezone.now().astimezone(place.tz).date()


def _status(form: Any, refusal: Refused | None) -> int:
    return 409 if refusal else 422 if form.is_bound and form.errors else 200
