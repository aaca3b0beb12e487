"""Reading a consent text beforehand, signing it, confirming, withdrawing; and giving or taking back a separate permission.

What belongs to a visit (`…_in`) runs inside the transaction of an operation that knows the visit.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.access import clinical_visible_to
from patients.models import Consent, ConsentConfirmation, ConsentReading, ConsentWithdrawal, Patient, PurposeConsent
from patients.queries.consents import Signed, signed_under
from treatments.acting import Actor, acting_as
from treatments.models import ConsentVersion
from treatments.versions import content_hash

if TYPE_CHECKING:
    from clinic.accounts.models import User

NAME = 120  # letters that are kept of a name
TICK = timedelta(microseconds=1)
PROOF_LASTS = timedelta(minutes=5)
WAITS = timedelta(hours=12)  # longer than that, and a signature is from another day's talk


class ConsentRefused(Exception):
    """The base of the refusals here; `str()` says what to do."""

    words: ClassVar[str | Promise] = ""

    def __str__(self) -> str:
        return str(self.words)


class TextChanged(ConsentRefused):
    words = _("This text has changed since you opened the page. Please read it again.")


class NothingSigned(ConsentRefused):
    words = _("There is no signature to confirm. The patient signs first.")


class NotProved(ConsentRefused):
    words = _("Please show once more that it is you: this must be after the patient signed, and within five minutes.")


class SignedLongAgo(ConsentRefused):
    words = _("This signature is from another day. Talk again, and let the patient sign again.")


class WithdrawnAlready(ConsentRefused):
    words = _("This consent has been withdrawn already.")


def read_in(actor: Actor, patient: Patient, version: ConsentVersion, seen: str, now: datetime) -> ConsentReading:
    """Keep that the patient has read exactly `seen` (a content hash); once a version. Raises TextChanged."""
    user = _own(actor, patient)
    values = {"text_hash": _unchanged(version, seen), "at": now, "recorded_by": user}
    return ConsentReading.objects.get_or_create(patient=patient, version=version, defaults=values)[0]


def sign_in(
    actor: Actor, patient: Patient, version: ConsentVersion, seen: str, name: str, how: str, now: datetime
) -> Consent:
    """The patient's signature under exactly `seen`. The same one again for a repeated request; another name replaces
    what nobody has confirmed yet.

    Raises TextChanged, or PermissionDenied: on the phone only patients sign, on the tablet only the care team holds it out.
    """
    user = _own(actor, patient) if how == Consent.How.PHONE else _care_team(actor, patient, now)
    text_hash = _unchanged(version, seen)
    before = signed_under(patient, version)
    if before and (before.counts or (before.consent.name == name and now - before.consent.at <= WAITS)):
        return before.consent
    at = max(now, before.consent.at + TICK) if before else now
    return Consent.objects.create(
        patient=patient, version=version, text_hash=text_hash, name=name, how=how, at=at, recorded_by=user
    )


def confirm_in(
    actor: Actor, patient: Patient, version: ConsentVersion, consent: UUID, proved_at: datetime | None, now: datetime
) -> Signed:
    """The practitioner signs too. `proved_at`: when they last showed who they are; it must be after the patient signed.

    Raises NothingSigned, SignedLongAgo, NotProved or PermissionDenied.
    """
    user = _care_team(actor, patient, now)
    signed = signed_under(patient, version)
    if signed is None or signed.consent.pk != consent:
        raise NothingSigned
    if signed.counts:
        return signed
    if now - signed.consent.at > WAITS:
        raise SignedLongAgo
    if proved_at is None or proved_at < signed.consent.at or now - proved_at > PROOF_LASTS:
        raise NotProved
    made = ConsentConfirmation.objects.create(
        consent=signed.consent, name=(user.name or user.email)[:NAME], at=now, recorded_by=user
    )
    return Signed(signed.consent, made, None)


def withdraw(*, actor: Actor, patient: Patient, consent: UUID, reason: str, now: datetime) -> ConsentWithdrawal:
    """The consent no longer counts, from this moment on: withdrawn by the patient, or told to somebody of the care team.

    Raises WithdrawnAlready or PermissionDenied.
    """
    own = actor.user is not None and patient.user_id == actor.user.pk
    with acting_as(actor):
        user = _own(actor, patient) if own else _care_team(actor, patient, now)
        _lock(actor, patient, now)
        signed = Consent.objects.filter(patient=patient, pk=consent).first()
        if signed is None:
            raise PermissionDenied
        if signed.withdrawals.exists():
            raise WithdrawnAlready
        return ConsentWithdrawal.objects.create(consent=signed, reason=reason, at=now, recorded_by=user)


def allow(*, actor: Actor, patient: Patient, purpose: str, given: bool, now: datetime) -> None:
    """The patient gives one permission or takes it back; saying the same again changes nothing. Raises PermissionDenied."""
    with acting_as(actor):
        user = _own(actor, patient)
        _lock(actor, patient, now)
        latest = PurposeConsent.objects.filter(patient=patient, purpose=purpose).order_by("-at").first()
        if (latest is not None and latest.given) == given:
            return
        at = max(now, latest.at + TICK) if latest else now
        PurposeConsent.objects.create(patient=patient, purpose=purpose, given=given, at=at, recorded_by=user)


def _own(actor: Actor, patient: Patient) -> "User":
    if actor.user is None or patient.user_id != actor.user.pk:
        raise PermissionDenied
    return actor.user


def _care_team(actor: Actor, patient: Patient, now: datetime) -> "User":
    """The user, who looks after the patient and is not the patient."""
    if actor.user is None or patient.user_id == actor.user.pk:
        raise PermissionDenied
    if not clinical_visible_to(actor.user, now).filter(pk=patient.pk).exists():
        raise PermissionDenied
    return actor.user


def _lock(actor: Actor, patient: Patient, now: datetime) -> None:
    """One act of a patient's consents at a time."""
    assert actor.user is not None  # noqa: S101  # asked before
    clinical_visible_to(actor.user, now).select_for_update(no_key=True, of=("self",)).get(pk=patient.pk)


def _unchanged(version: ConsentVersion, seen: str) -> str:
    """The hash of the text, which is what the reader had before them. Raises TextChanged."""
    text_hash = content_hash(version)
    if seen != text_hash:
        raise TextChanged
    return text_hash
