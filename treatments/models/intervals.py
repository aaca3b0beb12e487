"""How many calendar days the skin needs between two treatments, and what must come before a treatment."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from treatments.models.catalogue import Treatment
from treatments.versions import Version, constraints


class IntervalsVersion(Version):
    """One state of the whole matrix, and of what must come first."""

    children: ClassVar[tuple[str, ...]] = ("intervals", "prerequisites")
    needs_approval: ClassVar[bool] = True

    class Meta:
        default_permissions = ()
        constraints = constraints("intervals_version")

    def __str__(self) -> str:
        return _("Healing intervals %(number)s") % {"number": self.number or _("draft")}


class Interval(models.Model):
    """At least `days` calendar days from a visit for `before` to a visit for `after`."""

    version = models.ForeignKey(IntervalsVersion, models.CASCADE, related_name="intervals")
    position = models.PositiveSmallIntegerField(_("position"))
    before = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    after = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(_("days"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    url = models.URLField(_("source"), max_length=500, blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="interval_position_once"),
            models.UniqueConstraint(fields=["version", "before", "after"], name="interval_pair_once"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=730), name="interval_days_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}: {self.days}"


class Prerequisite(models.Model):
    """What must come before a visit for `treatment`: a visit for `first`, or a skin type that a clinician has confirmed.

    It must lie at least `lead_days` calendar days before the visit and at most `valid_days` (None: it never runs out).
    With `phototypes` it is asked only of patients whose confirmed skin type is one of them.
    """

    class Kind(models.TextChoices):
        VISIT = "visit", _("a visit")
        CONFIRMED_PHOTOTYPE = "confirmed_phototype", _("a confirmed skin type")

    version = models.ForeignKey(IntervalsVersion, models.CASCADE, related_name="prerequisites")
    position = models.PositiveSmallIntegerField(_("position"))
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    first = models.ForeignKey(Treatment, models.PROTECT, null=True, blank=True, related_name="+")
    phototypes = ArrayField(models.CharField(max_length=3), default=list, blank=True, help_text=_("I to VI; none: all"))
    lead_days = models.PositiveSmallIntegerField(_("days before, at least"), default=0)
    valid_days = models.PositiveSmallIntegerField(_("days before, at most"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    url = models.URLField(_("source"), max_length=500, blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="prerequisite_position_once"),
            models.UniqueConstraint(
                fields=["version", "treatment", "kind", "first"], nulls_distinct=False, name="prerequisite_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="visit", first__isnull=False) | Q(kind="confirmed_phototype", first=None),
                name="prerequisite_visit_names_treatment",
            ),
            models.CheckConstraint(
                condition=Q(valid_days=None) | Q(valid_days__gt=models.F("lead_days")), name="prerequisite_valid_after_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first or self.kind} → {self.treatment}"
