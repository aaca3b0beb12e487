"""Asking the patient once more before a decision: the visit keeps waiting, its time is kept."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.models import AnswerRequest, Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.deciding import check_answers_were_read
from clinic.scheduling.operations.reschedule import visit_of
from clinic.scheduling.queries.asking import OPEN, askable, open_request
from clinic.scheduling.refusals import AskedAlready, NotAllowed, NothingToAsk, NotNow
from patients import trail
from treatments.acting import Actor

if TYPE_CHECKING:
    from clinic.accounts.models import User


@dataclass(frozen=True)
class Asking:
    """Which questions (codes) of a waiting visit are asked, with a note. `instead_of`: the open one that this replaces."""

    visit: UUID
    questions: tuple[str, ...]
    note: str = ""
    instead_of: UUID | None = None


class Notes(NamedTuple):
    """What a clinician has written to the patient about a visit: with a question, or instead of it."""

    question: str | None  # None: nothing is asked
    declined: str | None  # None: it was not declined


def ask(*, actor: Actor, asking: Asking, now: datetime) -> AnswerRequest:
    """Open the questions for the patient, who is written to; the same one again for the same questions and note.

    Raises NotAllowed, NotNow for a visit that does not wait, NothingToAsk for questions that are not those of the visit, or
    AskedAlready.
    """
    if actor.user is None or not actor.may("scheduling.review"):
        raise NotAllowed
    return inner.carry_out(actor, partial(_ask, actor.user, asking, now))


def read_notes(*, actor: Actor, visit: UUID, now: datetime) -> Notes:
    """The notes for the patient of the visit, who is `actor`; the trail says so. Raises NotAllowed for anybody else."""
    return inner.carry_out(actor, partial(_read, actor, visit))


def _ask(user: "User", asking: Asking, now: datetime) -> AnswerRequest:
    before = Appointment.objects.filter(pk=asking.visit).values_list("patient", flat=True).first()
    if before is None:
        raise NotNow
    locks.take(patients=[before], appointments=[asking.visit])
    visit = visit_of(asking.visit)
    if visit.status != Status.PENDING:
        raise NotNow
    check_answers_were_read(Actor(user=user), visit, now)
    if not asking.questions or not {*asking.questions} <= {item.code for item in askable(visit, now)}:
        raise NothingToAsk
    there = open_request(visit)
    if there and (there.questions, there.note) == ([*asking.questions], asking.note):
        return there
    if there and there.pk != asking.instead_of:
        raise AskedAlready
    visit.answer_requests.filter(OPEN).update(withdrawn_at=now)
    inner.note_event(Actor(user=user), visit, "ask", visit.status, now)
    said = {"questions": [*asking.questions], "note": asking.note}
    return AnswerRequest.objects.create(appointment=visit, asked_by=user, asked_at=now, **said)


def _read(actor: Actor, pk: UUID) -> Notes:
    visit = visit_of(pk)
    if actor.user is None or visit.patient is None or visit.patient.user_id != actor.user.pk:
        raise NotAllowed
    request, last = open_request(visit), visit.events.order_by("-number").first()
    question = request.note if request else None
    declined = last.reason if last and last.verb == "decline" else None
    if question or declined:
        trail.opened(actor.user, visit.patient, ["note"], trail.OWN)
    return Notes(question, declined)
