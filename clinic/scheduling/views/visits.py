"""A patient's own visits: the list, one visit, its calendar file, cancelling."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.scheduling.calendar import calendar_file
from clinic.scheduling.forms import CancelForm
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.queries.asking import asked_about, to_answer
from clinic.scheduling.queries.calls import own_call
from clinic.scheduling.queries.checks import open_check
from clinic.scheduling.queries.closed import proposal_for
from clinic.scheduling.queries.consents import DURING, OPEN, standing
from clinic.scheduling.queries.courses import Shown, courses_of
from clinic.scheduling.queries.own import own_visit, own_visits
from clinic.scheduling.queries.policy import limits_of
from clinic.scheduling.queries.screening import consultation_at
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.refusals import Refused
from patients.access import contacts_visible_to
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.book_own")
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    mine = list(own_visits(user_of(request)))
    coming = [visit for visit in reversed(mine) if visit.during.upper > now and visit.status in TO_COME]
    earlier = [visit for visit in mine if visit not in coming]
    context = {"coming": coming, "earlier": earlier, "courses": _courses(request)}
    asked = {"asked": asked_about(coming), "call": own_call(user_of(request))}
    return render(request, "scheduling/visits.html", context | asked)


@needs("scheduling.book_own")
@require_safe
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    mine = own_or_404(request, pk)
    return render(request, "scheduling/visit.html", _page(mine) | _notes(request, mine))


@needs("scheduling.book_own")
@require_safe
def done(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "scheduling/done.html", _page(own_or_404(request, pk)))


@needs("scheduling.book_own")
@require_safe
def calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The visit for the patient's own calendar: when and where, neutral words, nothing of the treatment."""
    answer = HttpResponse(calendar_file(own_or_404(request, pk)), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return answer


@needs("scheduling.book_own")
@require_safe
def questions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """On to what is asked before the visit; when all of it is answered, back to the visit with a word of thanks."""
    mine = own_or_404(request, pk)
    ticket = to_answer(mine, timezone.now())
    if ticket:
        return redirect(ticket.url())
    if mine.status == Status.PENDING:
        messages.success(request, _("Thank you. A clinician looks at your answers, and we write to you."))
    else:
        messages.success(request, _("Thank you. There is nothing more to answer before this visit."))
    return redirect("scheduling:visit", mine.pk)


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    mine = own_or_404(request, pk)
    form = CancelForm(mine, request.POST or None)
    if request.method == "POST" and form.is_valid():
        wish = operations.Wish(mine.pk, "cancel", form.cleaned_data["reason"])
        try:
            operations.transition(actor=Actor(user=user_of(request)), wish=wish, now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("scheduling:visit", mine.pk)
    return render(request, "scheduling/cancel.html", {"form": form, **_page(mine)}, status=409 if form.errors else 200)


def own_or_404(request: HttpRequest, pk: UUID) -> Appointment:
    """The visit, when it is the patient's own; 404 for everybody else's, as for none at all."""
    mine = own_visit(user_of(request), pk)
    if mine is None:
        raise Http404
    return mine


def _courses(request: HttpRequest) -> list[Shown]:
    """The patient's courses that still have something to come."""
    own = contacts_visible_to(user_of(request)).filter(user=user_of(request)).first()
    return [shown for shown in courses_of(own, timezone.now()) if not shown.is_over] if own else []


def _notes(request: HttpRequest, mine: Appointment) -> dict[str, object]:
    """What a clinician has written about the visit, where one may have, and the way to a consultation."""
    if mine.status not in (Status.PENDING, Status.CANCELLED):
        return {}
    notes = operations.read_notes(actor=Actor(user=user_of(request)), visit=mine.pk, now=timezone.now())
    talk = consultation_at(mine.location, timezone.now()) if notes.declined is not None else None
    return {"notes": notes, "talk": talk}


def _page(mine: Appointment) -> dict[str, object]:
    now = timezone.now()
    limits, to_come = limits_of(mine), mine.status in TO_COME and mine.during.upper > now
    return {
        "visit": mine,
        "cancel_until": limits.cancel_until,
        "change_until": limits.change_until,
        "can_change": to_come and now <= limits.change_until and limits.changes_left > 0,
        "can_cancel": mine.status in TO_COME and now <= limits.cancel_until,
        "to_come": to_come,
        "check": open_check(mine, now) if to_come else None,
        "proposal": proposal_for(mine, now) if to_come else None,
        "consent": _consent_asked(mine, now),
    }


def _consent_asked(mine: Appointment, now: datetime) -> str:
    """ "read" beforehand, "sign" at the visit, or "" where nothing is asked."""
    stands = standing(mine, now) if mine.status in OPEN else None
    if stands is None or stands.signed:
        return ""
    if mine.status in DURING:
        return "wait" if stands.waits else "sign"
    return "" if stands.read else "read"
