"""What the clinic offers and says about it: treatments with their steps, and the concerns that people come with."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from treatments.versions import Version, constraints


class Treatment(models.Model):
    """What can be booked; what is said about it, and how it runs, is in its versions."""

    class Kind(models.TextChoices):
        PROCEDURE = "procedure", _("procedure")
        CONSULTATION = "consultation", _("consultation")
        TEST_PATCH = "test_patch", _("test patch")
        FOLLOW_UP = "follow_up", _("follow-up")

    class Family(models.TextChoices):
        NEEDLING = "needling", _("needling")
        LASER = "laser", _("laser")
        TALK = "talk", _("consultation")

    code = models.SlugField(unique=True)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    family = models.CharField(max_length=20, choices=Family)
    position = models.PositiveSmallIntegerField(default=0, help_text=_("its place in lists"))
    retired_at = models.DateTimeField(null=True, blank=True, help_text=_("no new visits from then on"))

    class Meta:
        ordering = ["position", "id"]
        default_permissions = ()
        permissions = [("edit_catalogue", "Edit and publish the treatment information")]

    def __str__(self) -> str:
        return self.code


class TreatmentVersion(Version):
    """All that a treatment's page says, and the steps that its visits claim. Texts are plain paragraphs."""

    subject: ClassVar[str] = "treatment"
    children: ClassVar[tuple[str, ...]] = ("steps", "side_effects", "references")

    class Drawing(models.TextChoices):
        NONE = "", _("none")
        NEEDLING = "needling", _("needling channels")
        NAFL = "nafl", _("columns under a closed surface")
        AFL = "afl", _("columns through the surface")

    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="versions")
    name = models.CharField(_("name"), max_length=80)
    summary = models.CharField(_("summary"), max_length=300)
    drawing = models.CharField(_("drawing"), max_length=20, choices=Drawing, blank=True)
    effects = models.TextField(_("effects"), blank=True)
    how_it_works = models.TextField(_("how it works"), blank=True)
    who_it_suits = models.TextField(_("who it suits"), blank=True)
    darker_skin = models.TextField(_("darker skin"), blank=True)
    sensitive_skin = models.TextField(_("sensitive skin"), blank=True)
    preparation = models.TextField(_("how to prepare"), blank=True)
    aftercare = models.TextField(_("looking after your skin"), blank=True)
    cost = models.TextField(_("cost"), blank=True)
    invasiveness = models.TextField(_("how invasive it is"), blank=True)
    speed_of_results = models.TextField(_("how soon results show"), blank=True)
    duration_of_results = models.TextField(_("how long results last"), blank=True)
    side_effects_summary = models.TextField(_("side effects in short"), blank=True)
    downtime = models.TextField(_("downtime"), blank=True)
    sessions_min = models.PositiveSmallIntegerField(_("sessions, from"), null=True, blank=True)
    sessions_max = models.PositiveSmallIntegerField(_("sessions, to"), null=True, blank=True)
    interval_min_days = models.PositiveSmallIntegerField(_("days between sessions, at least"), null=True, blank=True)
    interval_typical_from_days = models.PositiveSmallIntegerField(
        _("days between sessions, usually from"), null=True, blank=True
    )
    interval_typical_to_days = models.PositiveSmallIntegerField(
        _("days between sessions, usually to"), null=True, blank=True
    )
    downtime_min_days = models.PositiveSmallIntegerField(_("days of downtime, from"), null=True, blank=True)
    downtime_max_days = models.PositiveSmallIntegerField(_("days of downtime, to"), null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            *constraints("treatment_version", "treatment"),
            models.CheckConstraint(
                condition=Q(sessions_min__lte=F("sessions_max"))
                & Q(interval_typical_from_days__lte=F("interval_typical_to_days"))
                & Q(downtime_min_days__lte=F("downtime_max_days")),
                name="treatment_version_from_before_to",
                violation_error_message=_("Each “from” must not be greater than its “to”."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One part of a session: its story for the patient, its minutes, and what it occupies."""

    version = models.ForeignKey(TreatmentVersion, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MinValueValidator(5)])
    practitioner = models.BooleanField(_("needs the practitioner"), default=True)
    room = models.BooleanField(_("needs the room"), default=True)
    device_kind = models.SlugField(_("device"), blank=True, help_text=_("such as needling_pen; empty for none"))
    patient_present = models.BooleanField(
        _("the patient is there"), default=True, help_text=_("off for setting up and cleaning: not shown to patients")
    )

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="step_position_once"),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=480),
                name="step_minutes_in_range",
                violation_error_message=_("A step takes between 5 and 480 minutes."),
            ),
            models.CheckConstraint(
                condition=Q(practitioner=True) | Q(room=True) | ~Q(device_kind=""),
                name="step_occupies_something",
                violation_error_message=_("A step needs a practitioner, a room or a device."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SideEffect(models.Model):
    class Permanence(models.TextChoices):
        TEMPORARY = "temporary", _("goes away by itself")
        USUALLY_TEMPORARY = "usually_temporary", _("usually goes away")
        RARELY_PERMANENT = "rarely_permanent", _("usually goes away, rarely stays")

    version = models.ForeignKey(TreatmentVersion, models.CASCADE, related_name="side_effects")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text"), blank=True)
    permanence = models.CharField(_("permanence"), max_length=20, choices=Permanence)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="side_effect_position_once")]

    def __str__(self) -> str:
        return self.name


class AbstractReference(models.Model):
    """Where a statement comes from."""

    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500, blank=True)

    class Meta:
        abstract = True
        ordering = ["position"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class Reference(AbstractReference):
    version = models.ForeignKey(TreatmentVersion, models.CASCADE, related_name="references")

    class Meta(AbstractReference.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="reference_position_once")]


class Concern(models.Model):
    """What a person comes with, such as acne scars."""

    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug


class ConcernVersion(Version):
    subject: ClassVar[str] = "concern"
    children: ClassVar[tuple[str, ...]] = ("treatments", "references")

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="versions")
    name = models.CharField(_("name"), max_length=80)
    summary = models.CharField(_("summary"), max_length=300)
    what_they_are = models.TextField(_("what they are"), blank=True)
    why_they_come = models.TextField(_("why they come"), blank=True)
    severity = models.TextField(_("mild to severe"), blank=True)
    permanence = models.TextField(_("temporary or permanent"), blank=True)

    class Meta:
        default_permissions = ()
        constraints = constraints("concern_version", "concern")

    def __str__(self) -> str:
        return self.name


class ConcernTreatment(models.Model):
    """How a treatment relates to a concern, in the words of the concern's page."""

    version = models.ForeignKey(ConcernVersion, models.CASCADE, related_name="treatments")
    position = models.PositiveSmallIntegerField(_("position"))
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    text = models.TextField(_("text"), blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="concern_treatment_position_once")]

    def __str__(self) -> str:
        return str(self.treatment)


class ConcernReference(AbstractReference):
    version = models.ForeignKey(ConcernVersion, models.CASCADE, related_name="references")

    class Meta(AbstractReference.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="concern_reference_position_once")]
