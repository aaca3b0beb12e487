"""What the patient's answers mean for one visit: the intake's questions and rules, put to a hold or a booking."""

from datetime import date, datetime

from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.policies.intervals import earliest_after
from clinic.scheduling.queries.visits import barred_for, offer_at
from patients.models import Patient
from patients.operations import judge
from patients.policies.screening import Outcome
from patients.queries import intake
from patients.tickets import Ticket
from treatments.models import Rule, Treatment, TreatmentVersion

__all__ = [
    "Outcome",
    "advice",
    "consultation_at",
    "is_complete",
    "looked_at",
    "outcome_for",
    "rested_from",
    "texts",
    "ticket_for",
]


def ticket_for(visit: Appointment, path: str) -> Ticket:
    """What the question pages need to know of a visit, and where they lead afterwards."""
    day = visit.during.lower.astimezone(visit.location.tz).date()
    return Ticket(treatment=visit.treatment.code, on=day, jurisdiction=visit.location.jurisdiction, next=path)


def is_complete(patient: Patient, ticket: Ticket, now: datetime) -> bool:
    return intake.is_complete(patient, ticket, now)


def outcome_for(patient: Patient, visit: Appointment, now: datetime) -> Outcome:
    """What the rules say today, without storing it."""
    ticket = ticket_for(visit, "")
    return judge(patient, visit.treatment, ticket.on, ticket.jurisdiction, now)


def rested_from(patient: Patient, visit: Appointment, now: datetime) -> date | None:
    """The first local day on which the skin has rested from the patient's other visits, when the held one is too near."""
    day = visit.during.lower.astimezone(visit.location.tz).date()
    barred = barred_for(patient, visit.treatment, visit.location, now, ignoring=(visit.pk,))
    earliest = earliest_after(day, barred)
    return earliest if earliest != day else None


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
