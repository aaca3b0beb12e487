"""Who comes, and who looks after them."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Patient(models.Model):
    """A person. Everything here is administrative; facts about the skin and the health stand in tables of their own.

    `email` is neither required nor unique: some patients only telephone, some couples share an address.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="patient")
    given_name = models.CharField(_("first name"), max_length=80)
    family_name = models.CharField(_("last name"), max_length=80)
    birth_date = models.DateField(_("date of birth"))
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    possible_duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions = [
            ("use_own_record", "Keep one's own record"),
            ("view_contacts", "See names and contact details of all patients"),
            ("edit_contacts", "Register patients and change their contact details"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(given_name="") & ~Q(family_name=""), name="patient_has_a_name"),
            models.CheckConstraint(condition=Q(birth_date__gt=date(1900, 1, 1)), name="patient_birth_date_plausible"),
        ]
        indexes = [models.Index(fields=["email", "birth_date"], name="patient_by_email_and_birth")]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def age_on(self, day: date) -> int:
        """Whole years on `day`."""
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class CareTeam(models.Model):
    """A user may see a patient's clinical facts from `since` to `until` (None: until somebody ends it), because of `why`."""

    class Why(models.TextChoices):
        VISIT = "visit", _("has a visit with the patient")
        REVIEW = "review", _("reviews the patient's answers")
        EMERGENCY = "emergency", _("opened the record in an emergency")
        COVER = "cover", _("stands in for a colleague")

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="care_team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=20, choices=Why)

    class Meta:
        default_permissions = ()
        permissions = [("read_records", "Read the records of patients whom one looks after")]
        constraints = [
            models.UniqueConstraint(fields=["patient", "user", "why"], name="care_team_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="care_team_since_before_until"),
        ]
