"""Two clicks on “Open the record” are one opening, one letter and one line in the patient's list."""

from collections import Counter

import pytest

from clinic.messaging.models import Envelope
from clinic.scheduling import locks, operations
from clinic.scheduling.operations import Emergency
from clinic.scheduling.refusals import AlreadyOpen, JustTaken
from patients.models import CareTeam, EmergencyAccess, TrailEntry
from tests.build import NOW, Clinic, patient
from tests.races.harness import Call, as_owner, rush, together
from treatments.acting import Actor

pytestmark = pytest.mark.race
CLICKS = 6


@pytest.fixture
def clicks(clinic: Clinic) -> list[Call]:
    """All of them by the same person, on the same button."""
    who, whose = Actor(user=clinic.practitioners[0].user), patient().pk
    return [lambda: operations.break_glass(actor=who, emergency=Emergency(whose, "Fainted"), now=NOW)] * CLICKS


def kept() -> tuple[int, int, int, int]:
    member = CareTeam.objects.filter(why=CareTeam.Why.EMERGENCY)
    letters = Envelope.objects.filter(kind="break_glass")
    return EmergencyAccess.objects.count(), member.count(), TrailEntry.objects.count(), letters.count()


def test_many_clicks_are_one(clicks: list[Call]) -> None:
    assert Counter(type(result) for result in rush(clicks)) == {EmergencyAccess: 1, AlreadyOpen: CLICKS - 1}
    assert kept() == (1, 1, 1, 1)


def test_without_the_lock_the_constraint_says_the_same(clicks: list[Call], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "take", together(CLICKS))
    told = Counter(type(result) for result in rush(clicks))
    assert told[EmergencyAccess] == 1
    assert told.keys() <= {EmergencyAccess, AlreadyOpen, JustTaken}  # who meets a deadlock too often is told so
    assert kept() == (1, 1, 1, 1)


def test_without_either_there_are_several(clicks: list[Call], monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: these tests can fail."""
    as_owner(
        "alter table patients_emergencyaccess drop constraint one_emergency_at_a_time",
        "alter table patients_careteam drop constraint care_team_once",
    )
    monkeypatch.setattr(locks, "take", together(CLICKS))
    rush(clicks)
    assert EmergencyAccess.objects.count() > 1
