"""The query gives what the oracle gives, in small and nasty worlds; and what that means, one sentence a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import event, given, settings
from hypothesis import strategies as st
from psycopg2.extras import DateRange, DateTimeTZRange

from clinic.scheduling.models import Appointment, Claim, Closure, Hours, Location, Resource
from clinic.scheduling.queries.availability import Search, candidates, first_free, first_starts, free_starts, who_fits
from clinic.scheduling.stretches import Stretch
from patients.models import Patient
from tests.scheduling import oracle
from tests.scheduling.oracle import DAY, MINUTE, Hour, Span, Taken, Thing, Wish, World, instant
from treatments.models import Treatment, TreatmentVersion

pytestmark = pytest.mark.django_db

ZONES = (
    *("Europe/London", "America/New_York"),
    *("Pacific/Chatham", "Australia/Lord_Howe"),  # offsets of 45 minutes, a change of 30
    *("Africa/Cairo", "America/Nuuk"),  # spring skips the hour after midnight, or before it
)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
EXPIRES = {"lapsed": NOW, "held": NOW + timedelta(microseconds=1)}


# --- Worlds in the database --------------------------------------------------------------------------------------
class Catalogue(NamedTuple):
    """What every world shares."""

    treatment: Treatment
    other: Treatment
    version: TreatmentVersion
    patients: list[Patient]


@pytest.fixture
def catalogue(db: None) -> Catalogue:
    kind = {"kind": "procedure", "family": "needling"}
    treatment, other = (Treatment.objects.create(code=code, slug=code, **kind) for code in ("pen", "roller"))
    patient = {"given_name": "Ada", "family_name": "Low", "birth_date": date(1990, 1, 1)}
    patients = Patient.objects.bulk_create(Patient(**patient) for _ in range(40))
    version = TreatmentVersion.objects.create(treatment=treatment, name="Pen")
    return Catalogue(treatment, other, version, patients)


class Stage(NamedTuple):
    """A world and a wish as the query sees them; things have their place in `things` and their id in the database."""

    search: Search
    ids: list[int]

    def number(self, resource: int) -> int:
        return self.ids.index(resource)


@contextmanager
def played(catalogue: Catalogue, world: World, wish: Wish) -> Iterator[Stage]:
    """Write the world, and forget it afterwards."""
    with transaction.atomic():
        places = Location.objects.bulk_create(Location(slug=f"{n}", zone=zone) for n, zone in enumerate(world.zones))
        ids = _write_things(catalogue, world, places)
        visits = _write_visits(catalogue, world, ids, places[0])
        yield Stage(_search(catalogue, wish, ids, places[0], visits), ids)
        transaction.set_rollback(True)


def _write_things(catalogue: Catalogue, world: World, places: list[Location]) -> list[int]:
    things = Resource.objects.bulk_create(
        Resource(
            kind=thing.kind,
            location=None if thing.place is None else places[thing.place],
            device_kind=thing.device_kind,
            active=thing.active,
        )
        for thing in world.things
    )
    for resource, thing in zip(things, world.things, strict=True):
        resource.fixed_in = None if thing.fixed_in is None else things[thing.fixed_in]
    Resource.objects.bulk_update([resource for resource in things if resource.fixed_in], ["fixed_in"])
    pairs = list(zip(things, world.things, strict=True))
    suits = Resource.treatments.through
    suits.objects.bulk_create(
        suits(resource=resource, treatment=catalogue.treatment if thing.suits else catalogue.other)
        for resource, thing in pairs
    )
    Hours.objects.bulk_create(
        Hours(
            resource=resource,
            location=places[hour.place],
            weekday=hour.weekday,
            opens=hour.opens,
            closes=hour.closes,
            valid=DateRange(hour.since, hour.until),
        )
        for resource, thing in pairs
        for hour in thing.hours
    )
    Closure.objects.bulk_create(
        [
            *(Closure(resource=of, during=_range(span)) for of, thing in pairs for span in thing.closures),
            *(Closure(location=places[place], during=_range(span)) for place, span in world.closures),
        ]
    )
    return [resource.pk for resource in things]


def _write_visits(catalogue: Catalogue, world: World, ids: list[int], place: Location) -> list[tuple[str, Appointment]]:
    """One visit for each claim, each of another patient; its length does not matter here."""
    taken = [(resource, taken) for resource, thing in zip(ids, world.things, strict=True) for taken in thing.taken]
    visits = [
        Appointment(
            status="proposed" if taken.visit in EXPIRES else "booked",
            patient=None if taken.visit in EXPIRES else patient,
            location=place,
            treatment=catalogue.treatment,
            version=catalogue.version,
            practitioner_id=resource,
            during=_range(taken.span),
            occupied=_range(taken.span),
            price_minor=1,
            currency="GBP",
            created_at=NOW,
            held_for="session" if taken.visit in EXPIRES else "",
            holder=uuid4().hex if taken.visit in EXPIRES else "",
            held_since=NOW if taken.visit in EXPIRES else None,
            expires_at=EXPIRES.get(taken.visit),
        )
        for (resource, taken), patient in zip(taken, catalogue.patients, strict=False)
    ]
    assert len(visits) == len(taken), "more patients are needed"
    Appointment.objects.bulk_create(visits)
    Claim.objects.bulk_create(
        Claim(appointment=visit, resource_id=visit.practitioner_id, during=visit.during) for visit in visits
    )
    return [(taken.visit, visit) for (_, taken), visit in zip(taken, visits, strict=True)]


def _search(
    catalogue: Catalogue, wish: Wish, ids: list[int], place: Location, visits: list[tuple[str, Appointment]]
) -> Search:
    chosen = wish.practitioners
    return Search(
        location=place,
        treatment_id=catalogue.treatment.pk,
        stretches=wish.stretches,
        first=wish.first,
        last=wish.last,
        window=wish.window,
        practitioners=None if chosen is None else tuple(ids[number] for number in chosen),
        ignoring=tuple(visit.pk for kind, visit in visits if kind == "own"),
        barred=wish.barred,
        grid=wish.grid,
        ignoring_hours=wish.ignoring_hours,
    )


def _range(span: Span) -> DateTimeTZRange:
    return DateTimeTZRange(*span)


# --- Any world ---------------------------------------------------------------------------------------------------
DEVICES = ("device:laser", "device:pen")
Draw = Callable[[st.SearchStrategy], object]
clocks = st.sampled_from([0, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180, 195, 1320, 1365, 1380])
lengths = st.sampled_from([5, 10, 15, 20, 30, 45, 60, 75, 90])
seldom = st.sampled_from([False] * 15 + [True])


@st.composite
def stretches(draw: Draw) -> tuple[Stretch, ...]:
    """A practitioner and perhaps a room and devices, each for one stretch or two, some before the patient's start."""
    others = draw(st.sampled_from([(), ("room",), ("room",), ("room", DEVICES[0]), ("room", *DEVICES), DEVICES[1:]]))
    return tuple(stretch for role in sorted(["practitioner", *others]) for stretch in _of_role(draw, role))


