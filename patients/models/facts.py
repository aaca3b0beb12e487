"""Facts about a person, each with who said so and when. All of them only grow: a change is a new row."""

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.encryption import EncryptedTextField
from patients.models.people import Patient
from treatments.models import QuestionnaireVersion, Rule, RulesVersion, Treatment


class _Fact(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        default_permissions = ()


class Answer(_Fact):
    """A patient's answer to one question; the latest one counts as long as its question's window says.

    `value` is an option's code, "yes", "no", "unsure", "prefer_not", "never", "now", an ISO date, or free text.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="answers")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+")
    question = models.SlugField()
    value = EncryptedTextField(place="patients_answer.value")

    class Meta(_Fact.Meta):
        indexes = [models.Index(fields=["patient", "question", "-at"], name="answer_latest")]


class Phototype(_Fact):
    """A Fitzpatrick phototype I–VI with its provenance; the patient's own and the clinician's are never merged."""

    class Provenance(models.TextChoices):
        SELF_REPORTED = "self_reported", _("the patient's own answers")
        CLINICIAN_CONFIRMED = "clinician_confirmed", _("confirmed by a clinician")

    class Type(models.IntegerChoices):
        I = 1, "I"  # noqa: E741  # the scale's own name
        II = 2, "II"
        III = 3, "III"
        IV = 4, "IV"
        V = 5, "V"
        VI = 6, "VI"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="phototypes")
    provenance = models.CharField(max_length=20, choices=Provenance)
    type = models.PositiveSmallIntegerField(choices=Type)
    variant = models.SlugField(blank=True, help_text=_("which scoring of the questionnaire"))
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    answers = EncryptedTextField(place="patients_phototype.answers")

    class Meta(_Fact.Meta):
        permissions = [("assess_skin", "Confirm skin types and grade scars, of patients on the own care team")]
        constraints = [
            models.CheckConstraint(condition=Q(type__gte=1, type__lte=6), name="phototype_one_to_six"),
            models.CheckConstraint(
                condition=Q(provenance="clinician_confirmed") | (~Q(variant="") & Q(score__isnull=False)),
                name="phototype_self_reported_has_score",
            ),
        ]
        indexes = [models.Index(fields=["patient", "provenance", "-at"], name="phototype_latest")]


class ScarAssessment(_Fact):
    """The patient's own view of the scars: where, of which look, how visible, and how much they bother (0–10).

    `words` is {zone: the patient's own words} as JSON, "" where nothing was written.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="scar_assessments")
    visibility = models.SlugField(help_text=_("the patient's own words, not a grade"))
    bother = models.PositiveSmallIntegerField(_("bother, 0 to 10"))
    words = EncryptedTextField(place="patients_scarassessment.words", blank=True)

    class Meta(_Fact.Meta):
        constraints = [models.CheckConstraint(condition=Q(bother__lte=10), name="scar_bother_zero_to_ten")]
        indexes = [models.Index(fields=["patient", "-at"], name="scar_assessment_latest")]

    @property
    def said(self) -> dict[str, str]:
        """{zone: the patient's own words}."""
        found: dict[str, str] = json.loads(self.words or "{}")
        return found


class ScarFinding(models.Model):
    """One type of scar in one zone of the face."""

    assessment = models.ForeignKey(ScarAssessment, models.CASCADE, related_name="findings")
    zone = models.SlugField()
    type = models.SlugField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["assessment", "zone", "type"], name="scar_finding_once")]


class Evaluation(models.Model):
    """What the rules of one moment said about one booking. It never changes; the next booking gets its own.

    In clear: the tier, the earliest date, the rules' version. `document` (JSON) holds the rules that fired with the answers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="evaluations")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    rules = models.ForeignKey(RulesVersion, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    on = models.DateField(help_text=_("the day of the visit, at its location"))
    tier = models.CharField(max_length=20, choices=Rule.Tier, blank=True)
    earliest = models.DateField(null=True)
    document = EncryptedTextField(place="patients_evaluation.document")

    class Meta:
        default_permissions = ()

    @property
    def fired(self) -> list[dict[str, Any]]:
        """[{"rule", "tier", "patient_text", "staff_text", "question", "code" (of the question), "answer"}], worst first."""
        fired: list[dict[str, Any]] = json.loads(self.document)["fired"]
        return fired
