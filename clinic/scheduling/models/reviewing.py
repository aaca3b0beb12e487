"""What reviewers do besides deciding: ask the patient once more, and stand in for a colleague."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from clinic.scheduling.models.appointments import Appointment
from clinic.scheduling.models.places import Resource
from patients.encryption import EncryptedTextField


class AnswerRequest(models.Model):
    """Questions that a reviewer asks once more before a visit, with a note. Open until answered or withdrawn.

    `questions` are codes of the questionnaire. Who decides about the visit, or asks anew, withdraws what is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="answer_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    questions = ArrayField(models.SlugField())
    note = EncryptedTextField(place="scheduling_answerrequest.note", blank=True)
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(answered_at=None, withdrawn_at=None),
                name="answer_request_one_open_per_visit",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("asked_at")),
                name="answer_request_asked_before_answered",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(withdrawn_at=None), name="answer_request_answered_or_withdrawn"
            ),
            models.CheckConstraint(condition=Q(questions__len__gte=1), name="answer_request_asks_something"),
        ]


class Cover(models.Model):
    """`user` looks at the waiting visits of `practitioner` until `until`."""

    practitioner = models.ForeignKey(Resource, models.PROTECT, related_name="covers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "user"], name="cover_once"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="cover_since_before_until"),
        ]
