"""Writing the trail: clinical facts are shown only in the transaction that also records who saw them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from patients.models import Patient, TrailEntry

if TYPE_CHECKING:
    from clinic.accounts.models import User

# Why a record was opened. The trail keeps these for good, and `queries/openings.py` says them to the patient.
OWN = "own record"
REVIEW = "review of a pending visit"
AGAIN = "answers of a visit, seen again"
VISIT = "a visit"
CARE = "the care team"
COVER = "standing in for a colleague"
EMERGENCY = "an emergency"
WATCH = "looking into an emergency"


def opened(user: "User", patient: Patient, fields: Sequence[str], why: str, *, visit_on: date | None = None) -> TrailEntry:
    """Record that `user` is shown `fields` of `patient`; a patient who opens the own record is in the trail as well.

    `visit_on`: the local day of the visit that the opening is about.
    """
    return TrailEntry.objects.create(
        at=timezone.now(),
        user=user,
        roles=user.roles,
        patient=patient,
        verb=TrailEntry.Verb.OPENED,
        fields=list(fields),
        why=why,
        visit_on=visit_on,
    )


def broke_glass(user: "User", patient: Patient, now: datetime) -> TrailEntry:
    """Record that `user` made the record of `patient` open to them in an emergency. The reason is kept sealed elsewhere."""
    verb = TrailEntry.Verb.EMERGENCY
    return TrailEntry.objects.create(
        at=now, user=user, roles=user.roles, patient=patient, verb=verb, fields=[], why=EMERGENCY
    )
