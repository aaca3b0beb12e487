"""Which role may do what: the only map from roles to permissions. Who sees which rows is `patients/access.py`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RECEPTIONIST = "receptionist", _("reception")
    PRACTITIONER = "practitioner", _("practitioner")
    CONTENT_ADMIN = "content_admin", _("content")
    OWNER = "owner", _("owner")


PATIENT = "patient"  # everybody who is signed in; not a role of staff

_DESK = {
    "scheduling.view_day",
    "scheduling.book_for_patients",
    "scheduling.cancel_for_patients",
    "scheduling.close_time",
    "scheduling.receive",
    "scheduling.override_policy",
    "patients.view_contacts",
    "patients.edit_contacts",
}

ROLES: dict[str, frozenset[str]] = {
    PATIENT: frozenset({"patients.use_own_record", "scheduling.book_own"}),
    Role.RECEPTIONIST: frozenset(_DESK),
    Role.PRACTITIONER: frozenset(
        {
            "scheduling.view_day",
            "scheduling.cancel_for_patients",
            "scheduling.treat",
            "scheduling.review",
            "scheduling.override_screening",
            "scheduling.override_policy",
            "patients.assess_skin",
            "patients.view_photos",
            "patients.break_glass",
            "patients.read_records",
            "treatments.approve_clinical",
            "treatments.read_clinical",
        }
    ),
    Role.CONTENT_ADMIN: frozenset(
        {"scheduling.set_prices", "treatments.edit_catalogue", "treatments.edit_screening", "treatments.read_clinical"}
    ),
    Role.OWNER: frozenset(
        _DESK
        | {
            "accounts.manage_users",
            "messaging.view_outbox",
            "patients.break_glass",
            "patients.read_records",
            "patients.watch_emergencies",
            "scheduling.manage_places",
            "scheduling.set_prices",
            "treatments.edit_catalogue",
            "treatments.edit_screening",
            "treatments.read_clinical",
        }
    ),
}
