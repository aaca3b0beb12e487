"""Visits that wait for a clinician: the list, and the answers behind one of them, with what can be done about it."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.queries.asking import askable, open_request, requests_of
from clinic.scheduling.refusals import NotAllowed, NotNow, Refused
from clinic.scheduling.words import day_words
from clinic.workspace.queries.moves import moves_for
from clinic.workspace.queries.people import has_address, has_answered
from clinic.workspace.queries.review import HERE, away, colleagues, covers_of, is_late, queue, waits_for_patient, zone_of
from clinic.workspace.queries.seen import SeenVisit, seen_visit
from clinic.workspace.review_forms import AskForm, CoverForm, DecisionForm
from clinic.workspace.views.records import not_yours
from clinic.workspace.views.refusing import Refusal, told
from clinic.workspace.words import refusal_words, tier_words
from patients.models import Evaluation
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.models import Rule

CLOSED = (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)
LOOKED_AT = (*CLOSED, Rule.Tier.FLAG)


@needs("scheduling.review")
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Who waits, and since when. Nothing clinical."""
    return _list(request)


@needs("scheduling.review")
@require_POST
def cover(request: HttpRequest) -> HttpResponse:
    """Stand in for a colleague: their waiting visits come into a queue of one's own."""
    form = _cover_form(request, request.POST)
    if not form.is_valid():
        return _list(request, cover_form=form)
    people = {person.pk: person for person in colleagues(user_of(request))}
    who, last = people[form.cleaned_data["practitioner"]], form.cleaned_data["until"]
    until = datetime.combine(last + timedelta(days=1), time(), zone_of(who))
    try:
        actor, now = Actor(user=user_of(request)), timezone.now()
        operations.take_cover(actor=actor, practitioner=who, until=until, now=now)
    except Refused as refused:
        form.add_error(None, refusal_words(refused))
        return _list(request, cover_form=form)
    done = _("You stand in for %(name)s until %(day)s.") % {"name": who.name, "day": day_words(last)}
    messages.success(request, done)
    answer = redirect("workspace:review")
    answer["Location"] += "?of=covered"
    return answer


@needs("scheduling.review")
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Opening (POST) makes the reviewer part of the care team; the care team may look again (GET). Both are in the trail."""
    if request.method != "POST":
        return answers_page(request, pk)
    try:
        found = operations.open_review(actor=Actor(user=user_of(request)), visit=pk, now=timezone.now())
    except (NotNow, NotAllowed) as refused:
        return _list(request, told(refused, _seen(pk), user_of(request)))
    return _answers(request, _seen(pk), found)


@needs("scheduling.review")
@require_POST
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the patient once more. What was typed comes back with whatever stands against it."""
    try:
        seen, found = _seen(pk), _read(request, pk)
    except NotAllowed:
        return not_yours(request, _patient_of(pk))
    form = _ask_form(seen, found, timezone.now(), request.POST)
    if not form.is_valid():
        return _answers(request, seen, found, form)
    given = form.cleaned_data
    asking = operations.Asking(pk, form.questions, given["note"], given["instead_of"])
    try:
        operations.ask(actor=Actor(user=user_of(request)), asking=asking, now=timezone.now())
    except Refused as refused:
        return _answers(request, _seen(pk), found, form, told(refused, _seen(pk), user_of(request)))
    words = _("The patient is asked.") if has_address(pk) else _("There is no e-mail address: telephone the patient.")
    messages.success(request, words)
    return redirect("workspace:answers", pk)


def answers_page(
    request: HttpRequest, pk: UUID, form: DecisionForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    """The answers once more, with what was typed. For others than the care team there is no such page."""
    try:
        found = _read(request, pk)
    except NotAllowed:
        return not_yours(request, _patient_of(pk))
    return _answers(request, _seen(pk), found, form, refusal)


def _read(request: HttpRequest, pk: UUID) -> Evaluation | None:
    """What fired, read once more. Raises NotAllowed for others than the care team."""
    return operations.read_review(actor=Actor(user=user_of(request)), visit=pk, now=timezone.now())


def _answers(
    request: HttpRequest,
    seen: SeenVisit,
    found: Evaluation | None,
    form: DecisionForm | AskForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    fired, now = found.fired if found else [], timezone.now()
    texts = {item.code: item.text for item in askable(seen, now)}
    context = {
        "visit": seen,
        "answered": [one for one in fired if one["answer"] or not one["question"]],
        "unanswered": dict.fromkeys(one["question"] for one in fired if one["question"] and not one["answer"]),
        "asked": has_answered(user_of(request), seen, now),
        "requests": [(one, [texts.get(code, code) for code in one.questions]) for one in requests_of(seen)],
        "letter": has_address(seen.pk),
        "closed": found is not None and found.tier in CLOSED,
        "forms": _forms(seen, found, now) | ({form.name: form} if form else {}),
        "moves": moves_for(user_of(request), seen, now),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form and form.errors else 200
    return render(request, "workspace/answers.html", context, status=status)


def _forms(seen: SeenVisit, found: Evaluation | None, now: datetime) -> dict[str, Any]:
    decisions = {verb: DecisionForm(verb, seen.pk) for verb in ("acknowledge", "override", "decline")}
    return {**decisions, "ask": _ask_form(seen, found, now)}


def _ask_form(seen: SeenVisit, found: Evaluation | None, now: datetime, *data: Any) -> AskForm:
    fired = {one.get("code", "") for one in found.fired if one["tier"] in LOOKED_AT} if found else set()
    return AskForm(seen.pk, askable(seen, now), fired, open_request(seen), *data)


def _list(request: HttpRequest, refusal: Refusal | None = None, cover_form: CoverForm | None = None) -> HttpResponse:
    which, now, user = request.GET.get("of", HERE), timezone.now(), user_of(request)
    context = {
        "visits": [
            {
                "visit": visit,
                "tag": tier_words(visit.evaluation.tier if visit.evaluation else ""),
                "late": is_late(visit, now),
                "waits_for_patient": waits_for_patient(visit),
            }
            for visit in queue(user, which, now)
        ],
        "which": which,
        "covers": covers_of(user, now),
        "cover_form": cover_form or _cover_form(request),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if cover_form else 200
    return render(request, "workspace/review.html", context, status=status)


def _cover_form(request: HttpRequest, *data: Any) -> CoverForm:
    return CoverForm(colleagues(user_of(request)), away(timezone.now()), timezone.localdate(), *data)


def _patient_of(pk: UUID) -> UUID:
    patient = _seen(pk).patient_id
    if patient is None:
        raise Http404
    return patient


def _seen(pk: UUID) -> SeenVisit:
    seen = seen_visit(pk)
    if seen is None:
        raise Http404
    return seen
