"""Turning a hold into a patient's visit. No claim is touched: the time was the patient's all along."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.joining import join_course
from clinic.scheduling.operations.limits import check_patient
from clinic.scheduling.operations.screening import screened, status_after
from clinic.scheduling.queries.policy import policy_for
from clinic.scheduling.queries.visits import barred_for, claims_of_hold, held_by, open_visits
from clinic.scheduling.refusals import HoldChanged, HoldLost, KeyReused, NotAllowed, TooManyVisits, TryAgain
from patients.models import Evaluation, Patient
from treatments.acting import Actor


@dataclass(frozen=True)
class Confirmation:
    """Whose visit the hold of browser `holder` becomes. `hold`: the one that the page showed (None: whichever it is)."""

    holder: str
    patient: Patient
    hold: UUID | None = None


def confirm(*, actor: Actor, wish: Confirmation, key: UUID, now: datetime) -> Appointment:
    """The hold as a booked or pending visit; the same one again for a repeated request.

    The answers are evaluated here, under the patient's lock, and the evaluation is kept with the visit.
    Raises HoldLost, HoldChanged, NotAllowed, PatientBusy, TooSoon, ComesFirst, TooManyVisits, TalkFirst or
    KeyReused.
    """
    if actor.user and wish.patient.user_id != actor.user.pk:
        raise NotAllowed
    return inner.carry_out(actor, partial(_confirm, actor, wish, key, now))


def _confirm(actor: Actor, wish: Confirmation, key: UUID, now: datetime) -> Appointment:
    held, claimed = claims_of_hold(wish.holder)
    locks.take(patients=[wish.patient.pk], resources=claimed, appointments=[held] if held else [])
    asked = inner.fingerprint(patient=wish.patient.pk)
    done, visit = inner.replay(actor, key, asked), held_by(wish.holder)
    if done and visit and wish.hold != done.pk:
        raise KeyReused  # the key has served for another hold
    if done:
        return done
    if visit is None or visit.during.lower <= now:
        raise HoldLost
    if visit.pk != held:
        raise TryAgain  # another page of the same browser has just held another time
    if wish.hold not in (None, visit.pk):
        raise HoldChanged
    barred = barred_for(wish.patient, visit.treatment, visit.location, now, ignoring=(visit.pk,))
    check_patient(wish.patient, visit.during, visit.location, barred, ignoring=(visit.pk,))
    if open_visits(wish.patient, now) >= policy_for(visit.location, visit.treatment).open_visits:
        raise TooManyVisits
    settle(visit, wish.patient, screened(wish.patient, visit.treatment, visit.location, visit.during.lower, now))
    inner.note_event(actor, visit, "confirm", Status.PROPOSED, now)
    inner.join_care_team(visit, now)
    join_course(visit)
    inner.remember(actor, key, asked, visit)
    return visit


def settle(visit: Appointment, patient: Patient, evaluation: Evaluation) -> None:
    """The hold as the patient's visit: booked or pending, as the answers say. Its claims stand already."""
    visit.patient, visit.evaluation, visit.status = patient, evaluation, status_after(evaluation)
    visit.held_for, visit.holder, visit.held_from = "", "", None
    visit.held_since = visit.expires_at = None
    visit.save()
