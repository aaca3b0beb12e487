"""Visits that wait for a clinician: the list, and the answers behind one of them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.scheduling.refusals import NotAllowed, NotNow
from clinic.workspace.forms import AcknowledgeForm
from clinic.workspace.queries.day import waiting
from clinic.workspace.queries.moves import moves_for
from clinic.workspace.queries.people import has_address, has_answered
from clinic.workspace.queries.seen import SeenVisit, seen_visit
from clinic.workspace.views.records import not_yours
from clinic.workspace.views.refusing import Refusal, told
from clinic.workspace.words import tier_words
from patients.models import Evaluation
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.review")
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Who waits, and since when. Nothing clinical."""
    return _list(request)


@needs("scheduling.review")
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Opening (POST) makes the reviewer part of the care team; the care team may look again (GET). Both are in the trail."""
    if request.method != "POST":
        return answers_page(request, pk)
    try:
        found = operations.open_review(actor=Actor(user=user_of(request)), visit=pk, now=timezone.now())
    except NotNow as refused:
        return _list(request, told(refused, _seen(pk), user_of(request)))
    return _answers(request, _seen(pk), found)


def answers_page(
    request: HttpRequest, pk: UUID, form: AcknowledgeForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    """The answers once more, with what was typed. For others than the care team there is no such page."""
    try:
        found = operations.read_review(actor=Actor(user=user_of(request)), visit=pk, now=timezone.now())
    except NotAllowed:
        return not_yours(request, _patient_of(pk))
    return _answers(request, _seen(pk), found, form, refusal)


def _answers(
    request: HttpRequest,
    seen: SeenVisit,
    found: Evaluation | None,
    form: AcknowledgeForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    fired = found.fired if found else []
    context = {
        "visit": seen,
        "answered": [one for one in fired if one["answer"] or not one["question"]],
        "unanswered": dict.fromkeys(one["question"] for one in fired if one["question"] and not one["answer"]),
        "asked": has_answered(user_of(request), seen, timezone.now()),
        "letter": has_address(seen.pk),
        "form": form or AcknowledgeForm(seen.pk),
        "moves": moves_for(user_of(request), seen, timezone.now()),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form and form.errors else 200
    return render(request, "workspace/answers.html", context, status=status)


def _list(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    visits = [(visit, tier_words(visit.evaluation.tier if visit.evaluation else "")) for visit in waiting()]
    context = {"visits": visits, "refusal": refusal}
    return render(request, "workspace/review.html", context, status=refusal.status if refusal else 200)


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
