"""Courses: several visits of one patient, planned together."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.models.appointments import Appointment
from clinic.scheduling.models.places import Location
from patients.models import Patient
from treatments.models import Treatment


class Course(models.Model):
    """A patient's sessions in their order, at one location, also of different treatments."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="courses")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("not to be continued since"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return _("Course of %(day)s") % {"day": self.created_at.date()}


class CourseItem(models.Model):
    """One session of a course: which treatment, and its visit once one is booked. A cancelled visit counts as none."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    appointment = models.OneToOneField(Appointment, models.PROTECT, null=True, blank=True, related_name="course_item")

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["course", "position"], name="course_position_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.treatment}"
