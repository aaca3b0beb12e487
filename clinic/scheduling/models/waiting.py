"""The waitlist: who would come sooner, what would suit them, and what has been offered."""

import uuid

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.models.appointments import Appointment
from clinic.scheduling.models.places import Location, Resource, whole_range
from patients.encryption import EncryptedTextField
from patients.models import Patient
from treatments.models import Treatment


class WaitlistEntry(models.Model):
    """A patient waits for a time. `days` must hold; weekdays, times and practitioner are wishes.

    `instead_of` is the later visit whose time changes when an offer is accepted; None: a new visit is booked.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waiting")
        BOOKED = "booked", _("found a time")
        WITHDRAWN = "withdrawn", _("taken off the list")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waitlist_entries")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    instead_of = models.ForeignKey(Appointment, models.PROTECT, null=True, blank=True, related_name="waitlist_entries")
    days = DateRangeField(help_text=_("local dates, last day not included"))
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True, help_text=_("1: Monday; none: any"))
    from_time = models.TimeField(_("from"), null=True, blank=True)
    to_time = models.TimeField(_("until"), null=True, blank=True)
    practitioner = models.ForeignKey(Resource, models.PROTECT, null=True, blank=True, related_name="+")
    note = EncryptedTextField(place="scheduling_waitlistentry.note", blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.WAITING)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        default_permissions = ()
        verbose_name_plural = _("waitlist entries")
        constraints = [
            models.CheckConstraint(condition=whole_range("days"), name="waitlist_days_whole"),
            models.CheckConstraint(
                condition=Q(from_time=None) | Q(to_time=None) | Q(from_time__lt=F("to_time")),
                name="waitlist_from_before_until",
            ),
            models.CheckConstraint(
                condition=Q(outcome="waiting", closed_at=None) | (~Q(outcome="waiting") & Q(closed_at__isnull=False)),
                name="waitlist_closed_when_not_waiting",
            ),
            models.UniqueConstraint(
                fields=["patient", "treatment", "location"], condition=Q(outcome="waiting"), name="waitlist_once"
            ),
        ]
        indexes = [
            models.Index(fields=["location", "created_at"], condition=Q(outcome="waiting"), name="waitlist_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.treatment} {self.days}"


class WaitlistOffer(models.Model):
    """A time that was offered to an entry and held for it until `expires_at`: what became of it."""

    class Answer(models.TextChoices):
        OPEN = "open", _("waiting for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        LAPSED = "lapsed", _("not answered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="offers")
    hold = models.OneToOneField(Appointment, models.SET_NULL, null=True, related_name="offer")
    practitioner = models.ForeignKey(Resource, models.PROTECT, related_name="+")
    start = models.DateTimeField()
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=20, choices=Answer, default=Answer.OPEN)

    class Meta:
        ordering = ["offered_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="offer_expires_later"),
            models.UniqueConstraint(fields=["entry"], condition=Q(answer="open"), name="offer_one_open_per_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.answer}"
