"""Changing one row of a draft: a question, a rule. Editors of different rows do not stand in each other's way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from treatments.acting import Actor, acting_as
from treatments.operations.drafts import locked, write
from treatments.operations.publish import DraftChanged, NotPublished, copy_of, values_of
from treatments.queries import readers_of
from treatments.versions import Version, row_hash

AnyVersion = TypeVar("AnyVersion", bound=Version)
Rows = list[dict[str, Any]]


class StillRead(NotPublished):
    """Without the question every booking that these rules are about would wait for a clinician."""

    words = _("These rules read this question: %(rules)s. Change or remove them first.")

    def __init__(self, rules: list[str]) -> None:
        super().__init__(rules)
        self.rules = rules

    def __str__(self) -> str:
        return str(self.words) % {"rules": ", ".join(self.rules)}


def save_row(
    *,
    actor: Actor,
    of: AnyVersion,
    child: str,
    code: str,
    seen: str,
    values: Mapping[str, Any],
    after: str | None,
    now: datetime,
) -> AnyVersion:
    """Write `values` into the row `code` of the draft of what `of` is a version of, or add it; a copy of the version in
    force becomes the draft where there is none. It then stands behind the row `after` ("": first, None or unknown: last).

    `seen` is the row's hash as the editor found it, "" where it was not there. Raises DraftChanged, and writes nothing,
    when that is no longer what stands there.
    """
    with acting_as(actor):
        draft, rows, stored = _opened(of, child, code, seen, now)
        others = [row for row in rows if row["code"] != code]
        others.insert(_place(others, after), {**stored, **values, "code": code})
        write(draft, {}, {child: others})
        return draft


def remove_row(*, actor: Actor, of: AnyVersion, child: str, code: str, seen: str, now: datetime) -> AnyVersion:
    """Take the row `code` out of the draft. Raises DraftChanged as above, also when it is gone already, or StillRead."""
    with acting_as(actor):
        draft, rows, stored = _opened(of, child, code, seen, now)
        if not stored:
            raise DraftChanged
        if readers := readers_of(of, code, now):
            raise StillRead(readers)
        write(draft, {}, {child: [row for row in rows if row["code"] != code]})
        return draft


def _opened(of: AnyVersion, child: str, code: str, seen: str, now: datetime) -> tuple[AnyVersion, Rows, dict[str, Any]]:
    """The draft, its rows in order, and the row with the code ({} where there is none)."""
    versions = locked(of)
    stands: AnyVersion | None = versions.drafts().first() or versions.live(now).first()
    if stands is None:
        raise DraftChanged
    rows = list(getattr(stands, child).order_by("position"))
    stored = next((row for row in rows if row.code == code), None)
    if (row_hash(stored) if stored else "") != seen:
        raise DraftChanged
    plain = [{name: value for name, value in values_of(row).items() if name != "position"} for row in rows]
    draft = stands if stands.is_draft else copy_of(stands)
    return draft, plain, next((row for row in plain if row["code"] == code), {})


def _place(rows: Rows, after: str | None) -> int:
    if after == "":
        return 0
    return next((place for place, row in enumerate(rows, start=1) if row["code"] == after), len(rows))
