"""Editing the healing intervals and what must come first: a draft, which a clinician approves before it is published."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from treatments import operations, queries
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.editing.clinical import PUBLISH
from treatments.editing.differences import Difference, differences, spoken
from treatments.editing.kinds import Kind, Sheet, typed
from treatments.editing.matrix_forms import Intervals, MatrixForm, Prerequisites
from treatments.models import IntervalsVersion
from treatments.versions import Version, content_hash

MATRIX = Kind(
    "intervals",
    gettext_lazy("Healing intervals"),
    IntervalsVersion,
    MatrixForm,
    {"intervals": Intervals, "prerequisites": Prerequisites},
    "editing/clinical_subject.html",
    "editing:clinical_subject",
)


@needs(PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """The draft, or where there is none the version in force, as one form; saving it makes or changes the draft."""
    version = _current()
    sheet = Sheet(MATRIX, version, request.POST if request.method == "POST" else None)
    seen, theirs, status = request.POST.get("seen", "") or content_hash(version), list[Difference](), 200
    if request.method == "POST":
        if sheet.is_valid():
            try:
                _save(request, version, sheet)
            except operations.DraftChanged as refusal:
                sheet.form.add_error(None, str(refusal))
                version, status = _current(), 409
                seen, theirs = content_hash(version), differences(spoken(version), typed(sheet))
            else:
                messages.success(request, _("The draft is saved. A clinician approves it before it counts."))
                return redirect("editing:clinical_subject", MATRIX.code)
        else:
            status = 422
    context = {"version": version, "sheet": sheet, "seen": seen, "theirs": theirs, "failed": status != 200}
    return render(request, "editing/matrix.html", context, status=status)


def _current() -> Version:
    live, draft = queries.clinical_versions(IntervalsVersion, timezone.now())
    found = draft or live
    if found is None:
        raise Http404
    return found


def _save(request: HttpRequest, version: Version, sheet: Sheet) -> None:
    operations.save_draft(
        actor=Actor(user=user_of(request)),
        of=version,
        seen=request.POST.get("seen", ""),
        values=sheet.values,
        children=sheet.children,
        now=timezone.now(),
    )
