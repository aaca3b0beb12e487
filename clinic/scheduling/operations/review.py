"""Looking at the answers behind a visit: who opens them joins the patient's care team, and the trail says so."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.refusals import NotAllowed, NotNow
from patients import trail
from patients.access import clinical_visible_to
from patients.models import CareTeam, Evaluation, Patient
from treatments.acting import Actor

if TYPE_CHECKING:
    from clinic.accounts.models import User

REVIEW_LASTS = timedelta(days=30)
SHOWN = ["evaluation"]


def open_review(*, actor: Actor, visit: UUID, now: datetime) -> Evaluation | None:
    """What the rules said of a pending visit, or None where nothing was asked.

    The reviewer joins the patient's care team until 30 days after the visit, and the trail says who looked.
    Raises NotAllowed, or NotNow when there is no such pending visit (any more).
    """
    if actor.user is None or not actor.may("scheduling.review"):
        raise NotAllowed
    return inner.carry_out(actor, partial(_open, actor.user, visit, now))


def read_review(*, actor: Actor, visit: UUID, now: datetime) -> Evaluation | None:
    """The same for a visit in any status, to a reviewer who is on the care team already; the trail says so each time.

    Raises NotAllowed, also for a visit that is not there.
    """
    if actor.user is None or not actor.may("scheduling.review"):
        raise NotAllowed
    return inner.carry_out(actor, partial(_read, actor.user, visit, now))


def _open(user: "User", pk: UUID, now: datetime) -> Evaluation | None:
    visit = _with_answers(pk)
    if visit is None or visit.patient is None or visit.status != Status.PENDING:
        raise NotNow
    _check_somebody_else(user, visit.patient)
    _join_as_reviewer(user, visit, visit.patient, now)
    trail.opened(user, visit.patient, SHOWN, trail.REVIEW, visit_on=_day(visit))
    return visit.evaluation


def _read(user: "User", pk: UUID, now: datetime) -> Evaluation | None:
    visit = _with_answers(pk)
    if visit is None or visit.patient is None:
        raise NotAllowed
    if not clinical_visible_to(user, now).filter(pk=visit.patient.pk).exists():
        raise NotAllowed
    _check_somebody_else(user, visit.patient)
    trail.opened(user, visit.patient, SHOWN, trail.AGAIN, visit_on=_day(visit))
    return visit.evaluation


def _check_somebody_else(user: "User", patient: Patient) -> None:
    """Who treats and is treated reads the own answers as a patient does. Raises NotAllowed."""
    if patient.user_id == user.pk:
        raise NotAllowed


def _day(visit: Appointment) -> date:
    on: date = visit.during.lower.astimezone(visit.location.tz).date()
    return on


def _with_answers(pk: UUID) -> Appointment | None:
    return Appointment.objects.select_related("patient", "evaluation", "location").filter(pk=pk).first()


def _join_as_reviewer(user: "User", visit: Appointment, patient: Patient, now: datetime) -> None:
    """Never shortens a membership that lasts longer already."""
    until = max(visit.during.upper, now) + REVIEW_LASTS
    member, made = CareTeam.objects.get_or_create(
        patient=patient, user=user, why=CareTeam.Why.REVIEW, defaults={"since": now, "until": until}
    )
    if not made and member.until and member.until < until:
        member.until = until
        member.save(update_fields=["until"])
