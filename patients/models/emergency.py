"""Records that were opened in an emergency, by somebody who does not look after the patient."""

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from patients.encryption import EncryptedTextField
from patients.models.people import Patient

WHOLE = Q(
    during__isempty=False, during__lower_inc=True, during__upper_inc=False, during__lower_inf=False, during__upper_inf=False
)


class EmergencyAccess(models.Model):
    """`user` may open the record of `patient` in `during`, for `reason`. It only grows; the care team holds the right.

    Two clicks are one opening: the times of one person with one patient never overlap.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="emergencies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    during = DateTimeRangeField()
    reason = EncryptedTextField(place="patients_emergencyaccess.reason")

    class Meta:
        default_permissions = ()
        permissions = [
            ("break_glass", "Open a record in an emergency, for a short time"),
            ("watch_emergencies", "See which records were opened in an emergency, by whom and why"),
        ]
        constraints = [
            models.CheckConstraint(condition=WHOLE, name="emergency_during_whole"),
            ExclusionConstraint(
                name="one_emergency_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]
