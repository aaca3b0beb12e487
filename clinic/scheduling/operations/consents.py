"""The consent of a visit: read beforehand by the patient, signed at the visit, confirmed by the practitioner."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import inner
from clinic.scheduling.queries.consents import BEFORE, DURING
from clinic.scheduling.refusals import NotAllowed, NotNow
from patients import operations as patients
from patients import trail
from patients.access import clinical_visible_to
from patients.models import Consent, ConsentReading, Patient
from patients.queries.consents import Signed, signed_consents, signed_under
from treatments.acting import Actor
from treatments.models import ConsentVersion
from treatments.queries import consent_in_force

TREAT = "scheduling.treat"


@dataclass(frozen=True)
class Signature:
    """What the patient sends: the visit, the hash of the text as it was shown, the name as it was typed, and on what."""

    visit: UUID
    seen: str
    name: str
    how: Consent.How


@dataclass(frozen=True)
class Proof:
    """The practitioner's part: which signature of the visit, and when they last showed who they are (None: not lately)."""

    visit: UUID
    consent: UUID
    at: datetime | None


def read_consent(*, actor: Actor, visit: UUID, seen: str, now: datetime) -> ConsentReading:
    """The patient has read, before the visit, exactly the text with the hash `seen`. It is no consent.

    Raises NotNow, PermissionDenied or the ConsentRefused of a text that has changed.
    """
    return inner.carry_out(actor, partial(_read, actor, visit, seen, now))


def sign_consent(*, actor: Actor, signature: Signature, now: datetime) -> Consent:
    """The patient signs, at the visit. Raises NotAllowed, NotNow, PermissionDenied or a ConsentRefused."""
    if signature.how == Consent.How.TABLET and not actor.may(TREAT):
        raise NotAllowed
    return inner.carry_out(actor, partial(_sign, actor, signature, now))


def confirm_consent(*, actor: Actor, proof: Proof, now: datetime) -> Signed:
    """The practitioner signs what the patient signed. Raises NotAllowed, NotNow, PermissionDenied or a ConsentRefused."""
    if not actor.may(TREAT):
        raise NotAllowed
    return inner.carry_out(actor, partial(_confirm, actor, proof, now))


def open_consent(*, actor: Actor, visit: UUID, now: datetime) -> Signed | None:
    """The signed consent of the visit's treatment, to whoever treats and looks after the patient; the trail says so.

    Raises NotAllowed, also for a visit that is not there.
    """
    if actor.user is None or not actor.may(TREAT):
        raise NotAllowed
    return inner.carry_out(actor, partial(_open, actor, visit, now))


def _read(actor: Actor, pk: UUID, seen: str, now: datetime) -> ConsentReading:
    found, patient, version = _locked(pk, now)
    if found.status not in BEFORE:
        raise NotNow
    return patients.read_in(actor, patient, version, seen, now)


def _sign(actor: Actor, signature: Signature, now: datetime) -> Consent:
    _found, patient, version = _at_the_visit(signature.visit, now)
    return patients.sign_in(actor, patient, version, signature.seen, signature.name, signature.how, now)


def _confirm(actor: Actor, proof: Proof, now: datetime) -> Signed:
    _found, patient, version = _at_the_visit(proof.visit, now)
    return patients.confirm_in(actor, patient, version, proof.consent, proof.at, now)


def _open(actor: Actor, pk: UUID, now: datetime) -> Signed | None:
    visit = Appointment.objects.select_related("patient").filter(pk=pk).first()
    if visit is None or visit.patient is None or actor.user is None:
        raise NotAllowed
    if not clinical_visible_to(actor.user, now).filter(pk=visit.patient.pk).exists():
        raise NotAllowed
    signed = _signed(visit, visit.patient, now)
    if signed:
        on = visit.during.lower.astimezone(visit.location.tz).date()
        trail.opened(actor.user, visit.patient, ["consents"], trail.VISIT, visit_on=on)
    return signed


def _signed(visit: Appointment, patient: Patient, now: datetime) -> Signed | None:
    """What counts or waits under the text in force; else the newest that both had signed, at the visit only if it is of this
    text: a withdrawn one is worth knowing there, one of an older text would only be taken for what is asked now.
    """
    version = consent_in_force(visit.treatment_id, now)
    found = signed_under(patient, version) if version else None
    earlier = (s for s in signed_consents(patient) if s.consent.version.treatment_id == visit.treatment_id)
    ours = (s for s in earlier if visit.status not in DURING or s.consent.version == version)
    return found or next(ours, None)


def _at_the_visit(pk: UUID, now: datetime) -> tuple[Appointment, Patient, ConsentVersion]:
    found, patient, version = _locked(pk, now)
    if found.status not in DURING:
        raise NotNow
    return found, patient, version


def _locked(pk: UUID, now: datetime) -> tuple[Appointment, Patient, ConsentVersion]:
    """The visit, whose it is, and the text in force. One act of a patient at a time. Raises NotNow where there is none."""
    whose = Appointment.objects.filter(pk=pk).values_list("patient", flat=True).first()
    if whose is None:
        raise NotNow
    locks.take(patients=[whose], appointments=[pk])
    found = Appointment.objects.select_related("patient", "treatment").get(pk=pk)
    version = consent_in_force(found.treatment_id, now)
    if version is None or found.patient is None:
        raise NotNow
    return found, found.patient, version
