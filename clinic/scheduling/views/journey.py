"""From a held time to a booked visit: who you are, details, questions, confirm. Each step can be left and found again."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.scheduling import operations
from clinic.scheduling.context import as_shown
from clinic.scheduling.forms import ChoiceForm, ConfirmForm
from clinic.scheduling.holder import WANTED, holder_of
from clinic.scheduling.models import Appointment
from clinic.scheduling.policies.intervals import Barred
from clinic.scheduling.queries import screening
from clinic.scheduling.queries.offers import open_places
from clinic.scheduling.queries.policy import limits_of
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.queries.visits import held_by
from clinic.scheduling.queries.week import nearest
from clinic.scheduling.refusals import ComesFirst, HoldChanged, HoldLost, Refused, TalkFirst, TooSoon
from clinic.scheduling.words import earliest_words
from patients import trail
from patients.access import contacts_visible_to
from patients.forms import DetailsForm
from patients.models import Patient
from patients.operations import register
from treatments.acting import Actor, acting_as
from treatments.doors import needs, public, user_of
from treatments.models import Rule


def own_patient(request: HttpRequest) -> Patient | None:
    """The record of whoever is signed in, or None."""
    if not request.user.is_authenticated:
        return None
    return contacts_visible_to(request.user).filter(user=request.user).first()


def remember(request: HttpRequest, visit: Appointment, practitioner: int | None) -> None:
    """What was chosen, so that a lost time can be answered with the nearest ones."""
    request.session[WANTED] = {
        "treatment": visit.treatment_id,
        "place": visit.location.slug,
        "who": practitioner or "",
        "day": visit.during.lower.astimezone(visit.location.tz).date().isoformat(),
        "hold": str(visit.pk),
    }


def own_hold(request: HttpRequest) -> tuple[UUID, ...]:
    """The visit that this browser held last, if it was not confirmed: its claims do not stand in the browser's own way."""
    held = request.session.get(WANTED, {}).get("hold")
    return (UUID(held),) if held else ()


def before_questions(request: HttpRequest, patient: Patient | None) -> str:
    """Where it goes on as far as is known without a look at the answers; the summary sends on whom it must."""
    if not request.user.is_authenticated:
        return f"{reverse('account_request_login_code')}?next={reverse('scheduling:next')}"
    return reverse("scheduling:confirm" if patient else "scheduling:details")


@public
@require_safe
def next_step(request: HttpRequest) -> HttpResponse:
    """The next page of the journey that is still to be done."""
    visit = held_by(holder_of(request))
    if visit is None:
        return lost(request)
    return redirect(next_address(request, visit))


def next_address(request: HttpRequest, visit: Appointment) -> str:
    """Where the journey of a held visit goes on: signing in, details, questions, or the summary."""
    patient = own_patient(request)
    if patient is None:
        return before_questions(request, patient)
    ticket = screening.ticket_for(visit, reverse("scheduling:next"))
    if not screening.is_complete(patient, ticket, timezone.now()):
        return f"{reverse('patients:questions')}?ticket={ticket.sign()}"
    return reverse("scheduling:confirm")


def lost(request: HttpRequest) -> HttpResponse:
    """Back to the times of what was wanted; answers and details are kept."""
    wish = request.session.get(WANTED)
    if not wish:
        return redirect("scheduling:choose")
    messages.warning(request, str(HoldLost()))
    answer = redirect("scheduling:times", wish["treatment"])
    answer["Location"] += f"?place={wish['place']}&who={wish['who']}&day={wish['day']}"
    return answer


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Name, date of birth, telephone: asked once; then on to `next`, or to the next step of the booking."""
    if own_patient(request):
        return redirect(_back(request.GET))
    form = DetailsForm(request.POST or None)
    if form.is_valid():
        register(actor=Actor(user=user_of(request)), user=user_of(request), details=form.cleaned_data, now=timezone.now())
        return redirect(_back(request.GET))
    young = form.has_error("birth_date", "under_age")
    context = {"form": form, "places": open_places() if young else []}
    return render(request, "scheduling/details.html", context, status=422 if form.errors else 200)


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The summary, and the one button that books. What the answers say is said here, in words."""
    patient = own_patient(request)
    if patient is None:
        return redirect("scheduling:next")
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        return _book(request, form, patient)
    visit = held_by(holder_of(request))
    if visit is None:
        return lost(request)
    known = screening.known_of(patient, timezone.now())
    if not screening.is_complete(patient, screening.ticket_for(visit, ""), timezone.now(), known):
        return redirect("scheduling:next")
    with acting_as(Actor(user=user_of(request))):
        return _look(request, form, patient, visit, known)