def _of_role(draw: Draw, role: str) -> Iterator[Stretch]:
    a = draw(st.sampled_from([0, 0, 0, 5, 15, -10, -15, -60]))
    b = a + draw(st.sampled_from([5, 10, 15, 15, 20, 30, 45]))
    yield Stretch(role, a, b)
    if gap := draw(st.sampled_from([0, 0, 5, 15, 20])):
        yield Stretch(role, b + gap, b + gap + draw(st.sampled_from([5, 15])))


@st.composite
def hours(draw: Draw, place: int, day: date) -> tuple[Hour, ...]:
    """All day long, or a few short shifts around `day`, at night, some of them elsewhere or not valid at the time."""
    if draw(st.sampled_from([True, True, False])):
        return tuple(Hour(place, weekday, time(0, 0), time(23, 59)) for weekday in range(1, 8))
    return tuple(_shift(draw, place, day) for _ in range(draw(st.integers(1, 4))))


def _shift(draw: Draw, place: int, day: date) -> Hour:
    opens = draw(clocks)
    closes = min(opens + draw(st.sampled_from([15, 30, 60, 90, 120, 180])), 24 * 60 - 1)
    bounds = [(None, None)] * 5 + [(day, None), (None, day), (day, day + DAY), (day + DAY, None), (None, day + DAY)]
    weekday = (day + draw(st.sampled_from([-1, 0, 0, 0, 1])) * DAY).isoweekday()
    where = 1 - place if draw(seldom) else place
    return Hour(where, weekday, _clock(opens), _clock(closes), *draw(st.sampled_from(bounds)))


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@st.composite
def taken(draw: Draw, night: datetime) -> tuple[Taken, ...]:
    """Claims of one thing in their order, many of them touching."""
    found, end = [], night + draw(st.sampled_from([-90, 0, 15, 30, 60])) * MINUTE
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3]))):
        start = end + draw(st.sampled_from([0, 0, 5, 15, 30, 47])) * MINUTE
        end = start + draw(lengths) * MINUTE
        found.append(Taken((start, end), draw(st.sampled_from(["booked", "booked", "held", "lapsed", "own"]))))
    return tuple(found)


