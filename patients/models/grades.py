"""What clinicians note of the skin beside its type: the last strong sun, and the grade of the scars. It only grows."""

import json

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from patients.encryption import EncryptedTextField
from patients.models.facts import _Fact
from patients.models.people import Patient
from treatments.models import ScarWeightsVersion


class SunExposure(_Fact):
    """When sun or a sunbed last tanned or burned the area, as told to a clinician; the own answer stays as it is."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="sun_exposures")
    last = models.DateField(null=True, help_text=_("none: never"))
    asked_on = models.DateField(help_text=_("the local day of asking"))

    class Meta(_Fact.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(last=None) | Q(last__lte=F("asked_on")), name="sun_exposure_not_to_come")
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="sun_exposure_latest")]


class ScarGrade(_Fact):
    """A clinician's grade of one zone, or (`zone` "") of all that was looked at: the worst of the zones.

    The rows of one look share `at`. The whole one carries the note, and what was counted where weights are published:
    `counts` is {weight's code: number} as JSON. Who graded is `recorded_by`. Patients never see any of it on a page.
    """

    class Scale(models.TextChoices):
        QUALITATIVE = "goodman-baron-qualitative", _("Goodman and Baron, qualitative")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="scar_grades")
    scale = models.CharField(max_length=40, choices=Scale)
    scale_version = models.CharField(max_length=20)
    zone = models.SlugField(blank=True)
    grade = models.PositiveSmallIntegerField()
    note = EncryptedTextField(place="patients_scargrade.note", blank=True)
    weights = models.ForeignKey(ScarWeightsVersion, models.PROTECT, null=True, related_name="+")
    total = models.PositiveSmallIntegerField(null=True)
    counts = EncryptedTextField(place="patients_scargrade.counts", blank=True)

    class Meta(_Fact.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=4), name="scar_grade_one_to_four"),
            models.CheckConstraint(
                condition=Q(scale__in=["goodman-baron-qualitative"]) & ~Q(scale_version=""), name="scar_grade_scale_known"
            ),
            models.CheckConstraint(
                condition=Q(weights=None, total=None) | Q(weights__isnull=False, total__isnull=False, zone=""),
                name="scar_grade_total_has_weights",
            ),
            models.UniqueConstraint(fields=["patient", "at", "zone"], name="scar_grade_zone_once"),
        ]
        indexes = [models.Index(fields=["patient", "zone", "-at"], name="scar_grade_latest")]

    @property
    def counted(self) -> dict[str, int]:
        """{weight's code: number}; {} where nothing was counted."""
        found: dict[str, int] = json.loads(self.counts or "{}")
        return found
