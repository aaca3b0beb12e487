"""When could a treatment start, and who and what is free then: interval algebra, done where the data is.

availability.sql says how. The search before a booking and the second look under its locks are the same query.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from math import gcd
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.scheduling.models import Location
from clinic.scheduling.stretches import Stretch
from treatments import sql

FOLDER = Path(__file__).parent
COMMON = (FOLDER / "availability.sql").read_text()
ON_GRID = COMMON + (FOLDER / "starts.sql").read_text()
ASKED = {
    "roles": "text[]",
    "kinds": "text[]",
    "device_kinds": "text[]",
    "a": "int[]",
    "b": "int[]",
    "location": "bigint",
    "zone": "text",
    "treatment": "bigint",
    "practitioners": "bigint[]",
    "ignoring": "uuid[]",
    "barred": "tstzrange[]",
    "ignoring_hours": "boolean",
    "since": "timestamptz",
    "until": "timestamptz",
    "now": "timestamptz",
}
GRID = {"grid": "int", "step": "int"}
STARTS = sql.Prepared(ON_GRID, **ASKED, **GRID)
FIRST = sql.Prepared(
    f"with start (g, id) as materialized (\n{ON_GRID})\n" + (FOLDER / "first.sql").read_text(),
    **ASKED,
    **GRID,
    after="timestamptz",
)
FITS = sql.Prepared(COMMON + (FOLDER / "fits.sql").read_text(), **ASKED)
CANDIDATES = sql.Prepared(COMMON + (FOLDER / "candidates.sql").read_text(), **ASKED)

GRIDS = (5, 10, 15, 20, 30, 60)
OFFSETS = 15  # minutes: every zone's distance from UTC is a multiple
AHEAD = 7  # days: how far `first_free` looks at first
FARTHER = 4  # how many times farther each time after
MOMENT = timedelta(microseconds=1)  # the resolution of Python and Postgres


@dataclass(frozen=True)
class Search:
    """What is sought: starts s with window[0] <= s < window[1] whose local date lies in first..last.

    Raises ValueError when the grid is unknown or no stretch needs a practitioner.
    """

    location: Location
    treatment_id: int
    stretches: tuple[Stretch, ...]
    first: date  # of the location, as is `last`; both included
    last: date
    window: tuple[datetime, datetime]
    practitioners: tuple[int, ...] | None = None  # None: any
    ignoring: tuple[UUID, ...] = ()  # appointments whose claims do not count
    barred: tuple[tuple[datetime, datetime], ...] = ()  # half-open spans in which no visit may start
    grid: int = 15  # minutes: a start's wall clock reads a multiple of it
    ignoring_hours: bool = False  # staff may pass over hours and closures, never over a claim

    def __post_init__(self) -> None:
        if self.grid not in GRIDS:
            raise ValueError(f"the grid is one of {GRIDS}, not {self.grid}")
        if all(stretch.role != "practitioner" for stretch in self.stretches):
            raise ValueError("a visit needs a practitioner")


class FreeStart(NamedTuple):
    start: datetime  # aware, UTC
    practitioner: int  # resource id


class Fit(NamedTuple):
    role: str
    resource: int
    fixed_in: int | None


def free_starts(search: Search, now: datetime) -> list[FreeStart]:
    """Every start on the grid with each practitioner who could take it, by start and practitioner. One query."""
    since, until = _asked(search)
    return [FreeStart(*row) for row in _rows(STARTS, search, since, until, now)] if since < until else []


def first_starts(search: Search, after: date, now: datetime) -> list[FreeStart]:
    """The same of one local week only: the first, from Monday on, that has a start on `after` or later. One query."""
    since, until = _asked(search)
    more = {"after": _midnight(search.location, after)}
    return [FreeStart(*row) for row in _rows(FIRST, search, since, until, now, **more)] if since < until else []


def first_free(search: Search, now: datetime, limit: int = 1) -> list[FreeStart]:
    """The first `limit` starts, each once, with the first practitioner by id. A few queries, each looking farther."""
    found: list[FreeStart] = []
    first, days = search.first, AHEAD
    while first <= search.last and len(found) < limit:
        last = min(search.last, first + timedelta(days=days - 1))
        starts = free_starts(replace(search, first=first, last=last), now)
        found += [next(same) for _, same in groupby(starts, key=attrgetter("start"))]
        first, days = last + timedelta(days=1), days * FARTHER
    return found[:limit]


def who_fits(search: Search, start: datetime, now: datetime) -> list[Fit]:
    """Every resource that is free for all stretches of its role when the visit starts at `start`, by role and id.

    The grid and the dates of the search do not bind; outside its window or in a barred span nobody fits. Roles are
    looked at one by one: that a fixed device stands in the room that is chosen is for the caller to see. One query.
    """
    if not search.window[0] <= start < search.window[1]:
        return []
    return [Fit(*row) for row in _rows(FITS, search, start, start + MOMENT, now)]


def candidates(search: Search) -> list[int]:
    """The ids, ascending, of every resource that could play a role at some time: what a booking locks. One query."""
    since, until = search.window
    return [resource for (resource,) in _rows(CANDIDATES, search, since, until, now=since)]


def _asked(search: Search) -> tuple[datetime, datetime]:
    """The instants between which the search looks for starts."""
    since = max(search.window[0], _midnight(search.location, search.first))
    return since, min(search.window[1], _midnight(search.location, search.last + timedelta(days=1)))


def _midnight(location: Location, day: date) -> datetime:
    """The first instant of a local date: fold 0 is the first pass of a doubled midnight, or the end of a gap there."""
    return datetime.combine(day, time(), location.tz).astimezone(UTC)


def _rows(
    query: sql.Prepared, search: Search, since: datetime, until: datetime, now: datetime, **more: datetime
) -> list[tuple[Any, ...]]:
    moments = {"since": since, "until": until, "now": now, **more}
    return query.rows(_parameters(search) | moments)


def _parameters(search: Search) -> dict[str, Any]:
    roles = [stretch.role for stretch in search.stretches]
    return {
        "roles": roles,
        "kinds": [role.partition(":")[0] for role in roles],
        "device_kinds": [role.partition(":")[2] for role in roles],
        "a": [stretch.a for stretch in search.stretches],
        "b": [stretch.b for stretch in search.stretches],
        "location": search.location.pk,
        "zone": search.location.zone,
        "treatment": search.treatment_id,
        "practitioners": None if search.practitioners is None else list(search.practitioners),
        "ignoring": list(search.ignoring),
        "barred": [DateTimeTZRange(*span) for span in search.barred],
        "ignoring_hours": search.ignoring_hours,
        "grid": search.grid,
        "step": gcd(search.grid, OFFSETS),
    }
