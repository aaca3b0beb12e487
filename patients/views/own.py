"""Whose record a page is about: always that of whoever is signed in."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from patients.access import clinical_visible_to
from patients.models import Patient

if TYPE_CHECKING:
    from clinic.accounts.models import User

AfterSave = Callable[[HttpRequest, Patient], None]


def nothing(request: HttpRequest, patient: Patient) -> None:
    """What happens after a saved page when nobody above asks for more."""


def own_record(user: "User", now: datetime) -> Patient | None:
    return clinical_visible_to(user, now).filter(user=user).first()
