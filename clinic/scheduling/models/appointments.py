"""Appointments, the claims by which they occupy people, rooms and devices, and their story.

Four guards stand in the database (migration 0002 and the constraints below), so that a double booking cannot be stored
whatever path writes: one claim at a time per resource; one visit at a time per patient; claims only of visits that occupy;
no occupying visit without claims or with claims outside its time.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.models.places import Location, Resource, whole_range
from patients.encryption import EncryptedTextField
from patients.models import Evaluation, Patient
from treatments.models import Treatment, TreatmentVersion


class Status(models.TextChoices):
    """FHIR R4 AppointmentStatus (hl7.org/fhir/R4/valueset-appointmentstatus.html), as far as it is used."""

    PROPOSED = "proposed", _("held")
    PENDING = "pending", _("waiting for a clinician")
    BOOKED = "booked", _("booked")
    ARRIVED = "arrived", _("arrived")
    CHECKED_IN = "checked-in", _("being treated")
    FULFILLED = "fulfilled", _("done")
    CANCELLED = "cancelled", _("cancelled")
    NOSHOW = "noshow", _("did not come")
    ENTERED_IN_ERROR = "entered-in-error", _("wrong entry")


OCCUPYING = (
    Status.PROPOSED,
    Status.PENDING,
    Status.BOOKED,
    Status.ARRIVED,
    Status.CHECKED_IN,
    Status.FULFILLED,
)


class Appointment(models.Model):
    """A visit, or (while `proposed`) a hold on a time. `during` is the patient's time, `occupied` the clinic's."""

    class HeldFor(models.TextChoices):
        SESSION = "session", _("a browser")
        CLOSURE = "closure", _("a visit that must move")
        WAITLIST = "waitlist", _("somebody on the waitlist")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=20, choices=Status)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="appointments")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    version = models.ForeignKey(TreatmentVersion, models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Resource, models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    occupied = DateTimeRangeField()
    occupies = models.GeneratedField(
        expression=models.Case(
            models.When(status__in=[status.value for status in OCCUPYING], then=models.Value(True)),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    price_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, null=True, related_name="+")
    note = EncryptedTextField(place="scheduling_appointment.note", blank=True)
    created_at = models.DateTimeField()

    held_for = models.CharField(max_length=20, choices=HeldFor, blank=True)
    holder = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the browser's token"))
    held_from = models.GenericIPAddressField(null=True)
    held_for_visit = models.ForeignKey("self", models.PROTECT, null=True, related_name="proposals")
    held_for_entry = models.ForeignKey("WaitlistEntry", models.PROTECT, null=True, related_name="holds")
    held_since = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [
            ("book_own", "Book, change and cancel one's own visits"),
            ("view_day", "See the day's visits"),
            ("book_for_patients", "Book visits for patients"),
            ("cancel_for_patients", "Cancel visits, mark no-shows and wrong entries"),
            ("receive", "Mark arrivals"),
            ("treat", "Start and complete visits"),
            ("review", "Open and acknowledge pending visits"),
            ("override_screening", "Confirm a visit although the answers close it, with a reason"),
            ("override_policy", "Relax notice, limits, hours and intervals with a reason"),
        ]
        constraints = [
            models.CheckConstraint(condition=whole_range("during"), name="appointment_during_whole"),
            models.CheckConstraint(condition=whole_range("occupied"), name="appointment_occupied_whole"),
            models.CheckConstraint(
                condition=Q(occupied__contains=models.F("during")), name="appointment_occupied_contains_during"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", expires_at__isnull=False, held_since__isnull=False)
                | (~Q(status="proposed") & Q(expires_at=None)),
                name="appointment_expires_while_proposed",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", patient=None) | (~Q(status="proposed") & Q(patient__isnull=False)),
                name="appointment_hold_has_no_patient",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="appointment_status_known"),
            models.CheckConstraint(
                condition=Q(held_for="", holder="", held_for_visit=None, held_for_entry=None)
                | (Q(held_for="session", held_for_visit=None, held_for_entry=None) & ~Q(holder=""))
                | Q(held_for="closure", holder="", held_for_visit__isnull=False, held_for_entry=None)
                | Q(held_for="waitlist", holder="", held_for_visit=None, held_for_entry__isnull=False),
                name="appointment_held_for_one",
            ),
            models.CheckConstraint(
                condition=(Q(status="proposed") & ~Q(held_for="")) | (~Q(status="proposed") & Q(held_for="")),
                name="appointment_held_for_while_proposed",
            ),
            models.UniqueConstraint(fields=["id", "occupies"], name="appointment_occupies"),
            models.UniqueConstraint(
                fields=["holder"],
                condition=Q(status="proposed") & ~Q(holder=""),
                name="appointment_one_hold_per_holder",
            ),
            models.UniqueConstraint(
                fields=["held_for_visit"], condition=Q(status="proposed"), name="appointment_one_proposal_per_visit"
            ),
            models.UniqueConstraint(
                fields=["held_for_entry"], condition=Q(status="proposed"), name="appointment_one_offer_per_entry"
            ),
            ExclusionConstraint(
                name="patient_once",
                expressions=[("patient", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(status__in=["pending", "booked", "arrived", "checked-in", "fulfilled"]),
            ),
        ]
        indexes = [
            models.Index(F("location"), RangeStartsWith("during"), name="appointment_day"),
            models.Index(fields=["expires_at"], condition=Q(status="proposed"), name="appointment_holds"),
            models.Index(fields=["status"], condition=Q(status="pending"), name="appointment_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.during}"


class Claim(models.Model):
    """`resource` is taken by a visit for `during`: the only way anything is ever occupied."""

    appointment = models.ForeignKey(
        Appointment,
        models.CASCADE,
        related_name="claims",
        db_constraint=False,  # migration 0002 has a stricter one
    )
    occupies = models.BooleanField(default=True, editable=False)
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="claims")
    during = DateTimeRangeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(occupies=True), name="claim_occupies"),
            models.CheckConstraint(condition=whole_range("during"), name="claim_during_whole"),
            ExclusionConstraint(
                name="one_claim",
                expressions=[("resource", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
        ]


class AppointmentEvent(models.Model):
    """One line of a visit's story. It only grows. `number` counts from 1: two lines may be of the same moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="events")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    task = models.CharField(max_length=40, blank=True, help_text=_("of the system, where no user acted"))
    verb = models.CharField(max_length=30)
    from_status = models.CharField(max_length=20, choices=Status, blank=True)
    to_status = models.CharField(max_length=20, choices=Status)
    during = DateTimeRangeField()
    reason = EncryptedTextField(place="scheduling_appointmentevent.reason", blank=True)

    class Meta:
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["appointment", "number"], name="event_number_once"),
            models.CheckConstraint(condition=Q(user=None) ^ Q(task=""), name="event_by_user_or_task"),
        ]


class IdempotencyKey(models.Model):
    """What an actor asked for under a key, and what came of it: a repeated request gets the same visit."""

    actor = models.CharField(max_length=80)
    key = models.UUIDField()
    fingerprint = models.CharField(max_length=64, help_text=_("a keyed hash of what was asked for"))
    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once")]