@st.composite
def spans(draw: Draw, night: datetime, most: int) -> tuple[Span, ...]:
    begins = [night + draw(clocks) * MINUTE for _ in range(draw(st.integers(0, most)))]
    return tuple((begin, begin + draw(lengths) * MINUTE) for begin in begins)


@st.composite
def things(draw: Draw, kind: str, day: date, night: datetime, *, rooms: tuple[int, ...] = ()) -> Thing:
    role, _, device_kind = kind.partition(":")
    place = int(draw(seldom))
    return Thing(
        kind=role,
        place=None if role == "practitioner" else place,
        device_kind=device_kind,
        fixed_in=draw(st.sampled_from([None, *rooms])) if rooms else None,
        hours=draw(hours(place, day)),
        active=not draw(seldom),
        suits=not draw(seldom),
        closures=draw(spans(night, 1)) if draw(seldom) else (),
        taken=draw(taken(night)),
    )


@st.composite
def worlds(draw: Draw, roles: list[str], zone: str, day: date, night: datetime) -> World:
    """For each role a few things that could play it, and seldom none."""
    pools = {role: draw(st.sampled_from([1, 1, 2, 2, 3])) * (not draw(seldom)) for role in roles}
    kinds = [role for role in ("practitioner", "room", *DEVICES) for _ in range(pools.get(role, 0))]
    rooms = tuple(number for number, kind in enumerate(kinds) if kind == "room")
    cast = [draw(things(kind, day, night, rooms=rooms if kind in DEVICES else ())) for kind in kinds]
    closures = tuple((int(draw(seldom)), span) for span in draw(spans(night, 1)))
    return World((zone, draw(st.sampled_from(ZONES))), tuple(cast), closures)


@st.composite
def cases(draw: Draw, grids: tuple[int, ...] = (5, 10, 15, 20, 30, 60), days: int = 2) -> tuple[World, Wish]:
    """A world around a night in which the clock turns, and what somebody wants there."""
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.sampled_from(oracle.turns(zone)))
    wanted = draw(stretches())
    night = instant(oracle.ZoneInfo(zone), day, time())
    world = draw(worlds(sorted({stretch.role for stretch in wanted}), zone, day, night))
    first = day - draw(st.integers(0, 1)) * DAY
    practitioners = [number for number, thing in enumerate(world.things) if thing.kind == "practitioner"]
    return world, Wish(
        stretches=wanted,
        first=first,
        last=first + draw(st.integers(0, days)) * DAY,
        window=draw(st.sampled_from([*[(night - 5 * DAY, night + 5 * DAY)] * 3, (night + MINUTE, night + DAY / 8)])),
        practitioners=draw(st.sampled_from([*[None] * 7, tuple(practitioners[:1]), tuple(practitioners[1:])])),
        barred=draw(spans(night, 2)),
        grid=draw(st.sampled_from(grids)),
        ignoring_hours=draw(seldom),
    )


