"""A person's own record: contact details, own answers, bother over time, and who opened it."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients import trail
from patients.access import contacts_visible_to
from patients.charts import curve
from patients.forms import ContactsForm
from patients.models import Patient
from patients.operations import change_contacts
from patients.queries import openings
from patients.queries import record as queries
from patients.views.own import AfterSave, nothing, own_record
from treatments.acting import Actor, acting_as
from treatments.doors import needs

if TYPE_CHECKING:
    from clinic.accounts.models import User


@needs("patients.use_own_record")
@require_safe
def record(request: HttpRequest, after_save: AfterSave = nothing) -> HttpResponse:
    """Everything is read in the transaction that writes down that it was read."""
    user = cast("User", request.user)
    with acting_as(Actor(user=user)):
        patient = own_record(user, timezone.now())
        if patient is None:
            return render(request, "patients/no_record.html")
        trail.opened(user, patient, ["answers", "phototypes", "scar_assessments"], trail.OWN)
        return render(request, "patients/record.html", _contents(patient))


@needs("patients.use_own_record")
@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: HttpRequest, after_save: AfterSave = nothing) -> HttpResponse:
    """Changing one's own name and telephone."""
    user = cast("User", request.user)
    patient = contacts_visible_to(user).filter(user=user).first()
    if patient is None:
        return redirect("patients:record")
    shown = {name: getattr(patient, name) for name in ContactsForm.base_fields}
    form = ContactsForm(request.POST or None, initial=shown)
    if form.is_valid():
        change_contacts(actor=Actor(user=user), patient=patient, details=form.cleaned_data)
        messages.success(request, _("Your details are saved."))
        return redirect("patients:record")
    return render(request, "patients/contacts.html", {"form": form}, status=422 if form.errors else 200)


def _contents(patient: Patient) -> dict[str, Any]:
    bother = queries.bother_over_time(patient)
    return {
        "patient": patient,
        "answers": queries.own_answers(patient),
        "bother": bother,
        "curve": curve([(row.on, row.level) for row in bother], queries.BOTHER_SCALE),
        "confirmed": queries.confirmed_skin_type(patient),
        "own": queries.own_skin_type(patient),
        "openings": openings.openings(patient),
        "own_days": openings.own_days(patient),
        "zone": timezone.get_current_timezone_name(),
    }
