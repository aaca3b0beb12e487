"""The weights behind a count of scars: which points a kind of scar has, and how its number multiplies them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from treatments.versions import Version, constraints


class ScarWeightsVersion(Version):
    """One state of the quantitative table. While none is published nobody is asked to count.

    `bands` is {unit: [[from, times], …]}, ascending: so many scars, or square centimetres, and more multiply the points
    by `times`; below the first they count nothing.
    """

    children: ClassVar[tuple[str, ...]] = ("weights",)
    needs_approval: ClassVar[bool] = True

    bands: "models.JSONField[Any, Any]" = models.JSONField(_("multipliers"), default=dict)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = constraints("scar_weights_version")

    def __str__(self) -> str:
        return _("Scar weights %(number)s") % {"number": self.number or _("draft")}


class ScarWeight(models.Model):
    """The points of one kind of scar at one severity."""

    class Severity(models.TextChoices):
        MILD = "mild", _("macular or mild")
        MODERATE = "moderate", _("moderate")
        SEVERE = "severe", _("severe")
        RAISED = "raised", _("raised")

    class Unit(models.TextChoices):
        COUNT = "count", _("scars")
        AREA = "area", _("cm²")

    version = models.ForeignKey(ScarWeightsVersion, models.CASCADE, related_name="weights")
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.SlugField(_("code"))
    name = models.CharField(_("kind"), max_length=120)
    severity = models.CharField(_("severity"), max_length=20, choices=Severity)
    points = models.PositiveSmallIntegerField(_("points"))
    unit = models.CharField(_("counted in"), max_length=10, choices=Unit, default=Unit.COUNT)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="scar_weight_position_once"),
            models.UniqueConstraint(fields=["version", "code"], name="scar_weight_code_once"),
            models.CheckConstraint(condition=Q(points__gte=1, points__lte=99), name="scar_weight_points_in_range"),
        ]

    def __str__(self) -> str:
        return self.name
