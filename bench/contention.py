"""Fifty who want one time: through the operation, and over HTTP beside fifty who want fifty."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import NamedTuple
from uuid import uuid4

from django.db import OperationalError, connection

from bench import web
from bench.booking import starts
from bench.databases import World
from clinic.scheduling import operations
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.refusals import Refused
from patients.models import Patient
from treatments.acting import Actor

MANY = 50
Outcome = tuple[str, float]  # what came of it, and in how many milliseconds


class Contention(NamedTuple):
    stored: int
    errors: int  # whatever was neither stored nor refused
    deadlocks: int
    p95_ms: float


def operation(world: World) -> Contention:
    """Fifty connections book one practitioner's time for fifty patients."""
    free = starts(world, world.places[1], MANY)[-1]
    patients = [next(world.visitors).patient for _ in range(MANY)]
    before = _deadlocks()
    outcomes = _at_once([_booker(world, patient, free.start, free.practitioner) for patient in patients])
    told = Counter(what for what, _ in outcomes)
    return Contention(told["stored"], told["error"], _deadlocks() - before, _p95(outcomes))


def _booker(world: World, patient: Patient, start: datetime, who: int) -> Callable[[Barrier], Outcome]:
    def act(gate: Barrier) -> Outcome:
        connection.ensure_connection()
        booking = Booking(Choice(world.treatment, world.places[1], start, who), patient)
        gate.wait()
        began = time.perf_counter()
        try:
            operations.book(actor=Actor(user=world.reception), booking=booking, key=uuid4(), now=world.now)
            what = "stored"
        except Refused:
            what = "refused"
        except OperationalError:
            what = "error"
        finally:
            ms = (time.perf_counter() - began) * 1000
            connection.close()
        return what, ms

    return act


def over_http(world: World) -> tuple[Contention, Contention]:
    """Fifty browsers hold one time; then fifty hold fifty times."""
    place = world.places[2]
    free = [one.start for one in starts(world, place, MANY + 1)]
    browsers = [_ready(world, place.slug) for _ in range(MANY)]
    one = _holds(world, browsers, [free[-1]] * MANY)
    others = [_ready(world, place.slug) for _ in range(MANY)]
    return one, _holds(world, others, [free[n % (len(free) - 1)] for n in range(MANY)])


def _ready(world: World, place: str) -> web.Browser:
    """A browser that has looked at the times."""
    visitor = next(world.visitors)
    browser = web.Browser(visitor.session, int(visitor.patient.pk) % 0xFFFF)
    browser.get(f"/book/{world.treatment.pk}/?place={place}", **web.FRAGMENT)
    return browser


def _holds(world: World, browsers: list[web.Browser], times: Sequence[datetime]) -> Contention:
    def holder(browser: web.Browser, start: datetime) -> Callable[[Barrier], Outcome]:
        def act(gate: Barrier) -> Outcome:
            gate.wait()
            path = f"/book/{world.treatment.pk}/hold/"
            answer = browser.post(path, place=world.places[2].slug, start=start.isoformat(), key=str(uuid4()))
            told = {302: "stored", 409: "refused"}
            return told.get(answer.status, "error"), answer.ms

        return act

    before = _deadlocks()
    outcomes = _at_once([holder(browser, start) for browser, start in zip(browsers, times, strict=True)])
    told = Counter(what for what, _ in outcomes)
    return Contention(told["stored"], told["error"], _deadlocks() - before, _p95(outcomes))


def _at_once(acts: list[Callable[[Barrier], Outcome]]) -> list[Outcome]:
    gate = Barrier(len(acts))
    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(lambda act: act(gate), acts))


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_stat_clear_snapshot(); select deadlocks from pg_stat_database where datname = current_database()"
        )
        count = cursor.fetchone()[0]
    return int(count)


def _p95(outcomes: list[Outcome]) -> float:
    times = sorted(ms for _, ms in outcomes)
    return times[math.ceil(0.95 * len(times)) - 1]
