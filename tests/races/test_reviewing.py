"""Two clinicians, or two at the desk, act at once: one is heard, the other gets words, and nothing is told twice."""

import pytest

from clinic.scheduling import locks
from clinic.scheduling.refusals import NotNow
from tests.build import Clinic
from tests.races.harness import as_owner, nothing_impossible_is_stored, rows, rush, together
from tests.races.reviewing import ASKED_FOR_NOTHING, RACES, ask, decide, waiting
from tests.races.rivals import Race
from tests.races.test_races import CONTROL_ROUNDS, ROUNDS, harm_within_ten_rounds

pytestmark = pytest.mark.race


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_exactly_as_many_win_as_can(clinic: Clinic, race: Race) -> None:
    for n in range(ROUNDS):
        results = rush(race.rivals(clinic, n))
        losers = [result for result in results if isinstance(result, Exception)]
        assert {type(loser) for loser in losers} <= set(race.refusals)
        assert len(results) - len(losers) == race.winners
    assert rows(race.harm) == 0
    nothing_impossible_is_stored()


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_without_lock_and_constraint_harm_is_done(clinic: Clinic, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    assert harm_within_ten_rounds(clinic, race.rivals, race.guards, race.harm, monkeypatch)


def test_no_question_stays_open_behind_a_decision(clinic: Clinic) -> None:
    """Whoever is first: the question is withdrawn, or refused."""
    for n in range(CONTROL_ROUNDS):
        visit = waiting(clinic, n)
        asking, deciding = (doctor.user for doctor in clinic.practitioners[:2])
        asked, decided = rush([ask(asking, visit), decide(deciding, visit, "acknowledge")])
        assert not isinstance(decided, Exception), decided
        assert not isinstance(asked, Exception) or isinstance(asked, NotNow)
    assert rows(ASKED_FOR_NOTHING) == 0


def test_without_lock_a_question_stays_open_behind_a_decision(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test before. The story's own numbers would stop one of the two first."""
    as_owner("alter table scheduling_appointmentevent drop constraint event_number_once")
    for n in range(CONTROL_ROUNDS):
        visit = waiting(clinic, n)
        asking, deciding = (doctor.user for doctor in clinic.practitioners[:2])
        calls = [ask(asking, visit), decide(deciding, visit, "acknowledge")]
        with monkeypatch.context() as patch:
            patch.setattr(locks, "take", together(2))
            rush(calls)
        if rows(ASKED_FOR_NOTHING):
            return
    pytest.fail("every question was withdrawn")
