"""What the patient's answers do to a booking: it is refused, waits for a clinician, or is booked."""

from datetime import datetime

from clinic.scheduling.models import Location, Status
from clinic.scheduling.refusals import TalkFirst
from patients.models import Evaluation, Patient
from patients.operations import evaluate_in
from treatments.models import Rule, Treatment

CLOSED = (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)


def screened(
    patient: Patient, treatment: Treatment, place: Location, start: datetime, now: datetime, *, relaxed: bool = False
) -> Evaluation:
    """The evaluation of a visit at `start`, stored. Raises TalkFirst when it may not be booked, unless `relaxed`."""
    on = start.astimezone(place.tz).date()
    evaluation = evaluate_in(patient, treatment, on, place.jurisdiction, now)
    if evaluation.tier in CLOSED and not relaxed:
        raise TalkFirst
    return evaluation


def status_after(evaluation: Evaluation) -> Status:
    """Booked, or pending where a clinician looks first: always so when somebody relaxed what the rules said."""
    return Status.PENDING if evaluation.tier in (Rule.Tier.FLAG, *CLOSED) else Status.BOOKED
