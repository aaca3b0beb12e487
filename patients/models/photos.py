"""Pictures of a person's face. Rows only grow; the picture itself lies in a sealed file, which can be removed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models.facts import _Fact
from patients.models.people import Patient


class View(models.TextChoices):
    """How each is taken stands in `treatments/knowledge/photos.yaml`."""

    FRONT = "front", _("From the front")
    LEFT_OBLIQUE = "left_oblique", _("Left, half-turned")
    RIGHT_OBLIQUE = "right_oblique", _("Right, half-turned")
    LEFT = "left", _("Left side")
    RIGHT = "right", _("Right side")


class Gone(models.TextChoices):
    ERASED = "erased", _("erased")
    ASKED = "asked", _("asked for")


class Photo(_Fact):
    """That somebody took this picture."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="photos")
    view = models.CharField(max_length=20, choices=View)
    width = models.PositiveSmallIntegerField(help_text=_("in pixels"))
    height = models.PositiveSmallIntegerField(help_text=_("in pixels"))
    file = models.CharField(max_length=32, help_text=_("name of the sealed file"))

    class Meta(_Fact.Meta):
        permissions = [("view_photos", "See and add pictures of the patients in one's care")]
        constraints = [
            models.CheckConstraint(condition=Q(view__in=[*View.values]), name="photo_view_known"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="photo_has_a_size"),
            models.CheckConstraint(condition=Q(file__regex=r"^[0-9a-f]{32}$"), name="photo_file_is_a_plain_name"),
            models.UniqueConstraint(fields=["file"], name="photo_file_once"),
        ]
        indexes = [models.Index(fields=["patient", "-at"], name="photo_of_patient")]


class PhotoRemoval(_Fact):
    """That a picture was to go: erased (its file is removed), or, once a clinician had seen it, asked for."""

    photo = models.ForeignKey(Photo, models.PROTECT, related_name="removals")
    kind = models.CharField(max_length=20, choices=Gone)

    class Meta(_Fact.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[*Gone.values]), name="photo_removal_kind_known"),
            models.UniqueConstraint(fields=["photo", "kind"], name="photo_removal_once"),
        ]
