"""A freed time goes to exactly one: to somebody who waits for it, or to whoever books it at that moment."""

from datetime import time, timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from clinic.scheduling import locks, operations
from clinic.scheduling.models import Appointment, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import Joining
from clinic.scheduling.policies.matching import Wishes
from patients.models import Patient
from tests.build import NOW, Clinic, patient
from tests.races.harness import OVERLAPPING_CLAIMS, Call, as_owner, nothing_impossible_is_stored, rows, rush, together
from tests.races.rivals import NO_CLAIM_GUARD, book, day, hold, keep
from treatments.acting import Actor

pytestmark = pytest.mark.race

OFFERED_TWICE = """
select count(*) from scheduling_waitlistoffer as a
join scheduling_waitlistoffer as b on a.entry_id = b.entry_id and a.id < b.id
"""
NO_OFFER_GUARD = ("drop index offer_one_open_per_entry", "drop index appointment_one_offer_per_entry")


def join(clinic: Clinic, who: Patient, n: int = 0) -> WaitlistEntry:
    """For ten o'clock on the n-th working day, and no other time."""
    ten = clinic.at("10:00", day=day(n))
    wishes = Wishes(ten.date(), ten.date(), from_time=time(9, 55), to_time=time(10, 5))
    joining = Joining(who, clinic.microneedling, clinic.place, wishes)
    return operations.join(actor=Actor(user=clinic.reception), joining=joining, now=NOW)


def look() -> Call:
    return partial(operations.offer_times, now=NOW)


def rivals(clinic: Clinic, n: int) -> list[Call]:
    """Two workers look, while others book and hold the very time."""
    keep(clinic)
    join(clinic, patient(given=f"Waits {n}"), n)
    start = clinic.at("10:00", day=day(n))
    booked = [book(clinic, start, patient(given=f"Books {n} {i}")) for i in range(3)]
    return [look(), look(), *booked, *(hold(clinic, start) for _ in range(3))]


def at_ten(clinic: Clinic, n: int) -> int:
    return Appointment.objects.filter(during__startswith=clinic.at("10:00", day=day(n))).count()


def test_a_free_time_goes_to_exactly_one(clinic: Clinic) -> None:
    for n in range(3):
        results = rush(rivals(clinic, n))
        WaitlistEntry.objects.filter(outcome="waiting").update(outcome="withdrawn", closed_at=NOW)
        assert at_ten(clinic, n) == 1
        won = [result for result in results if isinstance(result, Appointment)]
        assert len(won) + WaitlistOffer.objects.filter(start=clinic.at("10:00", day=day(n))).count() == 1
    nothing_impossible_is_stored()


def test_without_lock_and_constraint_it_goes_to_several(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test before."""
    as_owner(NO_CLAIM_GUARD)
    for n in range(10):
        calls = rivals(clinic, n)[1:]  # one worker
        with monkeypatch.context() as patch:
            patch.setattr(locks, "take", together(len(calls)))
            rush(calls)
        if rows(OVERLAPPING_CLAIMS):
            return
    pytest.fail("nobody had the time twice")


def test_many_workers_offer_one_person_one_time(clinic: Clinic) -> None:
    join(clinic, patient())
    assert sorted(rush([look() for _ in range(8)])) == [0] * 7 + [1]
    assert rows(OFFERED_TWICE) == 0
    nothing_impossible_is_stored()


def test_without_lock_and_constraint_one_person_is_offered_two(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control; the claims' constraint goes too, because it would stop the second offer first."""
    as_owner(NO_CLAIM_GUARD, *NO_OFFER_GUARD)
    for n in range(10):
        join(clinic, patient(given=f"Waits {n}"), n)
        with monkeypatch.context() as patch:
            patch.setattr(locks, "take", together(3))
            rush([look() for _ in range(3)])
        if rows(OFFERED_TWICE):
            return
        WaitlistEntry.objects.filter(outcome="waiting").update(outcome="withdrawn", closed_at=NOW)
    pytest.fail("nobody was offered two times")


def test_accepting_from_many_pages_at_once_is_one_visit(clinic: Clinic) -> None:
    join(clinic, patient())
    look()()
    (offer,) = WaitlistOffer.objects.all()
    accept = partial(operations.accept, actor=Actor(user=clinic.reception), offer=offer.pk, now=NOW)
    results = rush([partial(accept, key=uuid4()) for _ in range(8)])
    assert {result.pk for result in results} == {offer.hold_id}
    assert Appointment.objects.get().events.count() == 1
    nothing_impossible_is_stored()


def test_an_acceptance_meets_the_end_of_its_time(clinic: Clinic) -> None:
    """Either the visit is the patient's, or the time is free and the next one may have it."""
    entry = join(clinic, patient())
    look()()
    (offer,) = WaitlistOffer.objects.all()
    late = NOW + timedelta(hours=5)
    accept = partial(operations.accept, actor=Actor(user=clinic.reception), offer=offer.pk, key=uuid4(), now=late)
    rush([accept, partial(operations.offer_times, now=late)])
    offer.refresh_from_db()
    entry.refresh_from_db()
    ended = {"accepted": ("booked", 1), "lapsed": ("waiting", 0)}
    assert ended[offer.answer] == (entry.outcome, Appointment.objects.filter(patient=entry.patient).count())
    nothing_impossible_is_stored()


def test_the_worker_looks(clinic: Clinic) -> None:
    join(clinic, patient())
    connection.close()
    with time_machine.travel(NOW, tick=False):
        call_command("worker", "--once")
    assert WaitlistOffer.objects.get().answer == WaitlistOffer.Answer.OPEN
