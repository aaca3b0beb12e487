"""What a patient's skin type and the last sun mean for each treatment: the earliest day, and what comes first."""

from dataclasses import dataclass
from datetime import date, datetime

from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.policies.intervals import LAST, Barred, Need, earliest_after, in_the_way, missing_on
from clinic.scheduling.queries.offers import bookable, open_places
from clinic.scheduling.queries.visits import TO_COME, WITH_A_PATIENT, barred_for
from patients.models import Patient
from patients.policies.screening import Outcome
from patients.queries.skin import SunKnown, sun_known, sun_outcome
from treatments.models import Treatment, TreatmentVersion


@dataclass(frozen=True)
class Outlook:
    """One treatment. `earliest` is None while something has to be booked first (`missing`); `rest` is the span after another
    visit that decides it; `sun` is the day from which the last sun is long enough ago (None: it is), and `ask_sun` says that
    nobody knows when that was.
    """

    name: str
    earliest: date | None
    today: bool
    rest: Barred | None
    missing: tuple[Need, ...]
    sun: date | None
    ask_sun: bool


def outlooks(patient: Patient, now: datetime) -> list[Outlook]:
    """Every procedure that can be booked, by the intervals, the rules, and what must come first, in the clinic's order."""
    place = _place_of(patient)
    if place is None:
        return []
    offered = [version for version in bookable(now) if version.treatment.kind == Treatment.Kind.PROCEDURE]
    known = sun_known(patient, now)
    return [_outlook(patient, version, place, known, now) for version in offered]


@dataclass(frozen=True)
class Lacking:
    """A visit to come for which something is missing by now: what comes first, or enough days after the last sun."""

    visit: Appointment
    needs: tuple[Need, ...]
    sun: date | None


def lacking(patient: Patient, now: datetime) -> list[Lacking]:
    """The visits to come that would not be booked like this today, earliest first."""
    rows = patient.appointments.filter(status__in=TO_COME, during__startswith__gt=now).order_by("during")
    known = sun_known(patient, now)
    found = (_lacking(patient, visit, known, now) for visit in rows.select_related("location", "treatment", "version"))
    return [one for one in found if one.needs or one.sun]


def patches_of(patient: Patient) -> list[Appointment]:
    """Test patches that were done or are booked, newest first."""
    rows = patient.appointments.filter(treatment__kind=Treatment.Kind.TEST_PATCH, status__in=WITH_A_PATIENT)
    return list(rows.select_related("location").order_by("-during"))


def _outlook(patient: Patient, version: TreatmentVersion, place: Location, known: SunKnown, now: datetime) -> Outlook:
    today = now.astimezone(place.tz).date()
    barred = barred_for(patient, version.treatment, place, now)
    span = in_the_way(today, barred)
    sun = sun_outcome(known, version.treatment.code, today, place.jurisdiction)
    earliest = earliest_after(max(today, sun.earliest or today), barred)
    return Outlook(
        name=version.name,
        earliest=earliest if earliest <= LAST else None,
        today=earliest == today,
        rest=span if span and span.last < LAST else None,
        missing=missing_on(today, barred),
        sun=sun.earliest,
        ask_sun=_is_unknown(sun),
    )


def _lacking(patient: Patient, visit: Appointment, known: SunKnown, now: datetime) -> Lacking:
    day = visit.during.lower.astimezone(visit.location.tz).date()
    barred = barred_for(patient, visit.treatment, visit.location, now, ignoring=(visit.pk,))
    needs = [span.need for span in barred if span.need and span.first <= day <= span.last]
    sun = sun_outcome(known, visit.treatment.code, day, visit.location.jurisdiction)
    return Lacking(visit, tuple(dict.fromkeys(needs)), sun.earliest)


def _is_unknown(sun: Outcome) -> bool:
    return any(fired.is_softened for fired in sun.fired)


def _place_of(patient: Patient) -> Location | None:
    """Whose calendar counts: where the patient comes or came last, else the first open location."""
    last = patient.appointments.filter(status__in=WITH_A_PATIENT).select_related("location").order_by("-during").first()
    return last.location if last else next(iter(open_places()), None)
