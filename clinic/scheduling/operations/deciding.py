"""What a decision about a waiting visit needs: the answers were read, and where they close the booking there is a reason."""

from datetime import datetime

from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations.screening import CLOSED
from clinic.scheduling.queries.asking import OPEN
from clinic.scheduling.refusals import NotAllowed, NotNow, OverrideNeeded
from patients.access import clinical_visible_to
from treatments.acting import Actor


def check_decision(actor: Actor, verb: str, visit: Appointment, now: datetime) -> None:
    """Raises NotAllowed for who has not read the answers, OverrideNeeded, or NotNow where there is nothing to override."""
    check_answers_were_read(actor, visit, now)
    is_closed = visit.evaluation is not None and visit.evaluation.tier in CLOSED
    if verb == "acknowledge" and is_closed:
        raise OverrideNeeded
    if verb == "override" and not is_closed:
        raise NotNow


def check_answers_were_read(actor: Actor, visit: Appointment, now: datetime) -> None:
    """Only who has opened the answers, and so joined the care team, decides or asks more; nobody about the own."""
    if actor.user is None:
        return
    if not clinical_visible_to(actor.user, now).exclude(user=actor.user).filter(appointments=visit.pk).exists():
        raise NotAllowed


def withdraw_question(locked: Locked, visit: Appointment, now: datetime) -> None:
    """Nobody waits any more for the answer of a visit that is decided."""
    if visit.status != Status.PENDING:
        visit.answer_requests.filter(OPEN).update(withdrawn_at=now)
