"""Whole bookings: over HTTP one after another and by four at once, and the operation beside a raw insert of its rows."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from django.db import connection, transaction

from bench import web
from bench.databases import World
from bench.searching import in_turn
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Location
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.queries.availability import FreeStart, free_starts
from clinic.scheduling.queries.times import wanted
from treatments.acting import Actor

WHOLE = 5  # requests
RAW = (
    'insert into patients_evaluation (id, patient_id, treatment_id, rules_id, at, "on", tier, earliest, document)'
    ' select %(evaluation)s, patient_id, treatment_id, rules_id, at, "on", tier, earliest, document'
    " from patients_evaluation where id = %(old_evaluation)s",
    "insert into scheduling_appointment (id, status, patient_id, location_id, treatment_id, version_id, practitioner_id,"
    " during, occupied, price_minor, currency, evaluation_id, note, created_at, held_for, holder)"
    " select %(id)s, status, patient_id, location_id, treatment_id, version_id, practitioner_id,"
    " tstzrange(lower(during) + %(later)s, upper(during) + %(later)s),"
    " tstzrange(lower(occupied) + %(later)s, upper(occupied) + %(later)s), price_minor, currency, %(evaluation)s, note,"
    " created_at, held_for, holder from scheduling_appointment where id = %(old)s",
    "insert into scheduling_claim (appointment_id, occupies, resource_id, during)"
    " select %(id)s, occupies, resource_id, tstzrange(lower(during) + %(later)s, upper(during) + %(later)s)"
    " from scheduling_claim where appointment_id = %(old)s",
    "insert into scheduling_appointmentevent"
    " (id, appointment_id, number, at, user_id, task, verb, from_status, to_status, during, reason)"
    " select gen_random_uuid(), %(id)s, number, at, user_id, task, verb, from_status, to_status, during, reason"
    " from scheduling_appointmentevent where appointment_id = %(old)s",
    "insert into scheduling_idempotencykey (actor, key, fingerprint, appointment_id)"
    " select actor, gen_random_uuid(), fingerprint, %(id)s from scheduling_idempotencykey where appointment_id = %(old)s",
)


class Booked(NamedTuple):
    ms: float  # median of one after another
    floor_ms: float  # of as many requests that ask the database nothing
    per_s: float
    per_s_4: float  # of four clients at once
    queries: int  # of one whole booking
    requests: int


def measure(both: Sequence[World], rounds: int = 30, more: int = 10) -> list[Booked]:
    """`rounds` bookings of each, in turn; then four clients with `more` each. Raises RuntimeError when one gets lost."""
    days = [both[0].now.date() + timedelta(days=14 + n) for n in range(70)]
    each: list[list[tuple[float, int]]] = [[] for _ in both]
    for nth in range(rounds + 2):
        for kept, world in zip(each, both, strict=True):
            kept.append(_one(world, world.places[nth % 4], days[nth], nth))
    floors = in_turn([lambda world=world: _nothing(world) for world in both])
    return [
        _booked(kept[2:], floor, _four(world, days, more)) for kept, floor, world in zip(each, floors, both, strict=True)
    ]


def _booked(each: list[tuple[float, int]], floor: float, per_s_4: float) -> Booked:
    times = [ms for ms, _ in each]
    return Booked(statistics.median(times), floor, 1000 / statistics.mean(times), per_s_4, each[-1][1], WHOLE)


def _nothing(world: World) -> None:
    browser = web.Browser(world.port, "")
    for _ in range(WHOLE):
        browser.get("/livez")


def _four(world: World, days: list[date], more: int) -> float:
    """Bookings a second of four clients."""
    browsers = [[_browser(world) for _ in range(more)] for _ in range(4)]
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as four:
        lines = [four.submit(_several, world, own, place, days) for own, place in zip(browsers, world.places, strict=False)]
        done = sum(line.result() for line in lines)
    return done / (time.perf_counter() - began)


def _one(world: World, place: Location, day: date, nth: int) -> tuple[float, int]:
    return _book(world, _browser(world), place, day, nth)


def _several(world: World, browsers: list[web.Browser], place: Location, days: list[date]) -> int:
    for nth, browser in enumerate(browsers):
        _book(world, browser, place, days[40 + 2 * nth], nth)
    return len(browsers)


def _browser(world: World) -> web.Browser:
    visitor = next(world.visitors)
    return web.Browser(world.port, visitor.session, int(visitor.patient.pk) % 0xFFFF)


def _book(world: World, browser: web.Browser, place: Location, day: date, nth: int) -> tuple[float, int]:
    began = time.perf_counter()
    answers = web.book(browser, world.treatment.pk, place.slug, day.isoformat(), nth)
    if len(answers) < WHOLE:
        raise RuntimeError(f"a booking got lost: {[(answer.status, answer.text[:200]) for answer in answers]}")
    return (time.perf_counter() - began) * 1000, sum(answer.queries for answer in answers)


def beside_raw(world: World, rounds: int = 20) -> tuple[float, float]:
    """Milliseconds (medians) of the operation `book`, and of storing the same rows without a look."""
    times = iter(starts(world, world.places[3], rounds * 3))
    booked, raw = [], []
    for number in range(rounds):
        patient = next(world.visitors).patient
        choice = Choice(world.treatment, world.places[3], next(times).start)
        booking = Booking(choice, patient)
        began = time.perf_counter()
        visit = operations.book(actor=Actor(user=world.reception), booking=booking, key=uuid4(), now=world.now)
        booked.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        _raw(visit, timedelta(days=3650 + number))
        raw.append((time.perf_counter() - began) * 1000)
    return statistics.median(booked), statistics.median(raw)


def _raw(visit: Appointment, later: timedelta) -> None:
    ids = {"id": uuid4(), "old": visit.pk, "evaluation": uuid4(), "old_evaluation": visit.evaluation_id, "later": later}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in RAW:
            cursor.execute(statement, {name: str(v) if name != "later" else v for name, v in ids.items()})


def starts(world: World, place: Location, count: int) -> list[FreeStart]:
    """Free starts of the next weeks that do not touch each other: one a day and practitioner."""
    first = world.now.date() + timedelta(days=14)
    search = wanted(world.treatment, place, world.now).search(first, first + timedelta(days=75), world.now)
    apart: dict[tuple[date, int], FreeStart] = {}
    for free in free_starts(search, world.now):
        apart.setdefault((_day(free.start), free.practitioner), free)
    return list({free.start: free for free in apart.values()}.values())[:count]


def _day(moment: datetime) -> date:
    return moment.date()
