"""Trying out the rules: on an example, and on the number of booked visits that a draft would touch."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.workspace.queries.trying import Trial, treatments_to_try, trial
from clinic.workspace.rules_forms import ExampleForm, TreatmentForm
from clinic.workspace.words import few_words, outcome_words
from patients.policies.screening import Outcome
from treatments.doors import needs
from treatments.models import Rule

READ, REVIEW = "treatments.read_clinical", "scheduling.review"


@needs(READ)
@require_http_methods(["GET", "HEAD", "POST"])
def try_rules(request: HttpRequest) -> HttpResponse:
    """Invented answers, put to the rules in force and to the draft. Sent by POST: what is typed stands in no address."""
    treatments, now = treatments_to_try(), timezone.now()
    code = request.GET.get("treatment", treatments[0][0] if treatments else "")
    if code not in dict(treatments):
        raise Http404
    what = trial(code, now)
    form = ExampleForm(what, timezone.localdate(now), now, request.POST if request.method == "POST" else None)
    outcomes = _outcomes(what, form) if form.is_bound and form.is_valid() else []
    context = {
        "chosen": TreatmentForm(treatments, initial={"treatment": code}),
        "name": dict(treatments)[code],
        "trial": what,
        "form": form,
        "outcomes": [(title, _in_words(outcome), outcome, _fired(outcome)) for title, outcome in outcomes],
        "differ": len({_said(outcome) for _title, outcome in outcomes}) > 1,
    }
    return render(request, "workspace/try_rules.html", context, status=422 if form.errors else 200)


@needs(READ)
@require_safe
def touched(request: HttpRequest) -> HttpResponse:
    """How many visits to come the draft would treat otherwise; for reviewers also which, so that a person decides."""
    preview = operations.preview_rules(now=timezone.now())
    if preview is None:
        return render(request, "workspace/touched.html", {"preview": None})
    reviews = request.user.has_perm(REVIEW)
    stricter = [one for one in preview.touched if one.is_stricter]
    milder = [one for one in preview.touched if not one.is_stricter]
    context = {
        "preview": preview,
        "counts": [few_words(len(some), exact=reviews) for some in (stricter, milder)],
        "visits": [(one, _in_words(one.before), _in_words(one.after)) for one in stricter + milder] if reviews else [],
        "reviews": reviews,
    }
    return render(request, "workspace/touched.html", context)


def _outcomes(what: Trial, form: ExampleForm) -> list[tuple[Any, Outcome]]:
    said = form.cleaned_data
    return what.outcomes(form.answers, form.facts, said["on"], said.get("in_front", []))


def _said(outcome: Outcome) -> tuple[Any, ...]:
    return outcome.tier, outcome.earliest, tuple((fired.rule.code, fired.patient_text) for fired in outcome.fired)


def _fired(outcome: Outcome) -> list[tuple[str, str, str]]:
    """(code, what it does, what the patient reads) of each rule that holds, worst first."""
    return [(fired.rule.code, str(Rule.Tier(fired.tier).label), fired.patient_text) for fired in outcome.fired]


def _in_words(outcome: Outcome) -> str:
    return outcome_words(outcome.tier, outcome.earliest)
