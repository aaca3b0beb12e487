"""Writing the trail: clinical facts are shown only in the transaction that also records who saw them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from patients.models import Patient, TrailEntry

if TYPE_CHECKING:
    from clinic.accounts.models import User


def opened(user: "User", patient: Patient, fields: Sequence[str], why: str) -> TrailEntry:
    """Record that `user` is shown `fields` of `patient`; a patient who opens the own record is in the trail as well."""
    return TrailEntry.objects.create(
        at=timezone.now(),
        user=user,
        roles=user.roles,
        patient=patient,
        verb=TrailEntry.Verb.OPENED,
        fields=list(fields),
        why=why,
    )
