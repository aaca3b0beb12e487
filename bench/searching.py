"""How long a patient waits for free times: the search in SQL, and the fragment of the page over HTTP, signed in."""

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from bench.databases import World, fill
from bench.web import FRAGMENT, Browser
from clinic.scheduling.models import Location
from clinic.scheduling.queries.availability import STARTS, free_starts
from clinic.scheduling.queries.month import month, next_month
from clinic.scheduling.queries.offers import practitioners_for
from clinic.scheduling.queries.times import Wanted, wanted
from clinic.scheduling.queries.week import first_free_week, week, week_of

ROUNDS = 15
RANGES = """
select resource_id, range_agg(during) from scheduling_claim
where resource_id = any(%(ids)s) and during && tstzrange(%(since)s, %(until)s) group by resource_id
"""


class Measured(NamedTuple):
    http_ms: float
    sql_ms: float
    queries: int
    bytes: int


def measure(world: World, browser: Browser) -> dict[str, Measured]:
    """{name: what a search of that kind takes}; medians of some rounds, after one that warms up."""
    asked, address = _asked(world, world.places[0]), f"/book/{world.treatment.pk}/"
    day, first = week_of(world.now.date()) + timedelta(days=16), next_month(world.now.date().replace(day=1))
    who = practitioners_for(world.treatment, world.places[0])[0].pk
    here = f"place={world.places[0].slug}"
    found = {
        "day": _both(browser, [f"{address}?{here}&day={day}"], lambda: _day(asked, day, world)),
        "week": _both(browser, [f"{address}?{here}&day={day}"], lambda: week(asked, week_of(day), world.now)),
        "month": _both(browser, [f"{address}month/?{here}&month={first:%Y-%m}"], lambda: month(asked, first, world.now)),
        "month_one_practitioner": _both(
            browser,
            [f"{address}month/?{here}&who={who}&month={first:%Y-%m}"],
            lambda: month(asked, first, world.now, practitioner=who),
        ),
        "month_five_locations": _both(
            browser,
            [f"{address}month/?place={place.slug}&month={first:%Y-%m}" for place in world.places],
            lambda: [month(_asked(world, place), first, world.now) for place in world.places],
        ),
        "first_free": _both(
            browser, [f"{address}?{here}&first=1"], lambda: first_free_week(asked, world.now.date(), world.now)
        ),
    }
    last = world.places[-1]
    fill(last)
    full = _asked(world, last)
    found["first_free_after_60_days"] = _both(
        browser, [f"{address}?place={last.slug}&first=1"], lambda: first_free_week(full, world.now.date(), world.now)
    )
    return found


def plain(world: World) -> tuple[float, float, bool]:
    """Milliseconds of a month's search, of `range_agg` over the same claims, and whether the search's plan uses an index."""
    asked, first = _asked(world, world.places[0]), next_month(world.now.date().replace(day=1))
    search = asked.search(first, next_month(first) - timedelta(days=1), world.now)
    statement = _statement(lambda: free_starts(search, world.now))
    resources = list(world.places[0].resources.values_list("pk", flat=True))
    people = [person.pk for person in practitioners_for(world.treatment, world.places[0])]
    window = {"ids": resources + people, "since": first, "until": next_month(first)}
    with connection.cursor() as cursor:
        search_ms = _median(lambda: (cursor.execute(*statement), cursor.fetchall()))
        ranges_ms = _median(lambda: (cursor.execute(RANGES, window), cursor.fetchall()))
        cursor.execute("explain " + statement[0], statement[1])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    return search_ms, ranges_ms, "on scheduling_claim" in plan and "Seq Scan on scheduling_claim" not in plan


def _statement(search: Callable[[], Any]) -> tuple[str, Any]:
    kept: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        kept.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        search()
    return next(statement for statement in kept if statement[0] == STARTS)


def _asked(world: World, place: Location) -> Wanted:
    return wanted(world.treatment, place, world.now)


def _day(asked: Wanted, day: date, world: World) -> object:
    return free_starts(asked.search(day, day, world.now), world.now)


def _both(browser: Browser, paths: list[str], search: Callable[[], Any]) -> Measured:
    answers = [browser.get(path, **FRAGMENT) for path in paths]
    assert all(answer.status == 200 for answer in answers), paths
    http_ms = _median(lambda: [browser.get(path, **FRAGMENT) for path in paths])
    return Measured(http_ms, _median(search), max(a.queries for a in answers), sum(a.bytes for a in answers))


def _median(act: Callable[[], Any], rounds: int = ROUNDS) -> float:
    times = []
    act()
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


class Page(NamedTuple):
    http_ms: float
    queries: int


def measure_page(session: str, path: str) -> Page:
    """A whole page, as somebody who is signed in reads it."""
    browser = Browser(session)
    answer = browser.get(path)
    assert answer.status == 200, (path, answer.status)
    return Page(_median(lambda: browser.get(path)), answer.queries)