@settings(max_examples=150)
@given(case=cases(), minute=st.integers(-60, 240))
def test_the_query_gives_what_the_oracle_gives(catalogue: Catalogue, case: tuple[World, Wish], minute: int) -> None:
    world, wish = case
    start = instant(world.tz, wish.last, time()) + minute * MINUTE
    with played(catalogue, world, wish) as stage:
        found = [(free.start, stage.number(free.practitioner)) for free in free_starts(stage.search, NOW)]
        fitting = [(fit.role, stage.number(fit.resource), fit.fixed_in) for fit in who_fits(stage.search, start, NOW)]
        cast = [stage.number(resource) for resource in candidates(stage.search)]
        rooms = {None: None} | dict(enumerate(stage.ids))
    event(f"starts: {'some' if found else 'none'}")
    event(f"who fits: {'some' if fitting else 'none'}")
    assert found == oracle.starts(world, wish)
    assert fitting == [(role, thing, rooms[room]) for role, thing, room in oracle.fits(world, wish, start)]
    assert cast == oracle.candidates(world, wish)


@settings(max_examples=20)
@given(case=cases(grids=(30, 60), days=0))
def test_a_time_is_offered_exactly_when_those_who_fit_can_play_all_roles(
    catalogue: Catalogue, case: tuple[World, Wish]
) -> None:
    world, wish = case
    with played(catalogue, world, wish) as stage:
        offered = {tuple(free) for free in free_starts(stage.search, NOW)}
        playable = {
            (start, practitioner)
            for start in oracle.grid(world, wish)
            for practitioner in _leads({(role, *who) for role, *who in who_fits(stage.search, start, NOW)}, wish)
        }
    assert offered == playable


def _leads(fits: set[tuple[str, int, int | None]], wish: Wish) -> set[int]:
    """The practitioners for whom a room with all devices is free too."""
    kinds = [role for role in wish.roles if role in DEVICES]
    rooms = {room for role, room, _ in fits if role == "room"} if "room" in wish.roles else {None}
    at_hand = {room: {role for role, _, at in fits if None in (at, room) or at == room} for room in rooms}
    equipped = [room for room in rooms if at_hand[room].issuperset(kinds)]
    return {who for role, who, _ in fits if role == "practitioner" and equipped}


@settings(max_examples=20)
@given(case=cases(days=12), limit=st.integers(0, 4))
def test_the_first_free_times_are_the_head_of_all(catalogue: Catalogue, case: tuple[World, Wish], limit: int) -> None:
    with played(catalogue, *case) as stage:
        firsts = {free.start: free for free in reversed(free_starts(stage.search, NOW))}
        assert first_free(stage.search, NOW, limit) == sorted(firsts.values())[:limit]


@settings(max_examples=20)
@given(case=cases(days=12), later=st.integers(0, 9))
def test_the_first_week_is_the_one_with_the_first_start(catalogue: Catalogue, case: tuple[World, Wish], later: int) -> None:
    with played(catalogue, *case) as stage:
        after, zone = stage.search.first + later * DAY, stage.search.location.tz
        everything = free_starts(stage.search, NOW)
        first = next((day for free in everything if (day := free.start.astimezone(zone).date()) >= after), None)
        same = [free for free in everything if first and _monday(free.start.astimezone(zone).date()) == _monday(first)]
        assert first_starts(stage.search, after, NOW) == same


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


# --- One sentence a test -----------------------------------------------------------------------------------------
MONDAY = date(2026, 6, 8)
NEEDLING = (Stretch("practitioner", 0, 30),)
IN_A_ROOM = (*NEEDLING, Stretch("room", 0, 30))
BY_LASER = (Stretch("device:laser", 0, 30), *IN_A_ROOM)
Offered = Callable[..., list[str]]


def thing(kind: str, opens: str = "09:00-10:00", **changes: object) -> Thing:
    """A thing at place 0 with one shift every day."""
    role, _, device_kind = kind.partition(":")
    begin, end = (time.fromisoformat(clock) for clock in opens.split("-"))
    shifts = tuple(Hour(0, weekday, begin, end) for weekday in range(1, 8))
    place = None if role == "practitioner" else 0
    return Thing(**{"kind": role, "device_kind": device_kind, "place": place, "hours": shifts} | changes)


def at(clock: str, day: date = MONDAY, zone: str = "Europe/London") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), oracle.ZoneInfo(zone)).astimezone(UTC)


def between(begin: str, end: str) -> Span:
    return at(begin), at(end)


