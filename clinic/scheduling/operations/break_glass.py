"""Breaking the glass: somebody opens the record of another's patient in an emergency, and everybody concerned is told."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.messaging import outbox
from clinic.scheduling import locks
from clinic.scheduling.operations import inner
from clinic.scheduling.refusals import AlreadyOpen, NotAllowed, ReasonNeeded
from patients import trail
from patients.access import clinical_visible_to
from patients.models import CareTeam, EmergencyAccess, Patient
from treatments.acting import Actor

if TYPE_CHECKING:
    from clinic.accounts.models import User


@dataclass(frozen=True)
class Emergency:
    """Whose record, and why."""

    patient: UUID
    reason: str


def break_glass(*, actor: Actor, emergency: Emergency, now: datetime) -> EmergencyAccess:
    """The record is open to the actor for `EMERGENCY_LASTS`. Owners get a letter, and the patient's list a line.

    Raises NotAllowed, also for a patient who is not there; ReasonNeeded; and AlreadyOpen for whoever may read the record
    anyway, as the second of two clicks may.
    """
    if actor.user is None or not actor.may("patients.break_glass"):
        raise NotAllowed
    if not emergency.reason.strip():
        raise ReasonNeeded
    return inner.carry_out(actor, partial(_break, actor.user, emergency, now))


def _break(user: "User", emergency: Emergency, now: datetime) -> EmergencyAccess:
    """Under the patient's lock the second click finds what the first one did."""
    locks.take(patients=[emergency.patient])
    patient = Patient.objects.filter(pk=emergency.patient).first()
    if patient is None:
        raise NotAllowed
    if clinical_visible_to(user, now).filter(pk=patient.pk).exists():
        raise AlreadyOpen
    until = now + settings.EMERGENCY_LASTS
    access = EmergencyAccess.objects.create(
        patient=patient, user=user, during=DateTimeTZRange(now, until), reason=emergency.reason.strip()
    )
    CareTeam.objects.update_or_create(
        patient=patient, user=user, why=CareTeam.Why.EMERGENCY, defaults={"since": now, "until": until}
    )
    trail.broke_glass(user, patient, now)
    outbox.put("break_glass", access.pk, dedupe=f"break_glass:{access.pk}", due=now)
    return access
