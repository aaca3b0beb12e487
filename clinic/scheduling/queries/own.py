"""A patient's own visits, through the patients' door."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from clinic.scheduling.models import Appointment
from patients.access import contacts_visible_to

if TYPE_CHECKING:
    from clinic.accounts.models import User


def own_visits(user: "User") -> QuerySet[Appointment]:
    """All visits of the record that belongs to `user`, newest first, with what a page shows."""
    own = contacts_visible_to(user).filter(user=user)
    visits = Appointment.objects.filter(patient__in=own).order_by("-during")
    return visits.select_related("location", "version", "treatment", "practitioner", "patient")


def own_visit(user: "User", pk: UUID) -> Appointment | None:
    return own_visits(user).filter(pk=pk).first()
