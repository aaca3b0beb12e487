"""Many want the same: exactly as many get it as can, everybody else is told politely, and nothing impossible is stored."""

from collections.abc import Callable

import pytest

from clinic.messaging.models import Envelope
from clinic.scheduling import locks
from clinic.scheduling.models import Appointment
from tests.build import Clinic
from tests.races.harness import Call, as_owner, nothing_impossible_is_stored, rows, rush, together
from tests.races.rivals import RACES, REPETITIONS, Race, Repetition

pytestmark = pytest.mark.race

ROUNDS = 2
CONTROL_ROUNDS = 10


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_exactly_as_many_win_as_can(clinic: Clinic, race: Race) -> None:
    for n in range(ROUNDS):
        results = rush(race.rivals(clinic, n))
        losers = [result for result in results if isinstance(result, Exception)]
        assert {type(loser) for loser in losers} <= set(race.refusals)
        assert len(results) - len(losers) == race.winners
    nothing_impossible_is_stored()


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_without_lock_and_constraint_harm_is_done(clinic: Clinic, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a race that cannot be lost proves nothing."""
    assert harm_within_ten_rounds(clinic, race.rivals, race.guards, race.harm, monkeypatch)


@pytest.mark.parametrize("sent", REPETITIONS.values(), ids=REPETITIONS)
def test_a_request_sent_twelve_times_is_done_once(clinic: Clinic, sent: Repetition) -> None:
    for n in range(ROUNDS):
        before = Envelope.objects.count()
        results = rush(sent.rivals(clinic, n))
        assert len({visit.pk for visit in results}) == 1
        assert Appointment.objects.get(pk=results[0].pk).events.count() == Envelope.objects.count() - before
    assert Appointment.objects.count() == ROUNDS
    nothing_impossible_is_stored()


@pytest.mark.parametrize("sent", REPETITIONS.values(), ids=REPETITIONS)
def test_without_its_locks_a_repeated_request_is_done_twice(
    clinic: Clinic, sent: Repetition, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert harm_within_ten_rounds(clinic, sent.rivals, sent.guards, sent.harm, monkeypatch)


def harm_within_ten_rounds(
    clinic: Clinic,
    rivals: Callable[[Clinic, int], list[Call]],
    guards: tuple[str, ...],
    harm: str,
    monkeypatch: pytest.MonkeyPatch,
) -> bool:
    as_owner(*guards)
    for n in range(CONTROL_ROUNDS):
        calls = rivals(clinic, n)
        with monkeypatch.context() as patch:
            patch.setattr(locks, "take", together(len(calls)))
            rush(calls)
        if rows(harm):
            return True
    return False
