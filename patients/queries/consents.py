"""Where consents stand: what was read, signed by both, withdrawn; and what else a patient allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.models import Consent, ConsentConfirmation, ConsentWithdrawal, Patient, PurposeConsent
from treatments.models import ConsentVersion

EXPLAINED: dict[str, str | Promise] = {
    PurposeConsent.Purpose.CLINICAL_PHOTOS: _(
        "Pictures of the treated skin before, during and after a course, to see together what changes. They stay in your "
        "record, and only those who look after you see them. Without them you are treated just the same."
    ),
    PurposeConsent.Purpose.TEACHING: _(
        "Colleagues in training may be shown pictures from your record, without your name. A face may still be recognised."
    ),
    PurposeConsent.Purpose.MARKETING: _(
        "The clinic may show pictures or words of yours on its website or in print. We ask you about each picture before "
        "it is used. What others have copied by then cannot be called back."
    ),
    PurposeConsent.Purpose.MESSAGES: _(
        "We may write to you between visits: how you are healing, or when a next session could be. Letters about a visit "
        "that you booked come in any case."
    ),
}


@dataclass(frozen=True)
class Signed:
    """A signed consent with all that has become of it since."""

    consent: Consent
    confirmation: ConsentConfirmation | None
    withdrawal: ConsentWithdrawal | None

    @property
    def counts(self) -> bool:
        return self.confirmation is not None and self.withdrawal is None


@dataclass(frozen=True)
class Allowed:
    """One purpose, in words, and the patient's latest word on it; never asked is the same as no."""

    purpose: str
    label: str
    explained: str
    given: bool
    at: datetime | None


def signed_under(patient: Patient, version: ConsentVersion) -> Signed | None:
    """The consent to `version` that counts, else the newest signature that waits to be confirmed, or None."""
    found = [signed for signed in _signed(patient) if signed.consent.version_id == version.pk and not signed.withdrawal]
    return next((signed for signed in found if signed.counts), None) or next(iter(found), None)


def signed_consents(patient: Patient) -> list[Signed]:
    """All that the patient ever signed and a practitioner confirmed, newest first."""
    return [signed for signed in _signed(patient) if signed.confirmation]


def purposes(patient: Patient) -> list[Allowed]:
    """Every purpose with the patient's latest word."""
    latest = PurposeConsent.objects.filter(patient=patient).order_by("purpose", "-at").distinct("purpose")
    said = {row.purpose: row for row in latest}
    return [
        Allowed(
            purpose.value,
            str(purpose.label),
            str(EXPLAINED[purpose]),
            given=purpose in said and said[purpose].given,
            at=said[purpose].at if purpose in said else None,
        )
        for purpose in PurposeConsent.Purpose
    ]


def allows(patient: Patient, purpose: str) -> bool:
    """Whether the patient's latest word on `purpose` is yes. Ask it each time: it may change at any moment."""
    latest = PurposeConsent.objects.filter(patient=patient, purpose=purpose).order_by("-at").first()
    return latest is not None and latest.given


def _signed(patient: Patient) -> Iterator[Signed]:
    rows = Consent.objects.filter(patient=patient).select_related("version").order_by("-at")
    for row in rows.prefetch_related("confirmations", "withdrawals", "version__references"):
        yield Signed(row, next(iter(row.confirmations.all()), None), next(iter(row.withdrawals.all()), None))