def _look(
    request: HttpRequest, form: ConfirmForm, patient: Patient, visit: Appointment, known: screening.Known
) -> HttpResponse:
    """What the answers say of the visit is in the trail where anything of it is shown."""
    rested, missing = screening.standing(patient, visit, timezone.now())
    outcome = screening.outcome_for(patient, visit, timezone.now(), missing, known)
    if missing and outcome.tier != Rule.Tier.BLOCK:
        return first_of_all(visit)
    if outcome.fired:
        on = visit.during.lower.astimezone(visit.location.tz).date()
        trail.opened(user_of(request), patient, ["evaluation"], trail.OWN, visit_on=on)
    if rested or outcome.tier in (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL):
        return render(request, "scheduling/talk.html", _talk(visit, patient, outcome, rested))
    form.fields["hold"].initial = visit.pk
    context = {"form": form, "patient": patient, "outcome": outcome, "hold": as_shown(visit), **_summary(visit)}
    words = {"advice": screening.advice(outcome), "looked_at": screening.looked_at(outcome)}
    return render(request, "scheduling/confirm.html", context | words)


def first_of_all(visit: Appointment) -> HttpResponse:
    """To the page where what comes first is chosen together with the visit; the held time stays meanwhile."""
    return redirect(f"{reverse('scheduling:first', args=[visit.treatment_id])}?{urlencode({'place': visit.location.slug})}")


def _book(request: HttpRequest, form: ConfirmForm, patient: Patient) -> HttpResponse:
    wish = operations.Confirmation(holder_of(request), patient, form.cleaned_data["hold"])
    try:
        visit = operations.confirm(actor=Actor(user=user_of(request)), wish=wish, key=form.asked_key, now=timezone.now())
    except HoldLost:
        return lost(request)
    except (TalkFirst, TooSoon, ComesFirst, HoldChanged) as refusal:
        messages.warning(request, str(refusal))
        return redirect("scheduling:confirm")
    except Refused as refusal:
        form.add_error(None, str(refusal))
        context = {"form": form, "patient": patient, **_summary(held_by(wish.holder))}
        return render(request, "scheduling/confirm.html", context, status=409)
    request.session.pop(WANTED, None)
    return redirect("scheduling:done", visit.pk)


def _summary(visit: Appointment | None) -> dict[str, Any]:
    if visit is None:
        return {"visit": None}
    until = limits_of(visit).cancel_until
    answers_url = screening.ticket_for(visit, reverse("scheduling:next")).url_of_answers()
    can_cancel = timezone.now() < until
    return {"visit": visit, "cancel_until": until, "can_cancel": can_cancel, "answers_url": answers_url}


def _talk(visit: Appointment, patient: Patient, outcome: screening.Outcome, rested: Barred | None) -> dict[str, Any]:
    """What the page needs to say “talk to us first”, or the earliest date (`later`), and to offer the way on."""
    now = timezone.now()
    texts = [*screening.texts(outcome), *([earliest_words(rested)] if rested else [])]
    earliest = rested.last + timedelta(days=1) if rested else None
    later = None if outcome.tier == Rule.Tier.BLOCK else max(day for day in (earliest, outcome.earliest) if day)
    context: dict[str, Any] = {**_summary(visit), "later": later, "texts": texts}
    context["young"] = patient.age_on(visit.during.lower.astimezone(visit.location.tz).date()) < settings.ADULT_AGE
    talk = screening.consultation_at(visit.location, now) if outcome.consultation_instead else None
    if talk is not None:
        asked = wanted(talk.treatment, visit.location, now, patient=patient)
        near = nearest(asked, visit.during.lower, now, ignoring=(visit.pk,))
        context |= {"talk": talk, "nearest": near, "talk_form": ChoiceForm(initial={"place": visit.location.slug})}
    return context


@public
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """“Keep my time”: ten more minutes."""
    try:
        operations.renew(holder=holder_of(request), now=timezone.now())
    except HoldLost:
        return lost(request)
    return redirect(_back(request.POST))


@public
@require_POST
def let_go(request: HttpRequest) -> HttpResponse:
    """Give the time back."""
    operations.release(holder=holder_of(request))
    messages.success(request, _("The time is free for others again. Your answers are kept."))
    return redirect("scheduling:choose")


def _back(data: QueryDict) -> str:
    path = data.get("next", "")
    safe = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and path.startswith("/")
    return path if safe else reverse("scheduling:next")
