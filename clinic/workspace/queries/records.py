"""A patient's record as the care team reads it, why it may, and what was opened in an emergency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings

from clinic.accounts.models import User
from clinic.workspace.queries.people import patient_for
from clinic.workspace.queries.seen import SeenVisit, seen_visits
from patients import trail
from patients.access import clinical_visible_to
from patients.models import CareTeam, EmergencyAccess, Patient, Phototype
from patients.queries.answers import confirmed_phototype
from patients.queries.record import Bother, Group, bother_over_time, own_answers

SHOWN = ("answers", "phototypes", "scar_assessments")
MOST = 200


@dataclass(frozen=True)
class Because:
    """Why somebody may read a record: words of `patients/trail.py`, and the day of the visit that it is about."""

    why: str
    visit_on: date | None = None


@dataclass(frozen=True)
class Record:
    answers: list[Group]
    skin: Phototype | None
    bother: list[Bother]


def record_of(patient: Patient) -> Record:
    """Read it inside the transaction that writes the trail."""
    newest = Phototype.objects.filter(patient=patient).order_by("-at", "-id").first()
    return Record(own_answers(patient), confirmed_phototype(patient) or newest, bother_over_time(patient))


def record_visible_to(user: User, pk: UUID, now: datetime) -> Patient | None:
    return clinical_visible_to(user, now).filter(pk=pk).first()


def because(user: User, patient: Patient, now: datetime) -> Because:
    """The nearest of the visits that put `user` on the care team; an emergency only where nothing else does."""
    whys = set(patient.care_team.filter(user=user, since__lte=now).exclude(until__lte=now).values_list("why", flat=True))
    if CareTeam.Why.VISIT in whys:
        return Because(trail.VISIT, _day(_nearest(seen_visits().filter(patient=patient, practitioner__user=user), now)))
    if CareTeam.Why.REVIEW in whys:
        return Because(trail.AGAIN)
    if CareTeam.Why.COVER in whys:
        return Because(trail.CARE)
    return Because(trail.EMERGENCY if CareTeam.Why.EMERGENCY in whys else trail.OWN)


def open_until(user: User, patient: Patient) -> datetime | None:
    """When the emergency is over."""
    return patient.care_team.filter(user=user, why=CareTeam.Why.EMERGENCY).values_list("until", flat=True).first()


def name_of(user: User, pk: UUID) -> str | None:
    """The patient's name, as `user` may know it: from the contacts, or from the visits of the house; None when unknown."""
    contact = patient_for(user, pk)
    if contact:
        return str(contact)
    visit = seen_visits().filter(patient=pk).first()
    return str(visit.patient) if visit else None


def emergencies() -> list[EmergencyAccess]:
    """The last that there were, newest first. Reasons stay sealed."""
    rows = EmergencyAccess.objects.select_related("user", "patient").defer("reason")
    return list(rows.order_by("-during")[:MOST])


def emergency(pk: UUID) -> EmergencyAccess | None:
    return EmergencyAccess.objects.select_related("user", "patient").filter(pk=pk).first()


def minutes() -> int:
    """How long an emergency lasts."""
    return int(settings.EMERGENCY_LASTS.total_seconds() // 60)


def _nearest(visits: Iterable[SeenVisit], now: datetime) -> SeenVisit | None:
    return min(visits, key=lambda visit: abs(visit.during.lower - now), default=None)


def _day(visit: SeenVisit | None) -> date | None:
    return visit.during.lower.astimezone(visit.location.tz).date() if visit else None
