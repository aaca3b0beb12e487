"""The consent of a visit as the practitioner meets it: talk, hand the tablet over, take it back, sign too."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.handover import WrongPin, finish, hand_over, handed_over, take_back
from clinic.accounts.proof import has_second_factor, proved_at
from clinic.scheduling import operations
from clinic.scheduling.queries.consents import DURING, standing
from clinic.scheduling.refusals import NotAllowed, NotNow
from clinic.workspace.consent_forms import PinForm, TakeBackForm, ToldForm
from clinic.workspace.queries.people import may_open_consent
from clinic.workspace.queries.seen import SeenVisit, seen_visit
from patients import operations as patients
from patients.forms import SignForm
from patients.models import Consent
from patients.operations import ConsentRefused
from patients.queries.consents import Signed
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.queries import consent_in_force
from treatments.versions import content_hash

TREAT = "scheduling.treat"
form_page = require_http_methods(["GET", "HEAD", "POST"])


@needs(TREAT)
@form_page
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the consent stands; POST hands the tablet over. For whoever treats and looks after the patient."""
    seen, signed = _opened(request, pk)
    form = PinForm(request.POST if request.method == "POST" and _is_ready(seen, signed) else None)
    if form.is_valid():
        page, back = (reverse(f"workspace:consent_{name}", args=[pk]) for name in ("tablet", "back"))
        hand_over(request, page=page, back=back, pin=form.cleaned_data["pin"])
        return redirect(page)
    return _page(request, seen, signed, form)


@needs(TREAT)
@form_page
def tablet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the patient holds: the text, and the form to sign at its end. Only while the tablet is handed over."""
    held, seen = handed_over(request), _seen(pk)
    if held is None or held["page"] != request.path:
        return redirect("workspace:consent", pk)
    version = consent_in_force(seen.treatment_id, timezone.now())
    if held["done"] or version is None or seen.status not in DURING:
        return render(request, "workspace/tablet.html", {"visit": seen, "held": held})
    text_hash = content_hash(version)
    form = SignForm(request.POST if request.method == "POST" else None, initial={"seen": text_hash})
    if form.is_valid():
        try:
            _sign(request, pk, form)
        except (ConsentRefused, NotNow) as refusal:
            form = form.once_more(text_hash, str(refusal))
        else:
            finish(request)
            return redirect(held["page"])
    context = {"visit": seen, "held": held, "version": version, "form": form}
    return render(request, "workspace/tablet.html", context, status=422 if form.errors else 200)


@needs(TREAT)
@form_page
def back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The PIN ends the hand-over. Five wrong ones sign the tablet out."""
    held = handed_over(request)
    if held is None or held["back"] != request.path:
        return redirect("workspace:consent", pk)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take_back(request, form.cleaned_data["pin"])
        except WrongPin as wrong:
            if not wrong.left:
                messages.warning(request, _("The PIN was wrong five times, so this tablet is signed out."))
                return _sign_in(pk)
            form.add_error("pin", _("This is not the PIN. Tries left: %(left)s.") % {"left": wrong.left})
        else:
            return redirect("workspace:consent", pk)
    return render(request, "workspace/tablet_back.html", {"form": form, "held": held}, status=422 if form.errors else 200)


@needs(TREAT)
@require_POST
def confirm(request: HttpRequest, pk: UUID, consent: UUID) -> HttpResponse:
    """The practitioner's own signature, soon after showing once more who they are."""
    proof = operations.Proof(pk, consent, proved_at(request))
    try:
        operations.confirm_consent(actor=Actor(user=user_of(request)), proof=proof, now=timezone.now())
    except (ConsentRefused, NotNow) as refusal:
        messages.warning(request, str(refusal))
    except (NotAllowed, PermissionDenied) as refusal:
        raise Http404 from refusal
    else:
        messages.success(request, _("Signed by both. The consent is part of the patient's record."))
    return redirect("workspace:consent", pk)


@needs(TREAT)
@require_POST
def withdraw(request: HttpRequest, pk: UUID, consent: UUID) -> HttpResponse:
    """The patient has said so, at the visit or on the telephone."""
    seen, signed = _opened(request, pk)
    if signed is None or signed.consent.pk != consent:
        raise Http404
    form = ToldForm(request.POST, action=request.path)
    if not form.is_valid():
        return _page(request, seen, signed, withdrawing=form)
    said, patient = form.cleaned_data["reason"], signed.consent.patient
    try:
        patients.withdraw(
            actor=Actor(user=user_of(request)), patient=patient, consent=consent, reason=said, now=timezone.now()
        )
    except ConsentRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The consent is withdrawn. It no longer counts."))
    return redirect("workspace:consent", pk)


@needs(TREAT)
@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who has no second factor shows who they are by signing in again; then it goes on here."""
    if not may_open_consent(user_of(request), _seen(pk), timezone.now()):
        raise Http404
    if has_second_factor(request):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': reverse('workspace:consent', args=[pk])})}")
    logout(request)
    messages.info(request, _("Sign in again, so that the consent is confirmed by you and nobody else."))
    return _sign_in(pk)


def _sign_in(pk: UUID) -> HttpResponse:
    path = reverse("workspace:consent", args=[pk])
    return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': path})}")


def _seen(pk: UUID) -> SeenVisit:
    seen = seen_visit(pk)
    if seen is None:
        raise Http404
    return seen


def _opened(request: HttpRequest, pk: UUID) -> tuple[SeenVisit, Signed | None]:
    """The visit and its signed consent, which the trail then says. Raises Http404 for others than the care team."""
    seen = _seen(pk)
    try:
        return seen, operations.open_consent(actor=Actor(user=user_of(request)), visit=pk, now=timezone.now())
    except NotAllowed as refused:
        raise Http404 from refused


def _sign(request: HttpRequest, pk: UUID, form: SignForm) -> None:
    signature = operations.Signature(pk, form.cleaned_data["seen"], form.cleaned_data["name"], Consent.How.TABLET)
    operations.sign_consent(actor=Actor(user=user_of(request)), signature=signature, now=timezone.now())


def _is_ready(seen: SeenVisit, signed: Signed | None) -> bool:
    """Whether the patient can sign now."""
    due = consent_in_force(seen.treatment_id, timezone.now()) is not None
    return due and seen.status in DURING and not (signed and signed.counts)


def _page(
    request: HttpRequest,
    seen: SeenVisit,
    signed: Signed | None,
    form: PinForm | None = None,
    withdrawing: ToldForm | None = None,
) -> HttpResponse:
    now, proved = timezone.now(), proved_at(request)
    context = {
        "visit": seen,
        "signed": signed,
        "version": consent_in_force(seen.treatment_id, now),
        "stands": standing(seen, now),
        "proved": bool(signed and proved and proved >= signed.consent.at),
        "ready": _is_ready(seen, signed),
        "form": form or PinForm(),
        "withdrawing": withdrawing or _told(seen, signed),
    }
    wrong = (form and form.errors) or (withdrawing and withdrawing.errors)
    return render(request, "workspace/consent.html", context, status=422 if wrong else 200)


def _told(seen: SeenVisit, signed: Signed | None) -> ToldForm | None:
    """The form for a withdrawal, where there is something to withdraw."""
    if signed is None or not signed.counts:
        return None
    return ToldForm(action=reverse("workspace:consent_withdraw", args=[seen.pk, signed.consent.pk]))
