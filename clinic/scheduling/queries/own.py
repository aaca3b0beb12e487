"""A patient's own visits, through the patients' door."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.visits import with_version
from patients.access import contacts_visible_to

if TYPE_CHECKING:
    from clinic.accounts.models import User


def own_visits(user: "User") -> QuerySet[Appointment]:
    """All visits of the record that belongs to `user`, newest first, with what a page shows."""
    return _own(user).order_by("-during").select_related("location", "version", "treatment", "practitioner", "patient")


def own_visit(user: "User", pk: UUID) -> Appointment | None:
    related = ("location", "treatment", "practitioner", "patient")
    return with_version(_own(user).select_related(*related).filter(pk=pk).first())


def _own(user: "User") -> QuerySet[Appointment]:
    return Appointment.objects.filter(patient__in=contacts_visible_to(user).filter(user=user))
