"""Questions that a reviewer has asked once more, and those that could be asked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from clinic.scheduling.models import AnswerRequest, Appointment, Status
from clinic.scheduling.queries.checks import open_check, ticket_of
from patients.items import Item, from_question
from patients.policies.windows import is_due
from patients.queries import intake
from patients.tickets import Ticket

OPEN = Q(answered_at=None, withdrawn_at=None)


def askable(visit: Appointment, now: datetime) -> list[Item]:
    """The live questions that belong to the visit and are due by now, in their order."""
    on: date = visit.during.lower.astimezone(visit.location.tz).date()
    asked = intake.asked_before(intake.live_questionnaire(now), visit.treatment.code)
    return [from_question(question) for question in asked if is_due(question.window, on, now)]


def open_request(visit: Appointment) -> AnswerRequest | None:
    """What the patient of a waiting visit is being asked, if anything."""
    if visit.status != Status.PENDING:
        return None
    return visit.answer_requests.filter(OPEN).first()


def asked_about(visits: Iterable[Appointment]) -> set[UUID]:
    """The ids of those of `visits` whose patient is being asked something. One query, none where nothing waits."""
    waiting = [visit.pk for visit in visits if visit.status == Status.PENDING]
    rows = AnswerRequest.objects.filter(OPEN, appointment__in=waiting)
    return set(rows.values_list("appointment", flat=True)) if waiting else set()


def requests_of(visit: Appointment) -> list[AnswerRequest]:
    """All that was asked for the visit and not withdrawn, the newest first."""
    rows = AnswerRequest.objects.filter(appointment=visit, withdrawn_at=None).select_related("asked_by")
    return list(rows.order_by("-asked_at"))


def asked_anew(request: AnswerRequest, visit: Appointment) -> Ticket:
    """The questions of `request` alone; only what is said from then on counts as an answer."""
    return replace(ticket_of(visit), only=tuple(request.questions), since=request.asked_at, anew=True)


def is_answered(request: AnswerRequest, visit: Appointment, now: datetime) -> bool:
    return visit.patient is not None and intake.is_complete(visit.patient, asked_anew(request, visit), now)


def to_answer(visit: Appointment, now: datetime) -> Ticket | None:
    """What the patient is to answer next: what a reviewer asks, then the check of the last days."""
    request = open_request(visit)
    if request and not is_answered(request, visit, now):
        return asked_anew(request, visit)
    return open_check(visit, now)
