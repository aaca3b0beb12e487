"""Which practitioner, room and devices a visit gets, of all that fit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product

from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.operations.inner import Chosen
from clinic.scheduling.queries.availability import Fit
from clinic.scheduling.queries.visits import WITH_A_PATIENT
from clinic.scheduling.stretches import Plan
from patients.models import Patient
from treatments import sql

MINUTES = """
select resource_id, sum(extract(epoch from upper(during) - lower(during)) / 60)::int
from scheduling_claim
where resource_id = any(%(ids)s) and during && tstzrange(
    date_trunc('day', %(at)s at time zone %(zone)s) at time zone %(zone)s,
    (date_trunc('day', %(at)s at time zone %(zone)s) + interval '1 day') at time zone %(zone)s)
group by resource_id
"""
CAPABILITIES = """
select resource_id, count(*) from scheduling_resource_treatments where resource_id = any(%s) group by resource_id
"""


def choose(
    plan: Plan,
    fits: Sequence[Fit],
    start: datetime,
    location: Location,
    patient: Patient | None,
    prefer: int | None = None,
) -> Chosen | None:
    """A resource for each role of the plan, or None when some role has nobody.

    The practitioner `prefer`, else the one who saw this patient last, else the one with the fewest minutes that day, else
    the lowest id; the room with the fewest capabilities, then the lowest id; devices that stand in that room or can be
    moved.
    """
    practitioners = [fit.resource for fit in fits if fit.role == "practitioner"]
    furniture = _furniture(plan, fits)
    if not practitioners or furniture is None:
        return None
    who = prefer if prefer in practitioners else _best_practitioner(practitioners, start, location, patient)
    return Chosen(who, {"practitioner": who, **furniture})


def _best_practitioner(ids: list[int], start: datetime, location: Location, patient: Patient | None) -> int:
    if len(ids) == 1:
        return ids[0]
    last = _who_saw_last(patient) if patient else None
    if last in ids:
        return last
    busy: dict[int, int] = dict(sql.rows(MINUTES, {"ids": ids, "at": start, "zone": location.zone}))
    return min(ids, key=lambda who: (busy.get(who, 0), who))


def _who_saw_last(patient: Patient) -> int | None:
    visits = Appointment.objects.filter(patient=patient, status__in=WITH_A_PATIENT).order_by("-during")
    return visits.values_list("practitioner_id", flat=True).first()


def _furniture(plan: Plan, fits: Sequence[Fit]) -> dict[str, int] | None:
    """A room and a device of each kind that go together, as {role: resource}."""
    roles = sorted({stretch.role for stretch in plan.stretches} - {"practitioner"}, key=lambda role: role != "room")
    pools = [_simplest_first(role, [fit for fit in fits if fit.role == role]) for role in roles]
    for picked in product(*pools):
        by_role = {fit.role: fit.resource for fit in picked}
        room = by_role.get("room")
        if room is None or all(fit.fixed_in in (None, room) for fit in picked):
            return by_role
    return None


def _simplest_first(role: str, fits: Iterable[Fit]) -> list[Fit]:
    pool = sorted(fits, key=lambda fit: fit.resource)
    if role != "room" or len(pool) < 2:
        return pool
    suits: dict[int, int] = dict(sql.rows(CAPABILITIES, [[fit.resource for fit in pool]]))
    return sorted(pool, key=lambda fit: (suits.get(fit.resource, 0), fit.resource))