def wish(stretches: tuple[Stretch, ...] = NEEDLING, day: date = MONDAY, **changes: object) -> Wish:
    midnight = datetime.combine(day, time(), UTC)
    window = (midnight - DAY, midnight + 2 * DAY)
    return Wish(**{"stretches": stretches, "first": day, "last": day, "window": window} | changes)


@pytest.fixture
def offered(catalogue: Catalogue) -> Offered:
    """The local clock times that are offered: offered(*things, zone=…, closures=…, and fields of the wish)."""

    def times(*cast: Thing, zone: str = "Europe/London", closures: tuple = (), **wanted: object) -> list[str]:
        with played(catalogue, World((zone, zone), cast, closures), wish(**wanted)) as stage:
            found = free_starts(stage.search, NOW)
        return [f"{free.start.astimezone(oracle.ZoneInfo(zone)):%H:%M}" for free in found]

    return times


def test_a_visit_may_end_when_the_day_ends(offered: Offered) -> None:
    assert offered(thing("practitioner", "09:00-09:30")) == ["09:00"]


def test_a_visit_may_lie_between_two_others_without_a_gap(offered: Offered) -> None:
    taken = Taken(between("09:00", "09:15")), Taken(between("09:45", "10:00"))
    assert offered(thing("practitioner", taken=taken)) == ["09:15"]


def test_setting_up_before_the_patient_needs_its_time_too(offered: Offered) -> None:
    assert offered(thing("practitioner"), stretches=(Stretch("practitioner", -15, 30),)) == ["09:15", "09:30"]


def test_somebody_else_may_be_treated_while_the_cream_works(offered: Offered) -> None:
    numbing = (Stretch("practitioner", 0, 15), Stretch("practitioner", 45, 60))
    assert offered(thing("practitioner", taken=(Taken(between("09:15", "09:45")),)), stretches=numbing) == ["09:00"]


def test_a_practitioner_off_duty_during_the_visit_is_not_offered(offered: Offered) -> None:
    assert offered(thing("practitioner", closures=(between("09:15", "09:30"),))) == ["09:30"]


def test_nothing_starts_while_the_place_is_closed(offered: Offered) -> None:
    assert offered(thing("practitioner"), closures=((0, between("09:15", "09:30")),)) == ["09:30"]


def test_another_place_being_closed_does_not_matter(offered: Offered) -> None:
    assert offered(thing("practitioner"), closures=((1, between("08:00", "12:00")),)) == ["09:00", "09:15", "09:30"]


def test_hours_at_another_place_do_not_count(offered: Offered) -> None:
    elsewhere = (Hour(1, MONDAY.isoweekday(), time(9), time(17)),)
    assert offered(thing("practitioner", hours=elsewhere)) == []


def test_hours_count_from_their_first_day_to_the_day_before_their_end(offered: Offered) -> None:
    def valid(since: date, until: date) -> Thing:
        hour = Hour(0, MONDAY.isoweekday(), time(9), time(9, 30), since=since, until=until)
        return thing("practitioner", hours=(hour,))

    assert offered(valid(MONDAY, MONDAY + DAY)) == ["09:00"]
    assert offered(valid(MONDAY - 9 * DAY, MONDAY)) == []
    assert offered(valid(MONDAY + DAY, MONDAY + 9 * DAY)) == []


def test_a_missing_room_means_no_start(offered: Offered) -> None:
    assert offered(thing("practitioner"), stretches=IN_A_ROOM) == []


def test_a_missing_device_means_no_start(offered: Offered) -> None:
    assert offered(thing("practitioner"), thing("room"), thing("device:pen"), stretches=BY_LASER) == []


def test_a_room_that_does_not_suit_or_is_out_of_use_is_no_room(offered: Offered) -> None:
    rooms = thing("room", suits=False), thing("room", active=False), thing("room", place=1)
    assert offered(thing("practitioner"), *rooms, stretches=IN_A_ROOM) == []


def test_one_room_must_do_for_the_whole_visit(offered: Offered) -> None:
    first, second = thing("room", "09:00-09:30"), thing("room", "09:30-10:00")
    assert offered(thing("practitioner"), first, second, stretches=IN_A_ROOM) == ["09:00", "09:30"]


