"""The two doors to patient rows; there is no third. Views and operations start from these querysets."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.models import CareTeam, Gone, Patient, Photo, PhotoRemoval

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from clinic.accounts.models import User


def contacts_visible_to(user: "User | AnonymousUser") -> QuerySet[Patient]:
    """Rows whose name, address and telephone `user` may see: the own one, or with `patients.view_contacts` all."""
    if not user.is_authenticated:
        return Patient.objects.none()
    return Patient.objects.all() if user.has_perm("patients.view_contacts") else Patient.objects.filter(user=user)


def clinical_visible_to(user: "User | AnonymousUser", now: datetime) -> QuerySet[Patient]:
    """Rows whose clinical facts `user` may see: the own one, and those whose care team names the user; never by role."""
    if not user.is_authenticated:
        return Patient.objects.none()
    in_time = CareTeam.objects.filter(Q(until=None) | Q(until__gt=now), since__lte=now)
    return Patient.objects.filter(Q(user=user) | Exists(in_time.filter(patient=OuterRef("pk"), user=user)))


def assessable_by(user: "User", pk: UUID, now: datetime) -> Patient | None:
    """The patient whose skin `user` may assess, being on the care team; nobody assesses the own."""
    return clinical_visible_to(user, now).exclude(user=user).filter(pk=pk).first()


def photos_visible_to(user: "User | AnonymousUser", now: datetime) -> QuerySet[Photo]:
    """Pictures that `user` may open: own ones that are not taken back, and with `patients.view_photos` those of the
    patients whose care team names the user, until they are erased.
    """
    if not user.is_authenticated:
        return Photo.objects.none()
    gone = PhotoRemoval.objects.filter(photo=OuterRef("pk"))
    in_care = Q(patient__in=clinical_visible_to(user, now)) & ~Q(patient__user=user) & ~Exists(gone.filter(kind=Gone.ERASED))
    own = Q(patient__user=user) & ~Exists(gone)
    return Photo.objects.filter(own | in_care if user.has_perm("patients.view_photos") else own)
