"""The limits that bind patients: of all rows that apply, each value comes from the most specific one that has it."""

from typing import NamedTuple

from django.db.models import Q

from clinic.scheduling.models import BookingPolicy, Location
from treatments.models import Treatment


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
    here = (Q(location=location) | Q(location=None)) & (Q(treatment=treatment) | Q(treatment=None))
    rows = sorted(BookingPolicy.objects.filter(here), key=_specific)
    values = dict(BookingPolicy.DEFAULTS)
    for row in rows:  # the most specific one last
        values |= {name: value for name in values if (value := getattr(row, name)) is not None}
    return Policy(**values)


def _specific(row: BookingPolicy) -> tuple[bool, bool]:
    return row.treatment_id is not None, row.location_id is not None
