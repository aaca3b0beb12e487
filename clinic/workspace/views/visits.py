"""One visit for staff, and every move that changes its status."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.models import User
from clinic.scheduling import operations
from clinic.scheduling.operations.adjust import GOING_ON
from clinic.scheduling.policies.moves import MOVES, REVIEWS
from clinic.scheduling.queries.consents import OPEN, standing
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.refusals import ConsentMissing, Refused
from clinic.scheduling.words import time_words
from clinic.workspace.forms import MoveForm, PageForm, ReasonForm
from clinic.workspace.queries import records
from clinic.workspace.queries.moves import asks_first, offered
from clinic.workspace.queries.people import has_address, may_assess, may_open_consent, patient_for
from clinic.workspace.queries.photos import may_see_photos
from clinic.workspace.queries.seen import SeenVisit, seen_visit
from clinic.workspace.queries.story import Line, notes_are_for, story
from clinic.workspace.review_forms import DecisionForm
from clinic.workspace.views.day import day_page
from clinic.workspace.views.refusing import Refusal, told
from clinic.workspace.views.review import answers_page
from patients import trail
from treatments.acting import Actor, acting_as
from treatments.doors import needs, user_of


@needs("scheduling.view_day")
@require_safe
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """When, where, who, the history and the moves. Nothing clinical but what reviewers noted, to the care team."""
    return visit_page(request, _seen(pk))


@needs("scheduling.view_day")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a move (POST), or ask for its reason first (GET). The answer comes on the page where the button was."""
    seen = _seen(pk)
    if request.method != "POST":
        return _reason_page(request, seen, _form(seen, request.GET.get("verb", ""), initial=request.GET.dict()))
    form = _form(seen, request.POST.get("verb", ""), data=request.POST)
    if form.is_valid():
        return _make(request, seen, form)
    return _reason_page(request, seen, form)


def visit_page(request: HttpRequest, seen: SeenVisit, refusal: Refusal | None = None) -> HttpResponse:
    """With the notes of reviewers for the care team alone, in the transaction that writes down that they were read."""
    user, now = user_of(request), timezone.now()
    if not notes_are_for(user, seen, now):
        return _visit_page(request, seen, story(seen, user), refusal)
    with acting_as(Actor(user=user)):
        lines = story(seen, user, with_notes=True)
        if seen.patient and any(line.is_note for line in lines):
            because = records.because(user, seen.patient, now)
            trail.opened(user, seen.patient, ["review_notes"], because.why, visit_on=because.visit_on)
        return _visit_page(request, seen, lines, refusal)


def _visit_page(request: HttpRequest, seen: SeenVisit, lines: list[Line], refusal: Refusal | None) -> HttpResponse:
    user, due = user_of(request), standing(seen, timezone.now())
    context = {
        "visit": seen,
        "contact": patient_for(user, seen.patient_id) if user.has_perm("patients.view_contacts") else None,
        "may_change": seen.status in TO_COME and user.has_perm("scheduling.book_for_patients"),
        "may_adjust": seen.status in GOING_ON and (_treats(user, seen) or user.has_perm("scheduling.book_for_patients")),
        "may_assess": may_assess(user, seen.patient_id, timezone.now()),
        "may_see_photos": may_see_photos(user, seen.patient_id, timezone.now()),
        "moves": offered(user, seen, timezone.now()),
        "consent": due if seen.status in OPEN else None,
        "may_open_consent": due is not None and may_open_consent(user, seen, timezone.now()),
        "story": lines,
        "day": seen.during.lower.astimezone(seen.location.tz).date(),
        "page_form": PageForm(initial={"page": "visit"}),
        "refusal": refusal,
    }
    return render(request, "workspace/visit.html", context, status=refusal.status if refusal else 200)


def _treats(user: User, seen: SeenVisit) -> bool:
    return seen.practitioner.user_id == user.pk and user.has_perm("scheduling.treat")


def _seen(pk: UUID) -> SeenVisit:
    seen = seen_visit(pk)
    if seen is None:
        raise Http404
    return seen


def _form(seen: SeenVisit, verb: str, **kwargs: object) -> MoveForm:
    """The form that `verb` is sent with. Raises Http404 for a verb that is not in the table."""
    if verb not in MOVES:
        raise Http404
    if verb in REVIEWS:
        return DecisionForm(verb, seen.pk, **kwargs)
    return ReasonForm(MOVES[verb], **kwargs) if asks_first(verb) else MoveForm(**kwargs)


def _make(request: HttpRequest, seen: SeenVisit, form: MoveForm) -> HttpResponse:
    verb, page = form.cleaned_data["verb"], form.cleaned_data["page"]
    wish = operations.Wish(seen.pk, verb, form.cleaned_data["reason"])
    try:
        now_is = operations.transition(actor=Actor(user=user_of(request)), wish=wish, now=timezone.now())
    except ConsentMissing as missing:
        return _why_without_consent(request, _seen(seen.pk), form, missing)
    except Refused as refused:
        return _refused(request, _seen(seen.pk), form, refused)
    when, status = time_words(seen.during.lower, seen.location.tz), now_is.get_status_display()
    done = {"name": seen.patient, "time": when, "status": status}
    messages.success(request, _("%(name)s, %(time)s: %(status)s") % done)
    return redirect(_address(seen, page))


def _refused(request: HttpRequest, seen: SeenVisit, form: MoveForm, refused: Refused) -> HttpResponse:
    refusal = told(refused, seen, user_of(request))
    if form.cleaned_data["page"] == "today":
        return day_page(request, seen.location, seen.during.lower.astimezone(seen.location.tz).date(), refusal)
    if form.cleaned_data["page"] == "review" and isinstance(form, DecisionForm):
        return answers_page(request, seen.pk, form, refusal)
    return visit_page(request, seen, refusal)


def _why_without_consent(request: HttpRequest, seen: SeenVisit, form: MoveForm, missing: ConsentMissing) -> HttpResponse:
    """The move once more, with the question why. Only who came from this page, and wrote nothing, is shown an error."""
    verb, data = form.cleaned_data["verb"], form.data if "reason" in form.data else None
    asked = ReasonForm(MOVES[verb], data, initial=form.cleaned_data)
    asked.fields["reason"].required = True
    return _reason_page(request, seen, asked, missing)


def _reason_page(
    request: HttpRequest, seen: SeenVisit, form: MoveForm, missing: ConsentMissing | None = None
) -> HttpResponse:
    """Why? Moves that are not asked about have no such page; a note that was too long goes back to the answers."""
    if isinstance(form, DecisionForm) and form.is_bound:
        return answers_page(request, seen.pk, form)
    if not isinstance(form, ReasonForm):
        raise Http404
    verb = str(form["verb"].value())
    back = _address(seen, str(form["page"].value()))
    letter = has_address(seen.pk) if MOVES[verb].letter else None
    context = {"visit": seen, "form": form, "move": MOVES[verb], "letter": letter, "back": back, "missing": missing}
    return render(request, "workspace/reason.html", context, status=422 if form.is_bound else 409 if missing else 200)


def _address(seen: SeenVisit, page: str) -> str:
    """Where a move leads back to."""
    if page == "review":
        return reverse("workspace:review")
    if page == "today":
        day = seen.during.lower.astimezone(seen.location.tz).date().isoformat()
        return f"{reverse('workspace:today')}?place={seen.location.slug}&day={day}#visit-{seen.pk}"
    return reverse("workspace:visit", args=[seen.pk])
