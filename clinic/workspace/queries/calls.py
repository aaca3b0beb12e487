"""Patients who are to be called, as the desk sees them."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clinic.accounts.models import User
from clinic.scheduling.models import CallBack
from patients.access import contacts_visible_to


class Number(NamedTuple):
    all: int
    overdue: int


def open_calls(user: User) -> QuerySet[CallBack]:
    """Of the patients whose telephone `user` may see, the most urgent first."""
    rows = CallBack.objects.filter(done_at=None, patient__in=contacts_visible_to(user))
    return rows.select_related("patient", "location").order_by("due_at", "pk")


def open_call(user: User, pk: UUID) -> CallBack | None:
    return open_calls(user).filter(pk=pk).first()


def number_of_calls(now: datetime) -> Number:
    counted = CallBack.objects.filter(done_at=None).aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lte=now)))
    return Number(counted["all"], counted["late"])
