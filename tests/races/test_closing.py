"""Closing time meets booking into it: the visit is refused, or it is listed; never neither."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Closure
from clinic.scheduling.queries.closed import visits_in
from clinic.scheduling.refusals import JustTaken, NotBookable
from tests.build import NOW, Clinic, patient
from tests.races.harness import (
    WAITING,
    as_owner,
    held_back,
    nothing_impossible_is_stored,
    pause_until,
    rows,
    rush,
    together,
)
from tests.races.rivals import book, change, close, day, keep, patients

pytestmark = pytest.mark.race

ROUNDS = 3
NO_NEW_CLAIMS = "lock table scheduling_claim in share mode"


def test_who_books_first_is_listed_and_who_comes_later_is_refused(clinic: Clinic) -> None:
    keep(clinic)
    for n in range(ROUNDS):
        bookings = [book(clinic, clinic.at("10:00", day=day(n)), one) for one in patients(5)]
        closed, *results = rush([close(clinic, day(n)), *bookings])
        assert isinstance(closed, Closure)
        booked = [result for result in results if isinstance(result, Appointment)]
        assert {type(result) for result in results} <= {Appointment, NotBookable, JustTaken}
        assert list(visits_in(closed, NOW)) == booked
        assert len(booked) <= 1
    nothing_impossible_is_stored()


def test_a_booking_looks_at_closures_again_after_its_locks(clinic: Clinic) -> None:
    """The closure is stored while the booking waits for its locks: had it only looked before, it would not know."""
    keep(clinic)
    with ThreadPoolExecutor(1) as pool:
        with held_back(f"select pg_advisory_xact_lock(1, {clinic.rooms[0].pk})", 1) as wait:
            booked = pool.submit(rush, [book(clinic, clinic.at("10:00"), patient())])
            wait()
            as_owner(
                f"insert into scheduling_closure (location_id, kind, seal, reason, during) values ({clinic.place.pk}, "
                "'closed', gen_random_uuid(), '', '[2027-03-01 00:00Z,2027-03-02 00:00Z)')"
            )
        (result,) = booked.result()
    assert isinstance(result, NotBookable)


def test_a_change_into_closed_time_is_refused_and_the_old_time_kept(clinic: Clinic) -> None:
    keep(clinic)
    visit = book(clinic, clinic.at("10:00", day=day(3)), patient())()
    closed, moved = rush([close(clinic, day(0)), change(clinic, visit, clinic.at("10:00", day=day(0)))])
    if isinstance(moved, Appointment):
        assert list(visits_in(closed, NOW)) == [moved]
    else:
        assert isinstance(moved, NotBookable)
        assert Appointment.objects.get().during == visit.during
    nothing_impossible_is_stored()


def test_a_closure_waits_for_a_booking_that_has_looked_already(clinic: Clinic) -> None:
    keep(clinic)
    assert not slips_past(clinic)


def test_without_locks_a_visit_slips_past_a_closure(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: whoever looks at the list at once sees nobody, and then somebody is in closed time."""
    keep(clinic)
    monkeypatch.setattr(locks, "take", together(1))
    assert slips_past(clinic)


def slips_past(clinic: Clinic) -> bool:
    """Whether time can be closed between the look and the writing of a booking that then succeeds."""
    with ThreadPoolExecutor(2) as pool:
        with held_back(NO_NEW_CLAIMS, 1) as wait:
            booked = pool.submit(rush, [book(clinic, clinic.at("10:00"), patient())])
            wait()
            closed = pool.submit(rush, [close(clinic)])
            pause_until(lambda: closed.done() or rows(WAITING) >= 2)
            early = closed.done()
        (visit,), (closure,) = booked.result(), closed.result()
    assert isinstance(closure, Closure)
    assert isinstance(visit, Appointment)
    assert list(visits_in(closure, NOW)) == [visit]
    return early
