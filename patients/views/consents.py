"""A person's own consents: what was signed, to read, print and withdraw; and what else is allowed, one by one."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients import operations, trail
from patients.forms import PurposeForm, WithdrawForm
from patients.models import Patient, PurposeConsent
from patients.queries import consents as queries
from patients.views.own import AfterSave, nothing, own_record
from treatments.acting import Actor, acting_as
from treatments.doors import needs, user_of


@needs("patients.use_own_record")
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest, after_save: AfterSave = nothing) -> HttpResponse:
    """What was signed, and each permission with the one button that gives it or takes it back."""
    patient = _patient(request)
    if patient is None:
        return render(request, "patients/no_record.html")
    if request.method == "POST":
        return _allow(request, patient)
    with acting_as(Actor(user=user_of(request))):
        trail.opened(user_of(request), patient, ["consents"], trail.OWN)
        context = {"signed": queries.signed_consents(patient), "purposes": queries.purposes(patient)}
        return render(request, "patients/consents.html", context)


@needs("patients.use_own_record")
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, pk: UUID, after_save: AfterSave = nothing) -> HttpResponse:
    """One signed consent as it was signed, to print; POST withdraws it."""
    patient = _patient(request)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if patient is None:
        raise Http404
    if form.is_valid() and _withdraw(request, patient, pk, form):
        return redirect("patients:consents")
    with acting_as(Actor(user=user_of(request))):
        found = next((signed for signed in queries.signed_consents(patient) if signed.consent.pk == pk), None)
        if found is None:
            raise Http404
        trail.opened(user_of(request), patient, ["consents"], trail.OWN)
        context = {"signed": found, "patient": patient, "form": form, "zone": timezone.get_current_timezone_name()}
        return render(request, "patients/consent.html", context, status=422 if form.errors else 200)


def _patient(request: HttpRequest) -> Patient | None:
    return own_record(user_of(request), timezone.now())


def _allow(request: HttpRequest, patient: Patient) -> HttpResponse:
    form = PurposeForm(request.POST)
    if not form.is_valid():  # no button of ours sends this
        messages.error(request, _("That did not work. Please use the buttons below."))
        return redirect("patients:consents")
    purpose, given = form.cleaned_data["purpose"], form.cleaned_data["given"] == "yes"
    actor = Actor(user=user_of(request))
    operations.allow(actor=actor, patient=patient, purpose=purpose, given=given, now=timezone.now())
    said = {"what": PurposeConsent.Purpose(purpose).label}
    words = _("Thank you. %(what)s: you agree.") if given else _("Taken back. %(what)s: not allowed any more.")
    messages.success(request, words % said)
    return redirect("patients:consents")


def _withdraw(request: HttpRequest, patient: Patient, pk: UUID, form: WithdrawForm) -> bool:
    """Whether it is withdrawn now; what stands in the way is an error of the form. Raises Http404 for somebody else's."""
    actor, reason = Actor(user=user_of(request)), form.cleaned_data["reason"]
    try:
        operations.withdraw(actor=actor, patient=patient, consent=pk, reason=reason, now=timezone.now())
    except operations.ConsentRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    except PermissionDenied as refusal:
        raise Http404 from refusal
    messages.success(request, _("Your consent is withdrawn. Nothing more is done until you agree again."))
    return True
