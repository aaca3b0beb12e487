"""Questions, rules and healing intervals: read by clinicians, approved by one, and only then published."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from treatments import operations, queries
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.editing.differences import differences, spoken
from treatments.editing.forms import WhyForm
from treatments.models import IntervalsVersion, QuestionnaireVersion, RulesVersion, ScarWeightsVersion
from treatments.versions import Version, content_hash

READ, APPROVE, PUBLISH = "treatments.read_clinical", "treatments.approve_clinical", "treatments.edit_screening"
SUBJECTS: dict[str, tuple[str | Promise, type[Version]]] = {
    "questions": (gettext_lazy("Questions"), QuestionnaireVersion),
    "rules": (gettext_lazy("Rules"), RulesVersion),
    "intervals": (gettext_lazy("Healing intervals"), IntervalsVersion),
    "scar-weights": (gettext_lazy("Scar weights"), ScarWeightsVersion),
}


@needs(READ)
@require_safe
def clinical(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = [(code, title, *queries.clinical_versions(model, now)) for code, (title, model) in SUBJECTS.items()]
    return render(request, "editing/clinical.html", {"rows": rows})


@needs(READ)
@require_safe
def subject(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, code, WhyForm())


@needs(APPROVE)
@require_POST
def approve(request: HttpRequest, code: str) -> HttpResponse:
    """A clinician signs exactly what the page showed."""
    draft = _draft(code)
    if draft is None or request.POST.get("seen") != content_hash(draft):
        messages.warning(request, _("This has changed meanwhile. Please read it again before you approve it."))
    else:
        operations.approve(actor=Actor(user=user_of(request)), draft=draft, now=timezone.now())
        messages.success(request, _("Approved. It can be published now."))
    return redirect("editing:clinical_subject", code)


@needs(PUBLISH)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    form, draft = WhyForm(request.POST), _draft(code)
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


def _page(request: HttpRequest, code: str, form: WhyForm) -> HttpResponse:
    title, model = _subject(code)
    live, draft = queries.clinical_versions(model, timezone.now())
    shown = draft or live
    context = {
        "code": code,
        "title": title,
        "live": live,
        "draft": draft,
        "shown": shown,
        "seen": content_hash(shown) if shown else "",
        "changes": differences(spoken(live), spoken(draft)) if live and draft else [],
        "may_approve": request.user.has_perm(APPROVE),
        "may_publish": request.user.has_perm(PUBLISH),
        "form": form,
    }
    return render(request, "editing/clinical_subject.html", context, status=409 if form.errors else 200)


def _subject(code: str) -> tuple[str | Promise, type[Version]]:
    if code not in SUBJECTS:
        raise Http404
    return SUBJECTS[code]


def _draft(code: str) -> Version | None:
    return queries.clinical_versions(_subject(code)[1], timezone.now())[1]
