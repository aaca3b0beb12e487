"""The consent of an own visit: read beforehand, and at the visit signed on the patient's own phone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.consents import DURING, OPEN, standing
from clinic.scheduling.refusals import NotNow
from clinic.scheduling.views.visits import own_or_404
from patients.forms import ReadForm, SignForm
from patients.models import Consent
from patients.operations import ConsentRefused
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.queries import consent_in_force
from treatments.versions import content_hash


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The text with its form at the end. Where there is nothing to read or sign, back to the visit."""
    mine, now = own_or_404(request, pk), timezone.now()
    version, stands = consent_in_force(mine.treatment_id, now), standing(mine, now)
    if version is None or stands is None or stands.signed or mine.status not in OPEN:
        return redirect("scheduling:visit", mine.pk)
    seen, signing = content_hash(version), mine.status in DURING
    form = (SignForm if signing else ReadForm)(request.POST if request.method == "POST" else None, initial={"seen": seen})
    if form.is_valid():
        try:
            thanks = _sign(request, mine, form) if signing else _read(request, mine, form)
        except (ConsentRefused, NotNow) as refusal:
            form = form.once_more(seen, str(refusal))
        else:
            messages.success(request, thanks)
            return redirect("scheduling:visit", mine.pk)
    context = {"visit": mine, "version": version, "form": form, "signing": signing, "read": stands.read}
    return render(request, "scheduling/consent.html", context, status=422 if form.errors else 200)


def _read(request: HttpRequest, mine: Appointment, form: ReadForm) -> str:
    actor, seen = Actor(user=user_of(request)), form.cleaned_data["seen"]
    operations.read_consent(actor=actor, visit=mine.pk, seen=seen, now=timezone.now())
    return _("Thank you for reading. At the visit there is time for your questions; only then you decide.")


def _sign(request: HttpRequest, mine: Appointment, form: ReadForm) -> str:
    signature = operations.Signature(mine.pk, form.cleaned_data["seen"], form.cleaned_data["name"], Consent.How.PHONE)
    operations.sign_consent(actor=Actor(user=user_of(request)), signature=signature, now=timezone.now())
    return _("Thank you. Your practitioner signs too, and then you begin.")
