"""What the patient's answers do to a booking: it is refused, waits for a clinician, or is booked."""

import json
from datetime import datetime

from clinic.scheduling.models import Appointment, Location, Status
from clinic.scheduling.queries.visits import in_front_of
from clinic.scheduling.refusals import TalkFirst
from patients.models import Evaluation, Patient
from patients.operations import evaluate_in
from treatments.models import Rule, Treatment

CLOSED = (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)


def screened(
    patient: Patient,
    treatment: Treatment,
    place: Location,
    start: datetime,
    now: datetime,
    *,
    relaxed: bool = False,
    since: datetime | None = None,
) -> Evaluation:
    """The evaluation of a visit at `start`, stored. Raises TalkFirst when it may not be booked, unless `relaxed`.

    `since`: when the visit was booked; what was answered from then on still counts for its new time.
    """
    on = start.astimezone(place.tz).date()
    evaluation = evaluate_in(patient, treatment, on, place.jurisdiction, now, since, in_front_of(patient, start))
    if evaluation.tier in CLOSED and not relaxed:
        raise TalkFirst
    return evaluation


def status_after(evaluation: Evaluation) -> Status:
    """Booked, or pending where a clinician looks first: always so when somebody relaxed what the rules said."""
    return Status.PENDING if evaluation.tier in (Rule.Tier.FLAG, *CLOSED) else Status.BOOKED


def status_after_change(before: Appointment, evaluation: Evaluation) -> Status:
    """A visit that a clinician has looked at goes back only when something fires that had not fired before."""
    if before.status == Status.PENDING or status_after(evaluation) == Status.BOOKED:
        return Status(before.status)
    known = _fired(before.evaluation) if before.evaluation else set()
    return Status.BOOKED if _fired(evaluation) <= known else Status.PENDING


def _fired(evaluation: Evaluation) -> set[str]:
    """The codes of the rules that a clinician looks at."""
    fired = json.loads(evaluation.document)["fired"]
    return {line["rule"] for line in fired if line["tier"] in (Rule.Tier.FLAG, *CLOSED)}
