"""A person's own pictures, and the one address at which a whole picture is seen."""

from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients import trail
from patients.access import photos_visible_to
from patients.encryption import SealBroken
from patients.forms import OwnPhotoForm, TakeBackForm
from patients.models import Gone, View
from patients.operations import NoSuchPhoto, add_photo, open_photo, take_back_photo
from patients.pictures import protocol
from patients.pictures.refusals import PictureRefused
from patients.queries import photos as queries
from patients.views.own import AfterSave, nothing, own_record
from treatments.acting import Actor, acting_as
from treatments.doors import needs

if TYPE_CHECKING:
    from clinic.accounts.models import User

ALONE = {  # the picture by itself: it runs nothing, and no other site can show it; the style is the browser's own viewer's
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Disposition": 'inline; filename="picture.jpg"',
}


@needs("patients.use_own_record")
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, after_save: AfterSave = nothing) -> HttpResponse:
    """The five views: how to take each, what is kept of it, and a form to add to it."""
    if request.method != "POST":
        return _page(request)
    sent = request.POST.get("view", "")
    form = OwnPhotoForm(View(sent) if sent in View else View.FRONT, request.POST, request.FILES)
    user, now = cast("User", request.user), timezone.now()
    patient = own_record(user, now)
    if patient is None or not form.is_valid():
        return _page(request, form)
    view = form.cleaned_data["view"]
    try:
        add_photo(actor=Actor(user=user), patient=patient, view=view, content=form.content, now=now)
    except PictureRefused as refused:
        form.add_error("picture", str(refused))
        return _page(request, form)
    messages.success(request, _("Your picture is kept."))
    return redirect(f"{reverse('patients:photos')}#{view}")


@needs("patients.use_own_record")
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, photo: UUID, after_save: AfterSave = nothing) -> HttpResponse:
    """Ask first (GET), then erase an own picture, or ask the clinic to remove it (POST)."""
    user, now = cast("User", request.user), timezone.now()
    if request.method != "POST":
        return _ask_first(request, user, photo)
    try:
        kind = take_back_photo(actor=Actor(user=user), photo=photo, now=now)
    except NoSuchPhoto as error:
        raise Http404 from error
    done = _("Your picture is removed.") if kind == Gone.ERASED else _("We have your request to remove the picture.")
    messages.success(request, done)
    return redirect("patients:photos")


@needs("patients.use_own_record")
@require_safe
def photo(request: HttpRequest, photo: UUID, after_save: AfterSave = nothing) -> HttpResponse:
    """The whole picture, to the patient and the care team. For everybody else there is none."""
    try:
        content = open_photo(actor=Actor(user=cast("User", request.user)), photo=photo, now=timezone.now())
    except NoSuchPhoto as error:
        raise Http404 from error
    except SealBroken as broken:
        queries.log.error("the sealed file of a picture does not open: %s", broken)
        return render(request, "patients/photo_broken.html", status=HTTPStatus.NOT_FOUND)
    return HttpResponse(content, content_type="image/jpeg", headers=ALONE)


def _page(request: HttpRequest, failed: OwnPhotoForm | None = None) -> HttpResponse:
    user, now = cast("User", request.user), timezone.now()
    with acting_as(Actor(user=user)):
        patient = own_record(user, now)
        if patient is None:
            return render(request, "patients/no_record.html")
        trail.opened(user, patient, ["photos"], trail.OWN)
        taken = queries.by_view(photos_visible_to(user, now).filter(patient=patient))
    views = [(one, failed if failed and failed.of == one.guide.view else OwnPhotoForm(one.guide.view)) for one in taken]
    context = {"views": views, "failed": failed, "manners": protocol.manners()}
    return render(request, "patients/photos.html", context, status=422 if failed else 200)


def _ask_first(request: HttpRequest, user: "User", pk: UUID) -> HttpResponse:
    with acting_as(Actor(user=user)):
        photo = photos_visible_to(user, timezone.now()).select_related("patient").filter(pk=pk, patient__user=user).first()
        if photo is None:
            raise Http404
        trail.opened(user, photo.patient, ["photos"], trail.OWN)
        shown, seen = queries.preview(photo), queries.seen_at_the_clinic(photo)
    form = TakeBackForm(_("Ask for its removal") if seen else _("Remove it for good"))
    return render(request, "patients/photo_take_back.html", {"photo": shown, "seen": seen, "form": form})
