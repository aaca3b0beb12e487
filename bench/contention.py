"""Fifty who want one time: through the operation, and over HTTP beside fifty who want fifty."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from threading import Barrier
from typing import NamedTuple
from uuid import UUID, uuid4

import django
from django.db import OperationalError, connection
from django.utils import timezone

from bench import web
from bench.booking import starts
from bench.databases import World
from clinic.accounts.models import User
from clinic.demo.fresh import pointed_at
from clinic.scheduling import operations
from clinic.scheduling.models import Location
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.refusals import Refused
from patients.models import Patient
from treatments.acting import Actor
from treatments.models import Treatment

MANY = 50
START_IN = 5  # seconds: two processes start and connect
Outcome = tuple[str, float]  # what came of it, and in how many milliseconds


class Contention(NamedTuple):
    stored: int
    errors: int  # whatever was neither stored nor refused
    deadlocks: int
    p95_ms: float


def operation(world: World) -> Contention:
    """Fifty connections, of two processes as on two cores, book one practitioner's time for fifty patients."""
    free = starts(world, world.places[1], MANY)[-1]
    patients = [next(world.visitors).patient.pk for _ in range(MANY)]
    before, at = _deadlocks(), time.time() + START_IN
    wish = Wish(world.name, world.treatment.pk, world.places[1].pk, free.start, free.practitioner, world.reception.pk, at)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=django.setup) as two:
        halves = two.map(_half, [wish, wish], [patients[::2], patients[1::2]])
        outcomes = [outcome for half in halves for outcome in half]
    told = Counter(what for what, _ in outcomes)
    return Contention(told["stored"], told["error"], _deadlocks() - before, _p95(outcomes))


class Wish(NamedTuple):
    """What all of them want, in ids, and at which moment (seconds of the epoch) they all begin."""

    database: str
    treatment: int
    place: int
    start: datetime
    practitioner: int
    reception: int
    at: float


def _half(wish: Wish, patients: list[UUID]) -> list[Outcome]:
    """One process's share, a thread and a connection for each patient."""
    with pointed_at(wish.database), ThreadPoolExecutor(len(patients)) as crowd:
        return list(crowd.map(lambda pk: _book(wish, pk), patients))


def _book(wish: Wish, pk: UUID) -> Outcome:
    actor = Actor(user=User.objects.get(pk=wish.reception))
    treatment, place = Treatment.objects.get(pk=wish.treatment), Location.objects.get(pk=wish.place)
    booking = Booking(Choice(treatment, place, wish.start, wish.practitioner), Patient.objects.get(pk=pk))
    _search(booking.choice)  # as a connection that has served somebody before
    time.sleep(max(0, wish.at - time.time()))
    began = time.perf_counter()
    try:
        operations.book(actor=actor, booking=booking, key=uuid4(), now=timezone.now())
        what = "stored"
    except Refused:
        what = "refused"
    except OperationalError:
        what = "error"
    finally:
        ms = (time.perf_counter() - began) * 1000
        connection.close()
    return what, ms


def _search(choice: Choice) -> None:
    day, now = choice.start.date() - timedelta(days=1), timezone.now()
    free_starts(wanted(choice.treatment, choice.location, now).search(day, day, now), now)


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
    browser = web.Browser(world.port, visitor.session, int(visitor.patient.pk) % 0xFFFF)
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