def test_a_fixed_device_is_used_in_its_own_room(offered: Offered) -> None:
    cast = thing("practitioner"), thing("room", "09:00-09:30"), thing("room", "09:30-10:00")
    assert offered(*cast, thing("device:laser", fixed_in=2), stretches=BY_LASER) == ["09:30"]
    assert offered(*cast, thing("device:laser"), stretches=BY_LASER) == ["09:00", "09:30"]


def test_devices_fixed_in_different_rooms_never_meet(offered: Offered) -> None:
    cast = thing("practitioner"), thing("room"), thing("room")
    both = (Stretch("device:laser", 0, 30), Stretch("device:pen", 0, 30), *IN_A_ROOM)
    laser = thing("device:laser", fixed_in=1)
    assert offered(*cast, laser, thing("device:pen", fixed_in=2), stretches=both) == []
    assert offered(*cast, laser, thing("device:pen", fixed_in=1), stretches=both) == ["09:00", "09:15", "09:30"]


def test_without_need_of_a_room_it_does_not_matter_where_a_device_is_fixed(offered: Offered) -> None:
    cast = thing("practitioner"), thing("room", active=False), thing("device:laser", "09:00-09:30", fixed_in=1)
    assert offered(*cast, stretches=(Stretch("device:laser", 0, 30), *NEEDLING)) == ["09:00"]


@pytest.mark.parametrize(("visit", "times"), [("booked", []), ("held", []), ("lapsed", ["09:00"]), ("own", ["09:00"])])
def test_only_claims_of_others_that_still_hold_count(offered: Offered, visit: str, times: list[str]) -> None:
    taken = Taken(between("09:00", "09:30"), visit)
    assert offered(thing("practitioner", "09:00-09:30", taken=(taken,))) == times


def test_no_visit_starts_in_a_healing_interval(offered: Offered) -> None:
    barred = between("09:00", "09:15"), between("09:16", "09:30")
    assert offered(thing("practitioner"), barred=barred) == ["09:15", "09:30"]


def test_the_window_includes_its_begin_and_not_its_end(offered: Offered) -> None:
    assert offered(thing("practitioner"), window=between("09:15", "09:30")) == ["09:15"]
    assert offered(thing("practitioner"), window=between("09:30", "09:15")) == []


def test_only_the_practitioners_asked_for_are_offered(offered: Offered) -> None:
    two = thing("practitioner", "09:00-09:30"), thing("practitioner", "09:30-10:00")
    assert offered(*two) == ["09:00", "09:30"]
    assert offered(*two, practitioners=(1,)) == ["09:30"]
    assert offered(*two, practitioners=()) == []


def test_staff_may_pass_over_hours_and_closures_but_not_over_a_claim(offered: Offered) -> None:
    cast = thing("practitioner", "20:00-20:30", taken=(Taken(between("09:15", "09:30")),))
    window, closed = between("08:45", "09:46"), ((0, between("00:00", "23:00")),)
    assert offered(cast, window=window, closures=closed, ignoring_hours=True) == ["08:45", "09:30", "09:45"]


def test_the_grid_is_read_off_a_clock_with_a_45_minute_offset(offered: Offered) -> None:
    assert offered(thing("practitioner", "09:05-10:35"), zone="Pacific/Chatham", grid=60) == ["10:00"]
    assert offered(thing("practitioner", "09:05-10:35"), zone="Pacific/Chatham", grid=20) == ["09:20", "09:40", "10:00"]


def test_the_skipped_hour_of_spring_is_not_offered(offered: Offered) -> None:
    night = {"day": date(2026, 3, 29), "grid": 30}  # 01:00 is followed by 02:00
    assert offered(thing("practitioner", "00:30-03:00"), **night) == ["00:30", "02:00", "02:30"]
    assert offered(thing("practitioner", "01:00-01:30"), **night) == ["02:00"]  # as Postgres reads it


def test_hours_that_the_spring_clock_turns_round_offer_nothing(offered: Offered) -> None:
    assert offered(thing("practitioner", "01:30-02:00"), day=date(2026, 3, 29)) == []


def test_both_passes_of_the_doubled_hour_of_autumn_are_offered(offered: Offered) -> None:
    night = {"day": date(2026, 10, 25), "grid": 30}
    assert offered(thing("practitioner", "00:30-02:30"), **night) == [
        *("00:30", "01:00", "01:30"),
        *("01:00", "01:30", "02:00"),
    ]


