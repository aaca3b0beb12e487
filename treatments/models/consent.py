"""What a patient reads before agreeing to a treatment: one text a treatment, with everything that has to be talked about."""

from typing import ClassVar

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from treatments.models.catalogue import AbstractReference, Treatment
from treatments.versions import Version, constraints

PASSAGES: tuple[str, ...] = (
    *("procedure", "aims", "limits", "alternatives", "common_risks", "serious_risks"),
    *("sessions", "cost", "aftercare", "withdrawal"),
)


class ConsentVersion(Version):
    """All elements of a consent, as plain paragraphs. Its content hash is what is kept with a reading and a signature."""

    subject: ClassVar[str] = "treatment"
    children: ClassVar[tuple[str, ...]] = ("references",)
    needs_approval: ClassVar[bool] = True

    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="consent_versions")
    title = models.CharField(_("title"), max_length=120)
    procedure = models.TextField(_("what is done"))
    aims = models.TextField(_("what it is meant to do"))
    limits = models.TextField(_("what it cannot do"))
    alternatives = models.TextField(_("alternatives, doing nothing included"))
    common_risks = models.TextField(_("common risks"))
    serious_risks = models.TextField(_("serious risks"))
    sessions = models.TextField(_("how many sessions"))
    cost = models.TextField(_("what it costs"))
    aftercare = models.TextField(_("afterwards"))
    withdrawal = models.TextField(_("saying no, and changing your mind"))

    class Meta:
        default_permissions = ()
        constraints = constraints("consent_version", "treatment")

    def __str__(self) -> str:
        return self.title

    @property
    def passages(self) -> list[tuple[str, str]]:
        """[(heading, paragraphs)] in the order in which they are read."""
        fields = {field.name: capfirst(str(field.verbose_name)) for field in self._meta.concrete_fields}
        return [(fields[name], getattr(self, name)) for name in PASSAGES]


class ConsentReference(AbstractReference):
    version = models.ForeignKey(ConsentVersion, models.CASCADE, related_name="references")

    class Meta(AbstractReference.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="consent_reference_position_once")]
