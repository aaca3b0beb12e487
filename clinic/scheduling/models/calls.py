"""Patients who would like to be called."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.models.places import Location
from patients.encryption import EncryptedTextField
from patients.models import Patient


class CallBack(models.Model):
    """A patient asks to be called. Open until somebody has spoken with them; each call that reaches nobody moves `due_at`.

    `phone` is as it was typed for this call. `note` is for colleagues: what was said, or what was tried.
    """

    class When(models.TextChoices):
        ANY = "any", _("At any time")
        MORNING = "morning", _("In the morning")
        AFTERNOON = "afternoon", _("In the afternoon")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="call_backs")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    phone = models.CharField(_("telephone"), max_length=40)
    when = models.CharField(_("best time"), max_length=20, choices=When, default=When.ANY)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("calls that reached nobody"))
    tried_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = EncryptedTextField(place="scheduling_callback.note", blank=True)

    class Meta:
        ordering = ["due_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["patient"], condition=Q(done_at=None), name="call_back_one_open_per_patient"),
            models.CheckConstraint(condition=Q(due_at__gte=F("asked_at")), name="call_back_due_after_asked"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="call_back_done_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at=None), name="call_back_open")]
