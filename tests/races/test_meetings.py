"""Two that meet at the worst moment, which a lock held by the test makes certain: each has read, neither has written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import NoneType
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from clinic.scheduling import locks, operations
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.refusals import HoldLost, KeyReused, Refused
from tests.build import NOW, Clinic, patient
from tests.races.harness import (
    TWO_HOLDS,
    WAITING,
    Call,
    as_owner,
    deadlocks,
    held_back,
    nothing_impossible_is_stored,
    pause_until,
    rows,
    rush,
    together,
)
from tests.races.rivals import NO_HOLDER_GUARD, book, confirm, hold, keep, second_place
from treatments.acting import Actor

pytestmark = pytest.mark.race

NO_DELETING_OF_CLAIMS = "lock table scheduling_claim in share mode"
NO_KEYS = "lock table scheduling_idempotencykey in share mode"


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.mark.parametrize("giving_back", ["release", "sweep"])
def test_a_confirmation_meets_the_giving_back_of_its_hold(
    clinic: Clinic, pool: ThreadPoolExecutor, giving_back: str
) -> None:
    """Either the visit is confirmed and whole, or the hold is gone and the patient is told; nobody crashes."""
    hold(clinic, clinic.at("13:00"), holder="browser")()
    late = NOW + settings.HOLD_LASTS + settings.HOLD_LONGEST
    gone: dict[str, Call] = {
        "release": lambda: operations.release(holder="browser"),
        "sweep": lambda: operations.sweep(now=late),
    }
    with held_back(NO_DELETING_OF_CLAIMS, 1) as wait:
        given_back = pool.submit(rush, [gone[giving_back]])
        wait()
        confirmed = pool.submit(rush, [confirm("browser", patient(), now=late)])
        pause_until(lambda: confirmed.done() or rows(WAITING) > 1)
    (visit,), (went,) = confirmed.result(), given_back.result()
    assert not isinstance(went, Exception), went
    if isinstance(visit, HoldLost):
        assert not Appointment.objects.exists()
    else:
        assert Appointment.objects.get() == visit
    nothing_impossible_is_stored()


def test_one_key_for_two_bookings_at_two_places_is_refused_politely(clinic: Clinic, pool: ThreadPoolExecutor) -> None:
    """Their locks have nothing in common, so only the key's constraint sees both."""
    elsewhere, key = second_place(clinic), uuid4()
    there = Booking(Choice(clinic.microneedling, elsewhere, clinic.at("10:00")), patient())
    calls = [
        book(clinic, clinic.at("10:00"), patient(), key=key),
        lambda: operations.book(actor=Actor(user=clinic.reception), booking=there, key=key, now=NOW),
    ]
    with held_back(NO_KEYS, 2) as wait:
        rushed = pool.submit(rush, calls)
        wait()
    results = rushed.result()
    assert sorted(type(result).__name__ for result in results) == ["Appointment", KeyReused.__name__]
    nothing_impossible_is_stored()


def test_a_hold_waits_for_the_confirmation_of_the_hold_before_it(clinic: Clinic, pool: ThreadPoolExecutor) -> None:
    """The page was open twice. The confirmed visit is nobody's hold any more, so its time is taken, and others are free."""
    first = hold(clinic, clinic.at("10:00"), holder="browser")()
    gate = f"select pg_advisory_xact_lock(1, {first.practitioner_id})"
    with held_back(gate, 1) as wait:
        again = pool.submit(rush, [hold(clinic, clinic.at("10:00"), holder="browser")])
        wait()
        Appointment.objects.filter(pk=first.pk).update(
            status=Status.BOOKED, patient=patient(), holder="", held_for="", held_since=None, expires_at=None
        )  # what `confirm` stores; the operation itself would wait at the gate
    (second,) = again.result()
    assert isinstance(second, Appointment), second  # the other practitioner and room are free
    assert second.practitioner_id != first.practitioner_id
    nothing_impossible_is_stored()


def test_two_pages_of_one_browser_choose_at_once(clinic: Clinic, pool: ThreadPoolExecutor) -> None:
    """As if one after the other: the later choice replaces the earlier, and nobody else was quicker."""
    first = hold(clinic, clinic.at("09:15"), holder="browser")()
    gate = f"select pg_advisory_xact_lock(1, {first.practitioner_id})"
    with held_back(gate, 2) as wait:
        chosen = pool.submit(rush, [hold(clinic, clinic.at(clock), holder="browser") for clock in ("11:15", "13:15")])
        wait()
    assert [result for result in chosen.result() if isinstance(result, Refused)] == []
    assert Appointment.objects.count() == 1
    nothing_impossible_is_stored()


def test_one_browser_holds_one_time_however_often_it_asks(clinic: Clinic) -> None:
    clocks = [f"{hour:02}:{minute}" for hour in range(9, 15) for minute in ("15", "45")]
    results = rush([hold(clinic, clinic.at(clock), holder="browser") for clock in clocks])
    assert all(isinstance(result, Appointment | Refused) for result in results)
    assert Appointment.objects.filter(holder="browser").count() == 1
    nothing_impossible_is_stored()


def test_without_lock_and_guard_one_browser_holds_two_times(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test before."""
    as_owner(NO_HOLDER_GUARD)
    for n in range(10):
        calls = [hold(clinic, clinic.at(clock), holder=f"browser {n}") for clock in ("09:15", "11:15", "13:15")]
        with monkeypatch.context() as patch:
            patch.setattr(locks, "take", together(len(calls)))
            rush(calls)
        if rows(TWO_HOLDS):
            return
        Appointment.objects.all().delete()
    pytest.fail("no browser held two times")


def test_a_hold_that_was_given_away_while_the_confirmation_waited_is_lost(clinic: Clinic, pool: ThreadPoolExecutor) -> None:
    keep(clinic)
    first = hold(clinic, clinic.at("10:00"), holder="browser")()
    late = NOW + timedelta(minutes=11)
    gate = f"select pg_advisory_xact_lock(1, {first.practitioner_id})"
    with held_back(gate, 1) as wait:
        confirmed = pool.submit(rush, [confirm("browser", patient(), now=late)])
        wait()
        Appointment.objects.filter(pk=first.pk).delete()  # as the booking that meets it would
    assert [type(result) for result in confirmed.result()] == [HoldLost]


def test_locks_asked_for_in_opposite_order_are_taken_in_one(clinic: Clinic, pool: ThreadPoolExecutor) -> None:
    assert meeting_in_the_middle(clinic, pool, locks.take) == [None, None]
    assert deadlocks() == 0


def test_locks_taken_in_opposite_order_deadlock(clinic: Clinic, pool: ThreadPoolExecutor) -> None:
    """The negative control of the test before."""

    def as_asked(*, resources: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(1, r) from unnest(%s::int[]) as r", [resources])

    assert {type(result) for result in meeting_in_the_middle(clinic, pool, as_asked)} == {NoneType, OperationalError}
    assert deadlocks() == 1


def meeting_in_the_middle(clinic: Clinic, pool: ThreadPoolExecutor, take: Callable[..., object]) -> list[Any]:
    """Two that want six resources, one upwards and one downwards, both stopped at the fourth."""
    resources = sorted(resource.pk for resource in (*clinic.practitioners, *clinic.rooms))

    def wants(resources: list[int]) -> Call:
        def call() -> None:
            with transaction.atomic():
                take(resources=resources)

        return call

    with held_back(f"select pg_advisory_xact_lock(1, {resources[3]})", 2) as wait:
        rushed = pool.submit(rush, [wants(resources), wants(resources[::-1])])
        wait()
    return rushed.result()
