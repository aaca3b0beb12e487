"""The waitlist: who waits for what, whom a free time suits, and the answers given on the telephone."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.models import Location, Resource
from clinic.scheduling.operations import Joining
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.queries.offers import bookable, places_offering, practitioners_for
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.refusals import NotBookable, Refused
from clinic.scheduling.waiting_forms import AnswerForm
from clinic.scheduling.words import moment_words
from clinic.workspace.forms import read_day
from clinic.workspace.queries.people import patient_for, visits_to_come
from clinic.workspace.queries.seen import SeenVisit
from clinic.workspace.queries.waitlist import FreeDay, groups, who_could_come
from clinic.workspace.waitlist_forms import StaffWishesForm
from clinic.workspace.words import refusal_words
from patients.models import Patient
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.models import TreatmentVersion

DESK = "scheduling.book_for_patients"
MONTH = timedelta(days=30)


class Asked(NamedTuple):
    """What is waited for: a treatment at a place."""

    version: TreatmentVersion
    place: Location
    people: list[Resource]

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.place.tz).date()


@needs(DESK)
@require_safe
def waitlist(request: HttpRequest) -> HttpResponse:
    """Who waits since when, with what wishes, and which offers are open."""
    return _list(request)


@needs(DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Put a patient on the list. The patient is found on the booking page, which leads here."""
    asked, patient = _asked(request), patient_for(user_of(request), _uuid(request.GET.get("patient", "")))
    if patient is None:
        messages.info(request, _("Find the patient first. “Put on the waitlist” stands below the times."))
        return redirect("workspace:book")
    has = [visit for visit in visits_to_come(patient, timezone.now()) if visit.treatment_id == asked.version.treatment_id]
    visit = next((visit for visit in has if str(visit.pk) == request.GET.get("visit")), None)
    begin = Wishes(asked.today, asked.today + MONTH)
    form = StaffWishesForm.of(begin, asked.people, asked.today, str(_("Put on the waitlist")))
    refused: Refused | None = None
    if request.method == "POST":
        form = StaffWishesForm(asked.people, asked.today, request.POST)
        if form.is_valid():
            refused = _join(request, asked, patient, form.wishes, visit)
            if refused is None:
                return redirect("workspace:waitlist")
    context = {"asked": asked, "patient": patient, "visit": visit, "has": has, "form": form}
    context |= {"refusal": refusal_words(refused) if refused else ""}
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "workspace/waitlist_join.html", context, status=status)


@needs(DESK)
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Off the list, because the patient says so."""
    try:
        entry = operations.withdraw(actor=Actor(user=user_of(request)), entry=pk, now=timezone.now())
    except Refused as refused:
        return _list(request, refused)
    messages.success(request, _("%(name)s is not on the waitlist any more.") % {"name": entry.patient})
    return redirect("workspace:waitlist")


@needs(DESK)
@require_POST
def answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the patient says to an offered time on the telephone."""
    form, actor = AnswerForm(request.POST), Actor(user=user_of(request))
    if not form.is_valid():
        return _list(request, NotBookable(_("Choose “accepted” or “declined”.")))
    try:
        if form.cleaned_data["answer"] == "decline":
            operations.decline(actor=actor, offer=pk, now=timezone.now())
            messages.success(request, _("Declined. The time goes to the next who waits."))
            return redirect("workspace:waitlist")
        visit = operations.accept(actor=actor, offer=pk, key=form.asked_key, now=timezone.now())
    except Refused as refused:
        return _list(request, refused)
    messages.success(request, _("Accepted: %(when)s.") % {"when": moment_words(visit.during.lower, visit.location.tz)})
    return redirect("workspace:visit", visit.pk)


@needs(DESK)
@require_safe
def times(request: HttpRequest) -> HttpResponse:
    """For a free time: whom it suits, and why it does not suit the others."""
    asked, now = _asked(request), timezone.now()
    try:
        looking = wanted(asked.version.treatment, asked.place, now)
    except NotBookable as refused:
        raise Http404 from refused
    free = FreeDay.of(looking, read_day(request.GET.get("day", ""), asked.today), now)
    at = request.GET.get("start", "")
    chosen = next((one for one in free.times if one.start.isoformat() == at), free.times[0]) if free else None
    fits = who_could_come(looking, chosen, now) if chosen else []
    context = {"asked": asked, "free": free, "chosen": chosen, "fits": fits}
    return render(request, "workspace/waitlist_times.html", context)


def _list(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    context = {"groups": groups(timezone.now()), "form": AnswerForm(auto_id=False)}
    context |= {"refusal": refusal_words(refused) if refused else ""}
    return render(request, "workspace/waitlist.html", context, status=409 if refused else 200)


def _join(request: HttpRequest, asked: Asked, patient: Patient, wishes: Wishes, visit: SeenVisit | None) -> Refused | None:
    joining = Joining(patient, asked.version.treatment, asked.place, wishes, visit.pk if visit else None)
    try:
        operations.join(actor=Actor(user=user_of(request)), joining=joining, now=timezone.now())
    except Refused as refused:
        return refused
    messages.success(request, _("%(name)s is on the waitlist.") % {"name": patient})
    return None


def _asked(request: HttpRequest) -> Asked:
    """What the address says; 404 for what is not offered."""
    now, data = timezone.now(), request.GET
    version = next((one for one in bookable(now) if str(one.treatment_id) == data.get("treatment")), None)
    places = places_offering(version.treatment, now) if version else []
    place = next((one for one in places if one.slug == data.get("place")), None)
    if version is None or place is None:
        raise Http404
    return Asked(version, place, practitioners_for(version.treatment, place))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
