"""Visits as staff lists see them: names, times and statuses, and not one column more."""

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.scheduling.models import Appointment, AppointmentEvent, Claim, Resource, Status

COLUMNS = (
    "status",
    "during",
    "price_minor",
    "currency",
    "created_at",
    "treatment",
    "location__name",
    "location__slug",
    "location__zone",
    "practitioner__name",
    "practitioner__user",
    "version__name",
    "patient__given_name",
    "patient__family_name",
    "patient__user",
)


class Seen(TypedDict):
    since: datetime  # when the visit came into its status
    room: str | None  # None where no room is claimed (any more)


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    SeenVisit = WithAnnotations[Appointment, Seen]
else:
    SeenVisit = Appointment


def seen_visits(*more: str) -> QuerySet[SeenVisit, SeenVisit]:
    """All visits that have a patient, with the columns above and `more`. One query brings all that a card needs."""
    last = AppointmentEvent.objects.filter(appointment=OuterRef("pk")).order_by("-number")
    room = Claim.objects.filter(appointment=OuterRef("pk"), resource__kind=Resource.Kind.ROOM)
    visits = Appointment.objects.exclude(status=Status.PROPOSED).annotate(
        since=Coalesce(Subquery(last.values("at")[:1]), "created_at"),
        room=Subquery(room.values("resource__name")[:1]),
    )
    related = {column.split("__")[0] for column in (*COLUMNS, *more) if "__" in column}
    return visits.select_related(*related).only(*COLUMNS, *more)


def seen_visit(pk: UUID) -> SeenVisit | None:
    return seen_visits().filter(pk=pk).first()
