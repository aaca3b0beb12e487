"""“Please call me”: a patient's one open wish to be called."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.call_forms import CallForm
from clinic.scheduling.models import CallBack, Location
from clinic.scheduling.operations import CallWish
from clinic.scheduling.queries.calls import own_call
from clinic.scheduling.queries.offers import open_places
from clinic.scheduling.views.journey import own_patient
from patients.models import Patient
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def call_me(request: HttpRequest) -> HttpResponse:
    """Ask for a call, or change what was asked for. Who has no record yet says first who they are."""
    patient, places = own_patient(request), open_places()
    if patient is None:
        return redirect(f"{reverse('scheduling:details')}?next={reverse('scheduling:call_me')}")
    there = own_call(user_of(request))
    form = CallForm(places, request.POST or None, initial=_initial(request, patient, there, places))
    if form.is_valid():
        place = next(place for place in places if place.slug == form.cleaned_data["place"])
        wish = CallWish(patient, place, form.cleaned_data["phone"], form.cleaned_data["when"])
        operations.ask_for_call(actor=Actor(user=user_of(request)), wish=wish, now=timezone.now())
        messages.success(request, _("Thank you. We have noted it."))
        return redirect("scheduling:visits")
    context = {"form": form, "places": places, "call": there}
    return render(request, "scheduling/call_me.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest, patient: Patient, there: CallBack | None, places: list[Location]) -> dict[str, Any]:
    """What was asked for so far, else the number of the record and the place that the address names."""
    if there:
        return {"place": there.location.slug, "phone": there.phone, "when": there.when}
    wished = request.GET.get("place") or next((place.slug for place in places), "")
    return {"place": wished, "phone": patient.phone, "when": CallBack.When.ANY}
