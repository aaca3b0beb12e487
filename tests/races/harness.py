"""How tests race: real threads, real commits, and a count of what must never be stored."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.db import connection, connections, transaction

from clinic.scheduling.locks import Locked

Call = Callable[[], object]
Take = Callable[..., Locked]

OVERLAPPING_CLAIMS = """
select count(*) from scheduling_claim as a
join scheduling_claim as b on a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
"""
PATIENTS_IN_TWO_PLACES = """
select count(*) from scheduling_appointment as a
join scheduling_appointment as b on a.patient_id = b.patient_id and a.id < b.id and a.during && b.during
where a.occupies and b.occupies
"""
WITHOUT_CLAIMS = """
select count(*) from scheduling_appointment as v
where v.occupies <> exists (select from scheduling_claim as c where c.appointment_id = v.id)
"""
TWO_HOLDS = """
select count(*) from scheduling_appointment as a
join scheduling_appointment as b on a.holder = b.holder and a.id < b.id
where a.status = 'proposed' and b.status = 'proposed' and a.holder <> ''
"""
SAME_MOVE_TWICE = """
select count(*) from scheduling_appointmentevent as a
join scheduling_appointmentevent as b on a.appointment_id = b.appointment_id and a.verb = b.verb and a.id < b.id
"""
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
NEVER = (OVERLAPPING_CLAIMS, PATIENTS_IN_TWO_PLACES, WITHOUT_CLAIMS, TWO_HOLDS, SAME_MOVE_TWICE)


def rush(calls: Sequence[Call]) -> list[Any]:
    """Every call in a thread and on a connection of its own, all at once: what each returned, or the exception it raised."""
    start = Barrier(len(calls))

    def run(call: Call) -> object:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            return call()
        except Exception as error:  # noqa: BLE001  # it is the result
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def together(number: int) -> Take:
    """In place of `locks.take`: locks nothing, and lets all `number` rivals go on to read again at the same moment."""
    gate = Barrier(number)

    def take(
        *, patients: Collection[UUID] = (), resources: Collection[int] = (), appointments: Collection[UUID] = ()
    ) -> Locked:
        with suppress(BrokenBarrierError):  # whoever comes a second time, after a deadlock, finds it broken
            gate.wait(timeout=2)
            gate.abort()
        return Locked(tuple(patients), tuple(resources), tuple(appointments))

    return take


def as_owner(*statements: str) -> None:
    """Change the clone's tables; no constraint is worth testing that the application could drop."""
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rows(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (number,) = cursor.fetchone()
    return int(number)


def deadlocks() -> int:
    """How many deadlocks the server has broken in this database; a leaving connection reports its own."""
    others = "select count(*) from pg_stat_activity where datname = current_database() and usename = current_user"
    until = monotonic() + 5
    while rows(others) > 1 and monotonic() < until:
        sleep(0.02)
    return rows("select deadlocks from pg_stat_database where datname = current_database()")


def nothing_impossible_is_stored() -> None:
    assert {sql: rows(sql) for sql in NEVER} == dict.fromkeys(NEVER, 0)
    assert deadlocks() == 0


def pause_until(happened: Callable[[], bool]) -> None:
    """Shorter than the lock timeout of three seconds, or those who wait would start over."""
    until = monotonic() + 2.5
    while not happened():
        assert monotonic() < until, "nobody came to the lock"
        sleep(0.01)


@contextmanager
def held_back(statement: str, waiting: int) -> Iterator[Callable[[], None]]:
    """Rivals in the block come to a stop at a lock that `statement` takes; the yielded call waits until so many wait for it.

    They go on when the block ends: so each has read before, and writes after, whatever the block itself does.
    """

    def wait() -> None:
        pause_until(lambda: rows(WAITING) >= waiting)

    with transaction.atomic(using="owner"):
        as_owner(statement)
        yield wait


def everybody_left(name: str) -> None:
    """Wait until nobody is in the database `name`: the owner may not drop it over the application's head."""
    until = monotonic() + 5
    with connections["owner"]._nodb_cursor() as cursor:
        while monotonic() < until:
            cursor.execute("select count(*) from pg_stat_activity where datname = %s", [name])
            if cursor.fetchone() == (0,):
                return
            sleep(0.02)
