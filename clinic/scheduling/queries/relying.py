"""Visits to come that rely on another one: what must come first for them is that one, and nothing else."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from clinic.scheduling.models import Appointment
from clinic.scheduling.policies.intervals import Need, Past
from clinic.scheduling.queries.healing import healing
from clinic.scheduling.queries.prerequisites import barred_by_needs
from clinic.scheduling.queries.visits import TO_COME, WITH_A_PATIENT


def relying_on(
    visit: Appointment, now: datetime, *, moved_to: date | None = None, ignoring: tuple[UUID, ...] = ()
) -> list[Appointment]:
    """The patient's visits to come that would lack something if `visit` were on the day `moved_to`, or (None) not at all.

    Those that lack it anyway are not among them. Three queries, and one or two for each visit to come.
    """
    if visit.patient is None:
        return []
    coming = visit.patient.appointments.filter(status__in=TO_COME, during__startswith__gt=now)
    others = (
        coming.exclude(pk__in=(visit.pk, *ignoring)).select_related("location", "treatment", "patient").order_by("during")
    )
    return [other for other in others if _relies(other, visit, moved_to, now)]


def _relies(other: Appointment, visit: Appointment, moved_to: date | None, now: datetime) -> bool:
    needs = healing(now, other.treatment).needs
    if all(need.first != visit.treatment_id for need in needs):
        return False
    rest = _rest(other, visit)
    here = Past(visit.treatment_id, visit.during.lower.astimezone(other.location.tz).date())
    there = [Past(visit.treatment_id, moved_to)] if moved_to else []
    return not _lacks(other, needs, [*rest, here], now) and _lacks(other, needs, [*rest, *there], now)


def _rest(other: Appointment, visit: Appointment) -> list[Past]:
    """The patient's visits without these two, on the calendar of `other`."""
    seen = Appointment.objects.filter(patient=other.patient_id, status__in=WITH_A_PATIENT)
    rows = seen.exclude(pk__in=(other.pk, visit.pk)).values_list("treatment_id", "during")
    return [Past(treatment, during.lower.astimezone(other.location.tz).date()) for treatment, during in rows]


def _lacks(visit: Appointment, needs: Sequence[Need], others: Sequence[Past], now: datetime) -> bool:
    if visit.patient is None:
        return False
    day = visit.during.lower.astimezone(visit.location.tz).date()
    barred = barred_by_needs(needs, visit.patient, visit.location, others, now)
    return any(span.first <= day <= span.last for span in barred)