def test_after_half_an_hour_of_change_the_grid_still_reads_right(offered: Offered) -> None:
    night = {"zone": "Australia/Lord_Howe", "day": date(2026, 10, 4), "grid": 60}  # 02:00 is followed by 02:30
    assert offered(thing("practitioner", "00:30-04:30"), **night) == ["01:00", "03:00", "04:00"]


def test_a_shift_in_a_skipped_last_hour_of_the_day_falls_on_the_next(offered: Offered) -> None:
    night = {"zone": "America/Nuuk", "day": date(2026, 3, 29)}  # Saturday 23:00 is Sunday 00:00
    saturday = (Hour(0, 6, time(23, 0), time(23, 30)),)
    assert offered(thing("practitioner", hours=saturday), **night) == ["00:00"]


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_turns_its_clock_twice_in_the_year_of_the_worlds(zone: str) -> None:
    assert len(oracle.turns(zone)) == 2


@pytest.mark.parametrize("grid", [0, 7, 45, 120])
def test_an_unknown_grid_is_refused(offered: Offered, grid: int) -> None:
    with pytest.raises(ValueError, match="grid"):
        offered(thing("practitioner"), grid=grid)


def test_a_visit_without_practitioner_is_refused(offered: Offered) -> None:
    with pytest.raises(ValueError, match="practitioner"):
        offered(thing("room"), stretches=(Stretch("room", 0, 30),))


def test_who_fits_names_all_who_are_free_whatever_the_grid(catalogue: Catalogue) -> None:
    busy = thing("practitioner", taken=(Taken(between("09:20", "09:30")),))
    cast = (busy, thing("practitioner"), thing("room"), thing("device:laser", fixed_in=2))
    with played(catalogue, World(ZONES[:2], cast), wish(BY_LASER)) as stage:
        _, free, room, laser = stage.ids
        found = who_fits(stage.search, at("09:07"), NOW)
    assert found == [("device:laser", laser, room), ("practitioner", free, None), ("room", room, None)]


def test_nobody_fits_outside_the_window_or_in_a_healing_interval(catalogue: Catalogue) -> None:
    wanted = wish(window=between("09:10", "09:20"), barred=(between("09:15", "09:16"),))
    with played(catalogue, World(ZONES[:2], (thing("practitioner"),)), wanted) as stage:
        clocks = ("09:09", "09:10", "09:15", "09:16", "09:20")
        fitting = [clock for clock in clocks if who_fits(stage.search, at(clock), NOW)]
    assert fitting == ["09:10", "09:16"]


def test_the_first_free_time_may_be_months_ahead(catalogue: Catalogue) -> None:
    day = MONDAY + 80 * DAY
    shift = Hour(0, day.isoweekday(), time(9), time(10), since=day)
    wanted = wish(last=MONDAY + 100 * DAY, window=(at("00:00"), at("00:00", MONDAY + 101 * DAY)))
    with played(catalogue, World(ZONES[:2], (thing("practitioner", hours=(shift,)),)), wanted) as stage:
        found = first_free(stage.search, NOW, limit=2)
    assert [free.start for free in found] == [at("09:00", day), at("09:15", day)]


@pytest.mark.parametrize("size", [1, 3])
def test_each_question_is_one_query_however_much_there_is(catalogue: Catalogue, size: int) -> None:
    cast = tuple(thing(kind) for kind in ("practitioner", "room", "device:laser") for _ in range(size))
    wanted = wish(BY_LASER, last=MONDAY + 89 * DAY, window=(at("00:00"), at("00:00", MONDAY + 90 * DAY)))
    with played(catalogue, World(ZONES[:2], cast), wanted) as stage:
        assert _queries(lambda: free_starts(stage.search, NOW)) == 1
        assert _queries(lambda: who_fits(stage.search, at("09:00"), NOW)) == 1
        assert _queries(lambda: candidates(stage.search)) == 1
        assert _queries(lambda: first_free(stage.search, NOW)) == 1  # free this week
        assert _queries(lambda: first_free(stage.search, NOW, limit=10_000)) == 3  # 7, 28 and 55 of the 90 days


def _queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert call()
    return len(queries)
