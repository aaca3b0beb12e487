"""Steps become stretches."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.stretches import Plan, Stretch, plan


@dataclass(frozen=True)
class Step:
    minutes: int
    practitioner: bool = False
    room: bool = False
    device_kind: str = ""
    patient_present: bool = True


SET_UP = Step(10, practitioner=True, room=True, patient_present=False)
NUMBING = Step(30, room=True)
NEEDLING = Step(20, practitioner=True, room=True, device_kind="needling_pen")
SOOTHING = Step(5, practitioner=True, room=True)
CLEAN_DOWN = Step(15, room=True, patient_present=False)


def test_a_session_occupies_what_its_steps_need() -> None:
    assert plan([SET_UP, NUMBING, NEEDLING, SOOTHING, CLEAN_DOWN]) == Plan(
        stretches=(
            Stretch("device:needling_pen", 30, 50),
            Stretch("practitioner", -10, 0),
            Stretch("practitioner", 30, 55),
            Stretch("room", -10, 70),
        ),
        before=10,
        present=55,
        after=15,
    )


def test_neighbouring_steps_on_one_role_are_one_stretch() -> None:
    assert plan([NEEDLING, SOOTHING]).stretches[1:] == (Stretch("practitioner", 0, 25), Stretch("room", 0, 25))


def test_gaps_stay_gaps() -> None:
    stretches = plan([SOOTHING, NUMBING, SOOTHING]).stretches
    assert stretches == (Stretch("practitioner", 0, 5), Stretch("practitioner", 35, 40), Stretch("room", 0, 40))


def test_two_kinds_of_device_are_two_roles() -> None:
    steps = [Step(5, device_kind="laser"), Step(5, device_kind="pen"), Step(5, device_kind="laser")]
    assert plan(steps).stretches == (
        Stretch("device:laser", 0, 5),
        Stretch("device:laser", 10, 15),
        Stretch("device:pen", 5, 10),
    )


def test_a_step_without_the_patient_in_the_middle_is_the_patients_time() -> None:
    assert plan([SOOTHING, CLEAN_DOWN, SOOTHING])[1:] == (0, 25, 0)


def test_a_visit_of_only_the_patients_steps_has_nothing_before_or_after() -> None:
    assert plan([NEEDLING])[1:] == (0, 20, 0)


@pytest.mark.parametrize("steps", [[], [SET_UP, CLEAN_DOWN]])
def test_a_visit_without_the_patient_is_refused(steps: list[Step]) -> None:
    with pytest.raises(ValueError, match="patient present"):
        plan(steps)


steps_with_a_patient = st.lists(
    st.builds(Step, st.integers(5, 60), st.booleans(), st.booleans(), st.sampled_from(["", "laser"]), st.booleans()),
    min_size=1,
).filter(lambda steps: any(step.patient_present for step in steps))


@given(steps=steps_with_a_patient)
def test_every_minute_of_every_step_is_kept_and_none_is_added(steps: list[Step]) -> None:
    made = plan(steps)
    expected, minute = set(), -made.before
    for step in steps:
        roles = {"practitioner": step.practitioner, "room": step.room, "device:laser": bool(step.device_kind)}
        expected |= {(role, minute + n) for role, needed in roles.items() if needed for n in range(step.minutes)}
        minute += step.minutes
    assert {(role, minute) for role, a, b in made.stretches for minute in range(a, b)} == expected
    assert minute == made.present + made.after
    assert list(made.stretches) == sorted(made.stretches)
    assert all(one.role != other.role or one.b < other.a for one, other in pairwise(made.stretches))
