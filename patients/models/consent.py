"""Reading beforehand, consent at the visit, and separate permissions. All of it only grows: each act is a row of its own.

A consent is two acts: the patient's signature, and the confirmation of the practitioner who talked with the patient. It
counts from the confirmation on, until it is withdrawn or another text is in force. Which treatment it is for, its text says.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.encryption import EncryptedTextField
from patients.models.facts import _Fact
from patients.models.people import Patient
from treatments.models import ConsentVersion


def _hash() -> "models.CharField[Any, Any]":
    return models.CharField(max_length=64, help_text=_("SHA-256 of the text that was read, in hex"))


def _is_hash(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(text_hash__regex=r"^[0-9a-f]{64}$"), name=name)


class ConsentReading(_Fact):
    """The patient has read a text beforehand. This is no consent."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consent_readings")
    version = models.ForeignKey(ConsentVersion, models.PROTECT, related_name="+")
    text_hash = _hash()

    class Meta(_Fact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["patient", "version"], name="consent_reading_once"),
            _is_hash("consent_reading_hash"),
        ]


class Consent(_Fact):
    """The patient's signature: the name as it was typed under exactly this text, `at` the time of signing.

    `recorded_by` is whose session it was: the practitioner's on the clinic's tablet, the patient's on the own phone.
    """

    class How(models.TextChoices):
        TABLET = "tablet", _("on the clinic's tablet")
        PHONE = "phone", _("on the patient's phone")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    version = models.ForeignKey(ConsentVersion, models.PROTECT, related_name="+")
    text_hash = _hash()
    name = EncryptedTextField(place="patients_consent.name")
    how = models.CharField(max_length=20, choices=How)

    class Meta(_Fact.Meta):
        constraints = [
            _is_hash("consent_hash"),
            models.CheckConstraint(condition=Q(how__in=["tablet", "phone"]), name="consent_how_known"),
        ]
        indexes = [models.Index(fields=["patient", "version", "-at"], name="consent_latest")]


class ConsentConfirmation(_Fact):
    """The practitioner (`recorded_by`) talked it through, and signed too, after proving once more who they are."""

    consent = models.ForeignKey(Consent, models.PROTECT, related_name="confirmations")
    name = models.CharField(max_length=120, help_text=_("the practitioner's name at that moment"))

    class Meta(_Fact.Meta):
        constraints = [
            models.UniqueConstraint(fields=["consent"], name="consent_confirmed_once"),
            models.CheckConstraint(condition=~Q(name=""), name="consent_confirmed_by_name"),
        ]


class ConsentWithdrawal(_Fact):
    """From `at` on the consent no longer counts. A reason is the patient's to give or not."""

    consent = models.ForeignKey(Consent, models.PROTECT, related_name="withdrawals")
    reason = EncryptedTextField(place="patients_consentwithdrawal.reason", blank=True)

    class Meta(_Fact.Meta):
        constraints = [models.UniqueConstraint(fields=["consent"], name="consent_withdrawn_once")]


class PurposeConsent(_Fact):
    """The patient allows one thing, or no longer. The latest row of a purpose counts; none means no."""

    class Purpose(models.TextChoices):
        CLINICAL_PHOTOS = "clinical_photos", _("Photos for your record")
        TEACHING = "teaching", _("Photos for teaching")
        MARKETING = "marketing", _("Photos and words in public")
        MESSAGES = "messages", _("Messages between visits")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="purpose_consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    given = models.BooleanField()

    class Meta(_Fact.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["clinical_photos", "teaching", "marketing", "messages"]),
                name="purpose_consent_purpose_known",
            )
        ]
        indexes = [models.Index(fields=["patient", "purpose", "-at"], name="purpose_consent_latest")]
