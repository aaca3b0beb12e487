"""What is published of healing intervals and of what must come first: the version in force, whole, in one query."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _

from clinic.scheduling.policies.intervals import Matrix, Need, Reasons
from treatments.models import Interval, IntervalsVersion, Prerequisite, Treatment, TreatmentVersion

SPAN = ("before", "after", "days", "reason")
NEED = ("kind", "comes", "code", "what", "name", "phototypes", "lead_days", "valid_days", "reason")


class Healing(NamedTuple):
    days: Matrix
    reasons: Reasons
    needs: tuple[Need, ...]  # in the published order


def matrix(now: datetime) -> Matrix:
    """The published healing intervals in force, of all treatments."""
    return healing(now).days


def healing(now: datetime, treatment: Treatment | None = None) -> Healing:
    """The intervals in force from and to `treatment` (None: all), and what must come before it. One query."""
    spans = Interval.objects.filter(version=OuterRef("pk"))
    if treatment:
        spans = spans.filter(Q(before=treatment) | Q(after=treatment))
    whole = IntervalsVersion.objects.annotate(spans=_rows(spans, SPAN), needs=_rows(_needs(treatment, now), NEED))
    version = whole.live(now).first()
    found = version.spans if version else []
    days = {(span["before"], span["after"]): span["days"] for span in found}
    reasons = {(span["before"], span["after"]): span["reason"] for span in found}
    return Healing(days, reasons, tuple(map(_need, version.needs if version else [])))


def _rows(rows: QuerySet[Any, Any], columns: tuple[str, ...]) -> ArraySubquery:
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in columns})))


def _needs(treatment: Treatment | None, now: datetime) -> QuerySet[Prerequisite]:
    """A skin type is confirmed at a consultation; a clinic without one confirms it otherwise, and nothing is booked."""
    talks = Treatment.objects.filter(kind=Treatment.Kind.CONSULTATION, retired_at=None).order_by("position")
    needs = Prerequisite.objects.filter(version=OuterRef("pk"), treatment=treatment).order_by("position")
    first = Treatment.objects.filter(pk=OuterRef("comes"))
    live = TreatmentVersion.objects.live(now).filter(treatment=OuterRef("comes"))
    return needs.annotate(
        comes=Coalesce("first", _one(talks, "pk")),
        code=_one(first, "code"),
        what=_one(first, "kind"),
        name=_one(live, "name"),
    )


def _one(rows: QuerySet[Model], column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def _need(row: Mapping[str, Any]) -> Need:
    return Need(
        first=row["comes"] or 0,
        what=_what(row) if row["comes"] else _("a confirmed skin type"),
        by_fact=row["kind"] == Prerequisite.Kind.CONFIRMED_PHOTOTYPE,
        phototypes=tuple(row["phototypes"]),
        lead_days=row["lead_days"],
        valid_days=row["valid_days"],
        reason=row["reason"],
        code=row["code"] or "",
    )


def _what(row: Mapping[str, Any]) -> str:
    """“a consultation”, “a test patch”, else “a visit for …”."""
    usual = {Treatment.Kind.CONSULTATION: _("a consultation"), Treatment.Kind.TEST_PATCH: _("a test patch")}
    return usual.get(Treatment.Kind(row["what"])) or _("a visit for %(name)s") % {"name": row["name"] or row["code"]}
