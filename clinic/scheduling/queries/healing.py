"""What is published of healing intervals and of what must come first: the version in force, whole, in one query."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from clinic.scheduling.policies.intervals import Matrix, Need, Reasons
from treatments import sql
from treatments.models import Prerequisite, Treatment

HEALING = sql.Prepared((Path(__file__).parent / "healing.sql").read_text(), now="timestamptz", treatment="int")


class Healing(NamedTuple):
    days: Matrix
    reasons: Reasons
    needs: tuple[Need, ...]  # in the published order


def matrix(now: datetime) -> Matrix:
    """The published healing intervals in force, of all treatments."""
    return healing(now).days


def healing(now: datetime, treatment: Treatment | None = None) -> Healing:
    """The intervals in force from and to `treatment` (None: all), and what must come before it. One query."""
    found = HEALING.rows({"now": now, "treatment": treatment.pk if treatment else None})
    spans, needs = found[0] if found else ([], [])
    days = {(before, after): number for before, after, number, _reason in spans}
    reasons = {(before, after): reason for before, after, _number, reason in spans}
    return Healing(days, reasons, tuple(map(_need, needs)))


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
