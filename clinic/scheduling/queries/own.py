"""A patient's own visits, through the patients' door."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.visits import visit_of
from patients.access import contacts_visible_to

if TYPE_CHECKING:
    from clinic.accounts.models import User


def own_visits(user: "User") -> QuerySet[Appointment]:
    """All visits of the record that belongs to `user`, newest first, with what a page shows."""
    own = Appointment.objects.filter(patient__in=contacts_visible_to(user).filter(user=user))
    return own.order_by("-during").select_related("location", "version", "treatment", "practitioner", "patient")


def own_visit(user: "User", pk: UUID) -> Appointment | None:
    patient = contacts_visible_to(user).filter(user=user).first()
    return visit_of(patient, pk) if patient else None
