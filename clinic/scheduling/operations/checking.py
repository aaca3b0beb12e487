"""What new answers do to the visits that are booked, and who is asked for them shortly before."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from clinic.messaging import outbox
from clinic.scheduling import locks
from clinic.scheduling.models import AnswerRequest, Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.reschedule import visit_of
from clinic.scheduling.operations.screening import screened, status_after_change
from clinic.scheduling.queries import checks
from clinic.scheduling.queries.asking import OPEN, is_answered, open_request
from clinic.scheduling.queries.visits import TO_COME
from patients.models import Patient
from patients.queries import intake
from patients.queries.answers import last_answer_at
from treatments.acting import Actor

BY_ITSELF = Actor(task="screening")
AHEAD = timedelta(hours=47)  # a letter leads to the check of the last two days


def take_answers(*, actor: Actor, patient: Patient, now: datetime) -> list[Appointment]:
    """Put what the patient has answered to the visits to come; returns those that were evaluated anew.

    A visit is looked at when everything that is asked for it by now is answered, and something was answered since it was
    evaluated. An answer that fires what had not fired before sends it back to a clinician; its time is kept. What a
    reviewer asked is answered then as well; the visit waits on for the reviewer.
    """
    answered = last_answer_at(patient)
    coming = checks.coming(patient, now) if answered else []
    new = [visit.pk for visit in coming if answered and _was_evaluated_before(visit, answered)]
    taken = (inner.carry_out(actor, partial(_take, actor, patient, pk, now)) for pk in new)
    return [visit for visit in taken if visit]


def _was_evaluated_before(visit: Appointment, answered: datetime) -> bool:
    """A visit that was never evaluated is looked at only for what a reviewer asks."""
    return visit.evaluation.at < answered if visit.evaluation else open_request(visit) is not None


def _take(actor: Actor, patient: Patient, pk: UUID, now: datetime) -> Appointment | None:
    locks.take(patients=[patient.pk], appointments=[pk])
    visit = visit_of(pk)
    request = open_request(visit)
    told = request is not None and is_answered(request, visit, now)
    if visit.status not in TO_COME or not (told or intake.is_complete(patient, checks.whole(visit), now)):
        return None
    before, start = Status(visit.status), visit.during.lower
    evaluation = screened(patient, visit.treatment, visit.location, start, now, relaxed=True, since=visit.created_at)
    visit.status = status_after_change(visit, evaluation)
    visit.evaluation = evaluation
    visit.save()
    if visit.status != before:
        inner.note_event(BY_ITSELF, visit, "reopen-review", before, now)
    if told:
        AnswerRequest.objects.filter(OPEN, appointment=visit).update(answered_at=now)
        inner.note_event(actor, visit, "answer", visit.status, now)
    return visit


def announce_checks(*, now: datetime) -> int:
    """Write to those whose visit is less than two days away and whose check is open, once each; how many that are."""
    near = Appointment.objects.filter(
        status__in=TO_COME, during__startswith__gt=now, during__startswith__lte=now + AHEAD, patient__isnull=False
    )
    due = [visit for visit in near.select_related("location", "treatment", "patient") if checks.open_check(visit, now)]
    for visit in due:
        outbox.put("check", visit.pk, dedupe=f"check:{visit.pk}:{visit.during.lower:%Y%m%d%H%M}", due=now)
    return len(due)
