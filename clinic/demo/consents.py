"""How the demo's patients read, sign and allow, through the operations that everybody uses."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from clinic.demo.world import Person, World
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Proof, Signature
from clinic.scheduling.queries.consents import standing
from clinic.scheduling.refusals import NotNow
from patients.models import Consent, PurposeConsent
from patients.operations import allow
from treatments.acting import Actor
from treatments.queries import consent_in_force
from treatments.versions import content_hash

MINUTE = timedelta(minutes=1)


def read_later(world: World, person: Person, visit: Appointment, when: datetime) -> None:
    """Whoever books online reads the text a day later, at home; visits of this morning have not been read for."""
    world.timeline.at(when, partial(_read, person.actor, visit.pk))


def sign(world: World, visit: Appointment, when: datetime) -> None:
    """Before the first session of a treatment both sign, on the tablet; for the later ones it still counts."""
    world.timeline.at(when, partial(_both_sign, Actor(user=visit.practitioner.user), visit.pk))


def allow_photos(person: Person, now: datetime) -> None:
    allow(actor=person.actor, patient=person.row, purpose=PurposeConsent.Purpose.CLINICAL_PHOTOS, given=True, now=now)


def _read(actor: Actor, pk: UUID, now: datetime) -> None:
    text = _text(pk, now)
    if text:
        with suppress(NotNow):  # cancelled meanwhile
            operations.read_consent(actor=actor, visit=pk, seen=text, now=now)


def _both_sign(doctor: Actor, pk: UUID, now: datetime) -> None:
    visit, text = Appointment.objects.select_related("patient").get(pk=pk), _text(pk, now)
    if not text:
        return
    signature = Signature(pk, text, str(visit.patient), Consent.How.TABLET)
    signed = operations.sign_consent(actor=doctor, signature=signature, now=now)
    then = now + MINUTE
    operations.confirm_consent(actor=doctor, proof=Proof(pk, signed.pk, then), now=then)


def _text(pk: UUID, now: datetime) -> str:
    """The hash of the text that is to be signed for the visit; "" where none is, or it has been."""
    visit = Appointment.objects.get(pk=pk)
    lacks, version = standing(visit, now), consent_in_force(visit.treatment_id, now)
    return content_hash(version) if version and lacks and not lacks.signed else ""
