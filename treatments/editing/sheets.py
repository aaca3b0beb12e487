"""A draft as one form: filled in, saved, and shown beside what somebody else has saved meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from treatments import operations
from treatments.acting import Actor
from treatments.doors import user_of
from treatments.editing.differences import Difference, differences, spoken
from treatments.editing.kinds import Kind, Sheet, typed
from treatments.versions import Version, content_hash


@dataclass(frozen=True)
class SheetPage:
    """`seen` is the content hash of `version`; `theirs` is what stands there against what was typed, after a conflict."""

    version: Version
    sheet: Sheet
    seen: str
    theirs: list[Difference]
    status: int
    is_saved: bool = False

    @property
    def context(self) -> dict[str, Any]:
        shown = {"version": self.version, "sheet": self.sheet, "seen": self.seen, "theirs": self.theirs}
        return {**shown, "failed": self.status != 200}


def sheet_page(request: HttpRequest, kind: Kind, current: Callable[[], Version]) -> SheetPage:
    """The form of what `current` finds, the draft or what is in force; or, sent by POST, saved into the draft."""
    version = current()
    sheet = Sheet(kind, version, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return SheetPage(version, sheet, content_hash(version), [], 200)
    if not sheet.is_valid():
        return SheetPage(version, sheet, request.POST.get("seen", ""), [], 422)
    try:
        _save(request, version, sheet)
    except operations.DraftChanged as refusal:
        sheet.form.add_error(None, str(refusal))
        stands = current()
        return SheetPage(stands, sheet, content_hash(stands), differences(spoken(stands), typed(sheet)), 409)
    return SheetPage(version, sheet, "", [], 200, is_saved=True)


def _save(request: HttpRequest, version: Version, sheet: Sheet) -> None:
    operations.save_draft(
        actor=Actor(user=user_of(request)),
        of=version,
        seen=request.POST.get("seen", ""),
        values=sheet.values,
        children=sheet.children,
        now=timezone.now(),
    )
