"""What the patient's answers mean for one visit: the intake's questions and rules, put to a hold or a booking."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.policies.intervals import Barred, Need, in_the_way, missing_on
from clinic.scheduling.queries.offered import offer_at
from clinic.scheduling.queries.visits import barred_for, in_front_of
from patients.models import Patient
from patients.operations import judge
from patients.policies.screening import Outcome
from patients.queries.intake import is_complete
from patients.queries.known import Known, known_of
from patients.tickets import Ticket
from treatments.models import Rule, Treatment, TreatmentVersion

__all__ = [
    "Known",
    "Outcome",
    "advice",
    "consultation_at",
    "is_complete",
    "known_of",
    "looked_at",
    "outcome_for",
    "standing",
    "texts",
    "ticket_for",
]


def ticket_for(visit: Appointment, path: str) -> Ticket:
    """What the question pages need to know of a visit, and where they lead afterwards."""
    day = visit.during.lower.astimezone(visit.location.tz).date()
    return Ticket(treatment=visit.treatment.code, on=day, jurisdiction=visit.location.jurisdiction, next=path)


def outcome_for(
    patient: Patient, visit: Appointment, now: datetime, missing: Sequence[Need] = (), known: Known | None = None
) -> Outcome:
    """What the rules say today, without storing it, as if what is `missing` were booked in front."""
    ticket = ticket_for(visit, "")
    in_front = in_front_of(patient, visit.during.lower) | {need.code for need in missing if need.code}
    return judge(patient, visit.treatment, ticket.on, ticket.jurisdiction, now, in_front=in_front, known=known)


class Standing(NamedTuple):
    """What stands in the way of a held day: a span that ends, or what has to be booked in front."""

    rests: Barred | None
    missing: tuple[Need, ...]


def standing(patient: Patient, visit: Appointment, now: datetime) -> Standing:
    """Whether the patient's other visits, and what must come first, allow the held day."""
    day = visit.during.lower.astimezone(visit.location.tz).date()
    barred = barred_for(patient, visit.treatment, visit.location, now, ignoring=(visit.pk,))
    return Standing(in_the_way(day, barred), missing_on(day, barred))


def texts(outcome: Outcome) -> list[str]:
    """The patient's sentences of the rules that stand in the way, each once, with the date filled in."""
    closed = outcome.tier in (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)
    return _sentences(outcome, outcome.tier) if closed else []


def advice(outcome: Outcome) -> list[str]:
    """How to prepare, and what to know, each sentence once."""
    return _sentences(outcome, Rule.Tier.PREP, Rule.Tier.INFO)


def looked_at(outcome: Outcome) -> list[str]:
    """What a clinician looks at before the visit is confirmed, each sentence once."""
    return _sentences(outcome, Rule.Tier.FLAG)


def consultation_at(place: Location, now: datetime) -> TreatmentVersion | None:
    """The consultation that the location offers, if it does."""
    live = TreatmentVersion.objects.live(now).filter(treatment__kind=Treatment.Kind.CONSULTATION)
    offered = (version for version in live.select_related("treatment") if offer_at(place, version.treatment, now))
    return next(offered, None)


def _sentences(outcome: Outcome, *tiers: str) -> list[str]:
    return list(dict.fromkeys(fired.patient_text for fired in outcome.fired if fired.tier in tiers))
