"""A patient's skin type and last sun, for a clinician on the care team. For everybody else there is no such page."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.workspace.queries import records
from clinic.workspace.queries.skin import lacking, outlooks, patches_of
from clinic.workspace.skin_forms import ConfirmForm, SunForm
from clinic.workspace.views.records import not_yours
from patients import instruments, operations, trail
from patients.access import assessable_by
from patients.queries import skin as queries
from treatments.acting import Actor, acting_as
from treatments.doors import needs, user_of

ASSESS = "patients.assess_skin"
SHOWN = ["phototypes", "sun_exposures"]


@needs(ASSESS)
@require_http_methods(["GET", "HEAD", "POST"])
def skin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the patient answered beside what was confirmed; POST confirms a type."""
    form = ConfirmForm(instruments.type_words(), request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, pk, confirm=form)
    actor, kind = Actor(user=user_of(request)), form.cleaned_data["type"]
    try:
        operations.confirm_phototype(actor=actor, patient=pk, kind=kind, now=timezone.now())
    except operations.NotOnTheCareTeam as refusal:
        raise Http404 from refusal
    messages.success(request, _("Confirmed as type %(type)s. The patient's own answers stay as they are.") % {"type": kind})
    return redirect("workspace:skin", pk)


@needs(ASSESS)
@require_POST
def sun(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The last sun, as the patient tells it at a visit."""
    form = _sun_form(pk, request)
    if not form.is_valid():
        return _page(request, pk, sun=form)
    try:
        operations.note_sun(actor=Actor(user=user_of(request)), patient=pk, last=form.last, now=timezone.now())
    except operations.NotOnTheCareTeam as refusal:
        raise Http404 from refusal
    messages.success(request, _("The date is kept. The earliest days below follow it."))
    return redirect("workspace:skin", pk)


def _sun_form(pk: UUID, request: HttpRequest | None = None) -> SunForm:
    return SunForm(reverse("workspace:sun", args=[pk]), request.POST if request else None, prefix="sun")


def _page(request: HttpRequest, pk: UUID, confirm: ConfirmForm | None = None, sun: SunForm | None = None) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    confirm, sun = confirm or ConfirmForm(instruments.type_words()), sun or _sun_form(pk)
    with acting_as(Actor(user=user)):
        patient = assessable_by(user, pk, now)
        if patient is None:
            return not_yours(request, pk)
        because = records.because(user, patient, now)
        own, confirmed = queries.self_reported(patient), queries.confirmed(patient)
        trail.opened(user, patient, SHOWN, because.why, visit_on=because.visit_on)
        context = {
            "patient": patient,
            "own": own,
            "confirmed": confirmed,
            "differ": bool(own and confirmed and own.type != confirmed[0].type),
            "sun_answered": queries.sun_answered_in_words(patient),
            "sun_told": queries.sun_told(patient),
            "patches": patches_of(patient),
            "outlooks": outlooks(patient, now),
            "lacking": lacking(patient, now),
            "confirm": confirm,
            "sun": sun,
        }
        return render(request, "workspace/skin.html", context, status=422 if confirm.errors or sun.errors else 200)
