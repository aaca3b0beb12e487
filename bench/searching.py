"""How long a patient waits for free times: the search in SQL, and the fragment of the page over HTTP, signed in.

Both sizes are asked in turn, round by round, so that what else the machine does falls on both.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db import connection

from bench.databases import World, fill
from bench.web import FRAGMENT, Answer, Browser
from clinic.scheduling.queries.availability import FIRST, STARTS, free_starts
from clinic.scheduling.queries.month import month, next_month
from clinic.scheduling.queries.offers import practitioners_for
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.queries.week import first_free_week, week, week_of

ROUNDS = 21
RANGES = """
select resource_id, range_agg(during) from scheduling_claim
where resource_id = any(%(ids)s) and during && tstzrange(%(since)s, %(until)s) group by resource_id
"""
Statement = tuple[str, Any]


class Case(NamedTuple):
    """One kind of search: the pages that ask for it, and the statements that answer them."""

    paths: list[str]
    statements: list[Statement]


class Measured(NamedTuple):
    http_ms: float  # medians
    sql_ms: float
    queries: int  # of one request
    status: int


class Ready(NamedTuple):
    world: World
    browser: Browser
    cursor: Any  # of a connection of its own
    cases: dict[str, Case]


def prepare(world: World) -> Ready:
    """Write down what is asked of `world`; its last location becomes full for sixty days."""
    with world.inside():
        fill(world.places[-1])
        cases = _cases(world)
        opened = connection.Database.connect(**connection.get_connection_params())
    opened.autocommit = True
    cursor = opened.cursor()
    for search in (STARTS, FIRST):
        cursor.execute(search.definition)
    return Ready(world, Browser(world.port, next(world.visitors).session), cursor, cases)


def _cases(world: World) -> dict[str, Case]:
    address, now = f"/book/{world.treatment.pk}/", world.now
    day, first = week_of(now.date()) + timedelta(days=16), next_month(now.date().replace(day=1))
    here, full = world.places[0], world.places[-1]
    asked = {place: wanted(world.treatment, place, now) for place in world.places}
    who = practitioners_for(world.treatment, here)[0].pk
    one_day = asked[here].search(day, day, now)

    def months(place: Any, who: int | None = None) -> Case:
        path = f"{address}month/?place={place.slug}&who={who or ''}&month={first:%Y-%m}"
        return Case([path], _said(lambda: month(asked[place], first, now, practitioner=who)))

    def times(place: Any, more: str, search: Callable[[], Any]) -> Case:
        return Case([f"{address}?place={place.slug}&{more}"], _said(search))

    five = [months(place) for place in world.places]
    return {
        "day": times(here, f"day={day}", lambda: free_starts(one_day, now)),
        "week": times(here, f"day={day}", lambda: week(asked[here], week_of(day), now)),
        "month": months(here),
        "month_one_practitioner": months(here, who),
        "month_five_locations": Case([p for c in five for p in c.paths], [s for c in five for s in c.statements]),
        "first_free": times(here, "first=1", lambda: first_free_week(asked[here], now.date(), now)),
        "first_free_after_60_days": times(full, "first=1", lambda: first_free_week(asked[full], now.date(), now)),
    }


def _said(search: Callable[[], Any]) -> list[Statement]:
    """The searches that are sent to the database, with their parameters."""
    kept: list[Statement] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        kept.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        search()
    return [statement for statement in kept if statement[0] in (STARTS.call, FIRST.call)]


def measure(both: Sequence[Ready]) -> list[dict[str, Measured]]:
    """For each of them {name: what a search of that kind takes}."""
    for one in both:
        one.browser.get("/")  # once a minute the session notes that somebody is there
    found: list[dict[str, Measured]] = [{} for _ in both]
    for name in both[0].cases:
        for into, measured in zip(found, _measure(both, [one.cases[name] for one in both]), strict=True):
            into[name] = measured
    return found


def _measure(both: Sequence[Ready], cases: Sequence[Case]) -> list[Measured]:
    asked = [_ask(one.browser, case) for one, case in zip(both, cases, strict=True)]
    http = in_turn([partial(_ask, one.browser, case) for one, case in zip(both, cases, strict=True)])
    sql = in_turn([partial(_search, one.cursor, case.statements) for one, case in zip(both, cases, strict=True)])
    found = []
    for answers, http_ms, sql_ms in zip(asked, http, sql, strict=True):
        queries, status = max(answer.queries for answer in answers), max(answer.status for answer in answers)
        found.append(Measured(http_ms, sql_ms, queries, status))
    return found


def _ask(browser: Browser, case: Case) -> list[Answer]:
    return [browser.get(path, **FRAGMENT) for path in case.paths]


def _search(cursor: Any, statements: list[Statement]) -> None:
    for statement in statements:
        cursor.execute(*statement)
        cursor.fetchall()


def pages(both: Sequence[World], path: str) -> list[Measured]:
    """A whole page of each, as the receptionist reads it."""
    browsers = [Browser(world.port, world.desk.session) for world in both]
    answers = [browser.get(path) for browser in browsers]
    times = in_turn([lambda browser=browser: browser.get(path) for browser in browsers])
    return [Measured(ms, 0, answer.queries, answer.status) for ms, answer in zip(times, answers, strict=True)]


def plain(one: Ready) -> tuple[float, bool]:
    """A month's search ÷ `range_agg` over the claims of the same resources and days, and whether its plan uses an index."""
    world, statement = one.world, one.cases["month"].statements[0]
    with world.inside():
        people = [person.pk for person in practitioners_for(world.treatment, world.places[0])]
        resources = list(world.places[0].resources.values_list("pk", flat=True))
    window = {"ids": resources + people, "since": statement[1]["since"], "until": statement[1]["until"]}
    search, ranges = in_turn([lambda: _search(one.cursor, [statement]), lambda: _search(one.cursor, [(RANGES, window)])])
    one.cursor.execute("explain " + statement[0], statement[1])
    plan = "\n".join(line for (line,) in one.cursor.fetchall())
    return search / ranges, "on scheduling_claim" in plan and "Seq Scan on scheduling_claim" not in plan


def in_turn(acts: Sequence[Callable[[], Any]], rounds: int = ROUNDS) -> list[float]:
    """The median milliseconds of each, after two rounds that warm up."""
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds + 2):
        for kept, act in zip(times, acts, strict=True):
            began = time.perf_counter()
            act()
            kept.append((time.perf_counter() - began) * 1000)
    return [statistics.median(kept[2:]) for kept in times]
