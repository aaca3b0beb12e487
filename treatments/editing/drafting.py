"""Editing clinical content: as one form, or row by row. Every page saves into the draft; a clinician approves it later."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from treatments import operations, queries
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.editing.clinical import PUBLISH, subject_of
from treatments.editing.differences import differences, spoken_row
from treatments.editing.row_forms import RowPageForm
from treatments.editing.sheets import sheet_page
from treatments.editing.subjects import RowKind, Subject
from treatments.editing.surroundings import Surroundings
from treatments.versions import Version, row_hash

form_page = require_http_methods(["GET", "HEAD", "POST"])


@needs(PUBLISH)
@form_page
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The rows of the draft, each with a page of its own; or where there are none, the draft as one form."""
    what = subject_of(code)
    if what.rows is None:
        return _sheet(request, what)
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    version, now = _current(what), timezone.now()
    live, draft = queries.clinical_versions(what.model, now)
    stands = {row.code: row_hash(row) for row in getattr(live, what.rows.child).all()} if live and draft else None
    groups = [(title, [(row, _mark(row, stands)) for row in rows]) for title, rows in what.rows.groups(version)]
    misfits = queries.misfits_of(version, now)
    context = {"what": what, "version": version, "groups": groups, "draft": draft, "misfits": misfits}
    return render(request, "editing/rows_index.html", context)


@needs(PUBLISH)
@form_page
def about(request: HttpRequest, code: str) -> HttpResponse:
    """What the draft says beside its rows, as one form."""
    return _sheet(request, subject_of(code))


@needs(PUBLISH)
@form_page
def add(request: HttpRequest, code: str) -> HttpResponse:
    return _row(request, code, "")


@needs(PUBLISH)
@form_page
def row(request: HttpRequest, code: str, row: str) -> HttpResponse:
    return _row(request, code, row)


@needs(PUBLISH)
@require_POST
def remove(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """Take a row out of the draft, unless rules rely on it or somebody has just changed it."""
    what, kind = _with_rows(code)
    asked = {"actor": Actor(user=user_of(request)), "of": _current(what), "child": kind.child, "code": row}
    try:
        operations.remove_row(**asked, seen=request.POST.get("seen", ""), now=timezone.now())
    except (operations.DraftChanged, operations.StillRead) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(code)s” is no longer in the draft.") % {"code": row})
    return redirect("editing:clinical_edit", code)


def _row(request: HttpRequest, code: str, row: str) -> HttpResponse:
    """One row, or with `row` "" a new one."""
    what, kind = _with_rows(code)
    version = _current(what)
    stored = _stored(version, kind, row)
    if row and stored is None and request.method != "POST":
        raise Http404
    form = kind.form(Surroundings.of(version, kind.child, timezone.now()), stored, _sent(request, row))
    page = {"what": what, "stored": stored, "version": version, "form": form, "seen": _seen(stored)}
    if request.method != "POST":
        return render(request, "editing/row.html", page)
    if not form.is_valid():
        return render(request, "editing/row.html", page | {"seen": request.POST.get("seen", "")}, status=422)
    try:
        _save_row(request, version, kind, form)
    except operations.DraftChanged as refusal:
        form.add_error(None, str(refusal))
        stands = _stored(_current(what), kind, form.row_code)
        theirs = differences(spoken_row(stands), spoken_row(form.instance))
        return render(request, "editing/row.html", page | {"seen": _seen(stands), "theirs": theirs}, status=409)
    messages.success(request, _("“%(code)s” is saved in the draft.") % {"code": form.row_code})
    return redirect("editing:clinical_edit", code)


def _sent(request: HttpRequest, row: str) -> QueryDict | None:
    """What was typed. A row that somebody has removed meanwhile keeps its code, and may be added again."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    if row:
        data["code"] = row
    return data


def _save_row(request: HttpRequest, version: Version, kind: RowKind, form: RowPageForm) -> None:
    operations.save_row(
        actor=Actor(user=user_of(request)),
        of=version,
        child=kind.child,
        code=form.row_code,
        seen=request.POST.get("seen", ""),
        values=form.values,
        after=form.cleaned_data["after"],
        now=timezone.now(),
    )


def _sheet(request: HttpRequest, what: Subject) -> HttpResponse:
    if what.sheet is None:
        raise Http404
    page = sheet_page(request, what.sheet, lambda: _current(what))
    if page.is_saved:
        messages.success(request, _("The draft is saved. A clinician approves it before it counts."))
        return redirect("editing:clinical_edit" if what.rows else "editing:clinical_subject", what.code)
    return render(request, "editing/sheet.html", {"what": what, **page.context}, status=page.status)


def _current(what: Subject) -> Any:
    """What an editor works on: the draft, else what is in force. Raises Http404 before anything is loaded."""
    live, draft = queries.clinical_versions(what.model, timezone.now())
    found = draft or live
    if found is None:
        raise Http404
    return found


def _with_rows(code: str) -> tuple[Subject, RowKind]:
    what = subject_of(code)
    if what.rows is None:
        raise Http404
    return what, what.rows


def _stored(version: Version, kind: RowKind, code: str) -> Any:
    return next((row for row in getattr(version, kind.child).all() if row.code == code), None)


def _seen(stored: Any) -> str:
    return row_hash(stored) if stored else ""


def _mark(row: Any, stands: dict[str, str] | None) -> str:
    """ "new" or "changed", against what is in force (None: there is no draft, or nothing is in force)."""
    if stands is None or stands.get(row.code) == row_hash(row):
        return ""
    return _("changed") if row.code in stands else _("new")
