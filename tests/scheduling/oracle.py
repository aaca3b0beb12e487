"""A slow and obvious answer to "when could this visit start?", minute by minute, and small worlds to ask it about.

The worlds are plain data: places and things are named by their position, everything happens at place 0, and times are
aware, whole minutes. Nothing here knows of ranges, of SQL or of the models.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from clinic.scheduling.stretches import Stretch

Span = tuple[datetime, datetime]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hour:
    place: int
    weekday: int
    opens: time
    closes: time
    since: date | None = None
    until: date | None = None  # excluded


@dataclass(frozen=True)
class Taken:
    """A claim; `visit` is "booked", "held", "lapsed" (a hold that has just run out) or "own" (one to be ignored)."""

    span: Span
    visit: str = "booked"


@dataclass(frozen=True)
class Thing:
    kind: str
    hours: tuple[Hour, ...]
    place: int | None = None
    device_kind: str = ""
    fixed_in: int | None = None
    active: bool = True
    suits: bool = True
    closures: tuple[Span, ...] = ()
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True)
class World:
    zones: tuple[str, str]
    things: tuple[Thing, ...]
    closures: tuple[tuple[int, Span], ...] = ()

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zones[0])


@dataclass(frozen=True)
class Wish:
    stretches: tuple[Stretch, ...]
    first: date
    last: date
    window: Span
    practitioners: tuple[int, ...] | None = None
    barred: tuple[Span, ...] = ()
    grid: int = 15
    ignoring_hours: bool = False
    roles: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", tuple(sorted({stretch.role for stretch in self.stretches})))


def starts(world: World, wish: Wish) -> list[tuple[datetime, int]]:
    """Every start on the grid with every practitioner, in order."""
    cast = _cast(world, wish)
    free = {number: _free_minutes(world, wish, number) for number in set().union(*cast.values())}
    return [
        (start, practitioner)
        for start in grid(world, wish)
        if _allowed(wish, start)
        for practitioner in sorted(_practitioners(world, wish, cast, free, start))
    ]


def fits(world: World, wish: Wish, start: datetime) -> list[tuple[str, int, int | None]]:
    """(role, thing, the room that it is fixed in) of all that is free for its whole role from `start` on."""
    return [
        (role, number, world.things[number].fixed_in)
        for role, numbers in sorted(_cast(world, wish).items())
        for number in numbers
        if _allowed(wish, start) and _plays(wish, role, _free_minutes(world, wish, number), start)
    ]


def candidates(world: World, wish: Wish) -> list[int]:
    return sorted(set().union(*_cast(world, wish).values()))


def instant(tz: ZoneInfo, day: date, clock: time) -> datetime:
    """When the clock at a place shows this: the later moment, where there are two or none (as Postgres reads it)."""
    wall = datetime.combine(day, clock, tz)
    return max(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


@cache
def turns(zone: str) -> list[date]:
    """The days of 2026 on which the clock differs from the day before."""
    noons = [datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)) + day * DAY for day in range(365)]
    return [noon.date() for before, noon in pairwise(noons) if noon.utcoffset() != before.utcoffset()]


def grid(world: World, wish: Wish) -> list[datetime]:
    begin = datetime.combine(wish.first, time(), UTC) - DAY
    minutes = range(((wish.last - wish.first).days + 3) * 24 * 60)
    walls = [(begin + minute * MINUTE).astimezone(world.tz) for minute in minutes]
    return [
        wall.astimezone(UTC)
        for wall in walls
        if wish.first <= wall.date() <= wish.last and (60 * wall.hour + wall.minute) % wish.grid == 0
    ]


def _allowed(wish: Wish, start: datetime) -> bool:
    barred = any(begins <= start < ends for begins, ends in wish.barred)
    return wish.window[0] <= start < wish.window[1] and not barred


def _cast(world: World, wish: Wish) -> dict[str, list[int]]:
    """Who and what could play each role."""
    return {
        role: [number for number, thing in enumerate(world.things) if _could_play(wish, role, number, thing)]
        for role in wish.roles
    }


def _could_play(wish: Wish, role: str, number: int, thing: Thing) -> bool:
    if not thing.active:
        return False
    if role == "practitioner":
        asked_for = wish.practitioners is None or number in wish.practitioners
        comes_here = any(hour.place == 0 for hour in thing.hours)
        return thing.kind == role and thing.suits and asked_for and comes_here
    if role == "room":
        return thing.kind == role and thing.suits and thing.place == 0
    return thing.kind == "device" and role == f"device:{thing.device_kind}" and thing.place == 0


def _practitioners(
    world: World, wish: Wish, cast: dict[str, list[int]], free: dict[int, set[int]], start: datetime
) -> set[int]:
    """The practitioners of all choices of one free thing for each role, fixed devices standing in the chosen room."""
    ready = [[number for number in cast[role] if _plays(wish, role, free[number], start)] for role in wish.roles]
    choices = [dict(zip(wish.roles, choice, strict=True)) for choice in product(*ready)]
    return {
        choice["practitioner"]
        for choice in choices
        if all(
            world.things[number].fixed_in in (None, choice.get("room", world.things[number].fixed_in))
            for number in choice.values()
        )
    }


def _plays(wish: Wish, role: str, free: set[int], start: datetime) -> bool:
    begin, stretches = _count(start), [stretch for stretch in wish.stretches if stretch.role == role]
    return all(begin + minute in free for stretch in stretches for minute in range(stretch.a, stretch.b))


def _free_minutes(world: World, wish: Wish, number: int) -> set[int]:
    """The minutes, counted from 1970, in which a thing is open, not closed and not taken."""
    thing = world.things[number]
    days = [wish.first + day * DAY for day in range(-3, (wish.last - wish.first).days + 4)]
    if wish.ignoring_hours:
        free = _minutes((datetime.combine(days[0], time(), UTC), datetime.combine(days[-1], time(), UTC)))
    else:
        closures = [*thing.closures, *(span for place, span in world.closures if place == 0)]
        free = set().union(*(_open_minutes(world, thing, day) for day in days)).difference(*map(_minutes, closures))
    return free.difference(*(_minutes(taken.span) for taken in thing.taken if taken.visit in ("booked", "held")))


def _open_minutes(world: World, thing: Thing, day: date) -> set[int]:
    return set().union(
        *(
            _minutes((instant(world.tz, day, hour.opens), instant(world.tz, day, hour.closes)))
            for hour in thing.hours
            if hour.place == 0
            and hour.weekday == day.isoweekday()
            and (hour.since is None or hour.since <= day)
            and (hour.until is None or day < hour.until)
        )
    )


def _minutes(span: Span) -> set[int]:
    return set(range(_count(span[0]), _count(span[1])))


def _count(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
