"""Who opened what. It only grows: a trigger refuses every change, and nobody in it is anonymous."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.people import Patient


class TrailEntry(models.Model):
    class Verb(models.TextChoices):
        OPENED = "opened", _("opened")
        EXPORTED = "exported", _("exported")
        EMERGENCY = "emergency", _("opened in an emergency")

    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=20), help_text=_("what the user was at that moment"))
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="trail")
    verb = models.CharField(max_length=20, choices=Verb)
    fields = ArrayField(models.CharField(max_length=60), help_text=_("names of what was shown, never its content"))
    why = models.CharField(max_length=200)
    visit_on = models.DateField(null=True, help_text=_("the local day of the visit that it was about"))

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["patient", "-at"], name="trail_of_patient")]
