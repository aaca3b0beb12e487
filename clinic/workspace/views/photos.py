"""A patient's pictures for the care team: by day, with a form to add one, and what the patient wants removed."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.workspace.queries import records
from clinic.workspace.queries.photos import in_care, is_asked_for
from clinic.workspace.views.records import not_yours
from patients import trail
from patients.access import photos_visible_to
from patients.forms import PhotoForm, TakeBackForm
from patients.models import Patient
from patients.operations import NoSuchPhoto, add_photo, erase_photo
from patients.pictures import protocol
from patients.pictures.refusals import PictureRefused
from patients.queries import photos as queries
from patients.queries.consents import allows
from treatments.acting import Actor, acting_as
from treatments.doors import needs, user_of


@needs("patients.view_photos")
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, pk: UUID) -> HttpResponse:
    """For others than the care team there is no such page. Each time it is shown is one line of the trail."""
    if request.method != "POST":
        return _page(request, pk, PhotoForm())
    user, now, form = user_of(request), timezone.now(), PhotoForm(request.POST, request.FILES)
    patient = _patient(request, pk)
    if not form.is_valid():
        return _page(request, pk, form)
    view = form.cleaned_data["view"]
    try:
        add_photo(actor=Actor(user=user), patient=patient, view=view, content=form.content, now=now)
    except PictureRefused as refused:
        form.add_error("picture", str(refused))
        return _page(request, pk, form)
    messages.success(request, _("The picture is kept."))
    return redirect("workspace:photos", pk)


@needs("patients.view_photos")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, pk: UUID, photo: UUID) -> HttpResponse:
    """Ask first (GET), then remove for good what the patient wants removed (POST)."""
    patient = _patient(request, pk)
    if not is_asked_for(user_of(request), pk, photo, timezone.now()):
        raise Http404
    if request.method != "POST":
        form = TakeBackForm(_("Remove it for good"))
        return render(request, "workspace/photo_erase.html", {"patient": patient, "form": form})
    try:
        erase_photo(actor=Actor(user=user_of(request)), photo=photo, now=timezone.now())
    except NoSuchPhoto as error:
        raise Http404 from error
    messages.success(request, _("The picture is removed."))
    return redirect("workspace:photos", pk)


def _page(request: HttpRequest, pk: UUID, form: PhotoForm) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    with acting_as(Actor(user=user)):
        patient = in_care(user, pk, now)
        if patient is None:
            return not_yours(request, pk)
        because = records.because(user, patient, now)
        trail.opened(user, patient, ["photos"], because.why, visit_on=because.visit_on)
        days = queries.by_day(photos_visible_to(user, now).filter(patient=patient))
    context = {
        "patient": patient,
        "allowed": {purpose: allows(patient, purpose) for purpose in ("clinical_photos", "teaching", "marketing")},
        "days": days,
        "form": form,
        "manners": protocol.manners(),
        "more": protocol.staff_text(),
    }
    return render(request, "workspace/photos.html", context, status=422 if form.errors else 200)


def _patient(request: HttpRequest, pk: UUID) -> Patient:
    patient = in_care(user_of(request), pk, timezone.now())
    if patient is None:
        raise Http404
    return patient
