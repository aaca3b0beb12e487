"""What is published is a version, and a version never changes.

`Version` is the base of everything that admins edit and publish: treatments, concerns, questionnaires, rule sets,
intervals. A draft may be changed and deleted; `publish` is one UPDATE that sets `number` and `published_at`; from then on
triggers refuse every change of the row and of its children, whatever path writes (see `triggers.py`).
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

BOOKKEEPING = {"id", "version", "number", "created_at", "effective_from", "why"}
BOOKKEEPING |= {f"{verb}_{part}" for verb in ("published", "approved") for part in ("at", "by", "hash")}


class VersionQuerySet(models.QuerySet[Any]):
    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def live(self, now: datetime) -> Self:
        """The one version in force at `now` for each subject: latest `effective_from`, then highest number."""
        started = self.filter(published_at__isnull=False, effective_from__lte=now)
        of_one = [f"{self.model.subject}_id"] if self.model.subject else []
        newest = started.order_by(*of_one, "-effective_from", "-number")
        return newest.distinct(*of_one) if of_one else newest[:1]


class Version(models.Model):
    """One state of something that is published. `subject` names the field that says of what ("" where there is one only)."""

    subject: ClassVar[str] = ""
    children: ClassVar[tuple[str, ...]] = ()
    needs_approval: ClassVar[bool] = False

    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    why = models.TextField(_("why"), blank=True, help_text=_("what changed, for the colleagues who read the history"))
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    approved_hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def is_approved(self) -> bool:
        """Whether a clinician approved exactly this content: a later edit voids it."""
        return self.approved_hash == content_hash(self)


def constraints(name: str, subject: str = "") -> list[models.BaseConstraint]:
    """The named constraints of a version table: numbered exactly when published, one number and one draft a subject."""
    of_subject: list[str] = [subject] if subject else []
    published = Q(number__isnull=False, published_at__isnull=False, effective_from__isnull=False)
    return [
        models.CheckConstraint(
            condition=published | Q(number=None, published_at=None), name=f"{name}_numbered_when_published"
        ),
        models.UniqueConstraint(fields=[*of_subject, "number"], name=f"{name}_number_once"),
        models.UniqueConstraint(
            *([models.F(subject)] if subject else [models.Value(1)]),
            condition=Q(published_at=None),
            name=f"{name}_one_draft",
        ),
    ]


def content(version: Version) -> dict[str, Any]:
    """All that readers see of a version, children included, as plain data in a fixed order."""
    return _row(version) | {name: list(_rows(version, name)) for name in version.children}


def content_hash(version: Version) -> str:
    """SHA-256 of the content, in hex: what an approval signs."""
    return hashlib.sha256(json.dumps(content(version), cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def row_hash(row: models.Model) -> str:
    """SHA-256 of what one child row says, wherever it stands: what an editor of that row started from."""
    said = {name: value for name, value in _row(row).items() if name != "position"}
    return hashlib.sha256(json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def _rows(version: Version, name: str) -> Iterator[dict[str, Any]]:
    return (_row(child) for child in getattr(version, name).order_by("position"))


def _row(row: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in BOOKKEEPING}
