"""Questions, rules and healing intervals: read by clinicians, approved by one, and only then published."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from treatments import operations, queries
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.editing.differences import differences, spoken
from treatments.editing.forms import WhyForm
from treatments.editing.subjects import SUBJECTS, Subject
from treatments.versions import Version, content_hash

READ, APPROVE, PUBLISH = "treatments.read_clinical", "treatments.approve_clinical", "treatments.edit_screening"


@needs(READ)
@require_safe
def clinical(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = [(what.code, what.title, *queries.clinical_versions(what.model, now)) for what in SUBJECTS.values()]
    return render(request, "editing/clinical.html", {"rows": rows})


@needs(READ)
@require_safe
def subject(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, code, WhyForm())


@needs(APPROVE)
@require_POST
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """A clinician signs exactly what the page showed."""
    draft = draft_of(code)
    seen = request.POST.get("seen")
    try:
        if draft is None or not seen:
            raise operations.DraftChanged
        operations.approve(actor=Actor(user=user_of(request)), draft=draft, now=timezone.now(), seen=seen)
    except operations.NotPublished:
        messages.warning(request, _("This has changed meanwhile. Please read it again before you approve it."))
    else:
        messages.success(request, _("Approved. It can be published now."))
    return redirect("editing:clinical_subject", code)


@needs(PUBLISH)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    form, draft = WhyForm(request.POST), draft_of(code)
    if draft is None:
        return redirect("editing:clinical_subject", code)
    if form.is_valid():
        try:
            actor, seen = Actor(user=user_of(request)), request.POST.get("seen", "")
            operations.publish(actor=actor, draft=draft, why=form.cleaned_data["why"], now=timezone.now(), seen=seen)
        except operations.NotPublished as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Published. It counts from now on."))
            return redirect("editing:clinical_subject", code)
    return _page(request, code, form)


@needs(PUBLISH)
@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    draft = draft_of(code)
    if draft is not None:
        try:
            operations.discard(actor=Actor(user=user_of(request)), draft=draft)
        except operations.NotPublished as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The draft is discarded. What is in force stays as it is."))
    return redirect("editing:clinical_subject", code)


@needs(READ)
@require_safe
def history(request: HttpRequest, code: str) -> HttpResponse:
    what = subject_of(code)
    versions = queries.versions_of(what.model)
    live, _draft = queries.clinical_versions(what.model, timezone.now())
    context = {"code": code, "title": what.title, "versions": versions, "live": live}
    may = {"may_publish": request.user.has_perm(PUBLISH)}
    return render(request, "editing/clinical_history.html", {**context, **may})


@needs(READ)
@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What an old version said, and how it differs from what is in force."""
    what, old = _numbered(code, number)
    live, _draft = queries.clinical_versions(what.model, timezone.now())
    changes = differences(spoken(live), spoken(old)) if live else []
    context = {"code": code, "title": what.title, "what": what, "shown": old, "live": live, "changes": changes}
    return render(request, "editing/clinical_version.html", context)


@needs(PUBLISH)
@require_POST
def go_back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A new draft copied from an old version; it is approved and published like any other."""
    _what, old = _numbered(code, number)
    try:
        operations.go_back(actor=Actor(user=user_of(request)), to=old)
    except operations.DraftExists as refusal:
        messages.error(request, str(refusal))
        return redirect("editing:clinical_history", code)
    messages.success(request, _("A new draft says what version %(number)s said.") % {"number": number})
    return redirect("editing:clinical_subject", code)


def subject_of(code: str) -> Subject:
    if code not in SUBJECTS:
        raise Http404
    return SUBJECTS[code]


def draft_of(code: str) -> Version | None:
    return queries.clinical_versions(subject_of(code).model, timezone.now())[1]


def _numbered(code: str, number: int) -> tuple[Subject, Version]:
    what = subject_of(code)
    return what, get_object_or_404(queries.versions_of(what.model), number=number)


def _page(request: HttpRequest, code: str, form: WhyForm) -> HttpResponse:
    what, now = subject_of(code), timezone.now()
    live, draft = queries.clinical_versions(what.model, now)
    shown = draft or live
    context = {
        "code": code,
        "title": what.title,
        "what": what,
        "live": live,
        "draft": draft,
        "shown": shown,
        "seen": content_hash(shown) if shown else "",
        "changes": differences(spoken(live), spoken(draft)) if live and draft else [],
        "misfits": queries.misfits_of(draft, now) if draft else [],
        "may_approve": request.user.has_perm(APPROVE),
        "may_publish": request.user.has_perm(PUBLISH),
        "form": form,
    }
    return render(request, "editing/clinical_subject.html", context, status=409 if form.errors else 200)
