"""Whose pictures a clinician may see."""

from datetime import datetime
from uuid import UUID

from clinic.accounts.models import User
from patients.access import clinical_visible_to, photos_visible_to
from patients.models import Gone, Patient


def in_care(user: User, patient: UUID | None, now: datetime) -> Patient | None:
    """The patient, to the care team."""
    return clinical_visible_to(user, now).filter(pk=patient).first() if patient else None


def may_see_photos(user: User, patient: UUID | None, now: datetime) -> bool:
    """Whether the page of the patient's pictures is there for `user`; asks nothing of those who see no pictures at all."""
    return user.has_perm("patients.view_photos") and in_care(user, patient, now) is not None


def is_asked_for(user: User, patient: UUID, photo: UUID, now: datetime) -> bool:
    """Whether the patient wants this picture removed, and it is still there for `user`."""
    asked = photos_visible_to(user, now).filter(pk=photo, patient=patient, removals__kind=Gone.ASKED)
    return asked.exists()
