"""What a visit occupies, and when: the steps of a treatment become stretches of minutes around the patient's start."""

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from operator import itemgetter
from typing import NamedTuple, Protocol


class Step(Protocol):
    """One part of a session, as `treatments.models.Step` has it: its minutes, what they occupy, and who is there."""

    @property
    def minutes(self) -> int: ...
    @property
    def practitioner(self) -> bool: ...
    @property
    def room(self) -> bool: ...
    @property
    def device_kind(self) -> str: ...
    @property
    def patient_present(self) -> bool: ...


class Stretch(NamedTuple):
    """`role` is taken in [a, b), minutes after the patient's start; setting up for the patient has a negative `a`."""

    role: str  # "practitioner", "room" or "device:<device_kind>"
    a: int
    b: int


class Plan(NamedTuple):
    """The stretches of a visit, and the minutes `before`, `present` and `after` of which its time consists.

    The patient's time is [start, start + present), the clinic's [start - before, start + present + after).
    """

    stretches: tuple[Stretch, ...]  # ordered by role, then a; of one role, no two touch
    before: int
    present: int
    after: int


def plan(steps: Iterable[Step]) -> Plan:
    """Lay the steps out in their order. A step without the patient between two with the patient is the patient's time.

    Raises ValueError when no step has the patient present.
    """
    ordered = list(steps)
    ends = list(accumulate(step.minutes for step in ordered))
    present = [(end - step.minutes, end) for step, end in zip(ordered, ends, strict=True) if step.patient_present]
    if not present:
        raise ValueError("a visit needs a step with the patient present")
    before, leaves = present[0][0], present[-1][1]
    taken = sorted(
        Stretch(role, end - step.minutes - before, end - before)
        for step, end in zip(ordered, ends, strict=True)
        for role in _roles(step)
    )
    merged = (stretch for _, of_role in groupby(taken, key=itemgetter(0)) for stretch in _merged(of_role))
    return Plan(tuple(merged), before, leaves - before, ends[-1] - leaves)


def _roles(step: Step) -> Iterator[str]:
    if step.practitioner:
        yield "practitioner"
    if step.room:
        yield "room"
    if step.device_kind:
        yield f"device:{step.device_kind}"


def _merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches of one role in time order, with those that touch made one."""
    waiting: Stretch | None = None
    for stretch in stretches:
        if waiting and waiting.b == stretch.a:
            waiting = waiting._replace(b=stretch.b)
            continue
        if waiting:
            yield waiting
        waiting = stretch
    if waiting:
        yield waiting
