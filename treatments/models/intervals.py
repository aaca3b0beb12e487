"""How many calendar days the skin needs between two treatments."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from treatments.models.catalogue import Treatment
from treatments.versions import Version, constraints


class IntervalsVersion(Version):
    """One state of the whole matrix."""

    children: ClassVar[tuple[str, ...]] = ("intervals",)
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
