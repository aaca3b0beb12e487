"""The limits that bind patients: of all rows that apply, each value comes from the most specific one that has it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from clinic.scheduling.models import Appointment, BookingPolicy, Location
from treatments import sql
from treatments.models import Treatment

COLUMNS = ("location_id", "treatment_id", *BookingPolicy.DEFAULTS)
APPLYING = """
select {} from scheduling_bookingpolicy
where (location_id = %s or location_id is null) and (treatment_id = %s or treatment_id is null)
""".format(", ".join(COLUMNS))
CHANGED = """
select count(*) from scheduling_appointmentevent where appointment_id = %s and user_id = %s and verb = 'reschedule'
"""


class Policy(NamedTuple):
    """What holds for one treatment at one location, whole: hours of notice, days ahead, numbers, minutes of the grid."""

    notice_to_book_hours: int
    notice_to_change_hours: int
    notice_to_cancel_hours: int
    horizon_days: int
    changes_per_visit: int
    open_visits: int
    grid_minutes: int


def policy_for(location: Location, treatment: Treatment) -> Policy:
    """Treatment at location, else treatment, else location, else the clinic, else the defaults. One query."""
    found = sql.rows(APPLYING, [location.pk, treatment.pk])
    return policy_of(dict(zip(COLUMNS, row, strict=True)) for row in found)


class Limits(NamedTuple):
    """What the patient may still do with a visit without telephoning."""

    cancel_until: datetime
    change_until: datetime
    changes_left: int


def limits_of(visit: Appointment) -> Limits:
    """Changes by staff, and to times that the clinic offered, do not count. Two queries."""
    policy, start = policy_for(visit.location, visit.treatment), visit.during.lower
    own = sql.rows(CHANGED, [visit.pk, visit.patient.user_id])[0][0] if visit.patient else 0
    return Limits(
        cancel_until=start - timedelta(hours=policy.notice_to_cancel_hours),
        change_until=start - timedelta(hours=policy.notice_to_change_hours),
        changes_left=policy.changes_per_visit - own,
    )


def policy_of(rows: Iterable[Mapping[str, Any]]) -> Policy:
    """Of all rows that apply, each value from the most specific one that has it."""
    values = dict(BookingPolicy.DEFAULTS)
    for row in sorted(rows, key=_specific):  # the most specific one last
        values |= {name: row[name] for name in values if row[name] is not None}
    return Policy(**values)


def _specific(row: Mapping[str, Any]) -> tuple[bool, bool]:
    return row["treatment_id"] is not None, row["location_id"] is not None
