"""Records that may be one and the same person."""

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q

from patients.access import contacts_visible_to
from patients.models import Patient

if TYPE_CHECKING:
    from clinic.accounts.models import User


def like(user: "User", given: str, family: str, born: date, email: str) -> list[Patient]:
    """Records that may be the same person: name and birthday agree, or the address and the birthday."""
    named = Q(given_name__iexact=given.strip(), family_name__iexact=family.strip())
    written = Q(email__iexact=email) if email else Q(pk=None)
    return list(contacts_visible_to(user).filter(named | written, birth_date=born).order_by("created_at", "pk"))
