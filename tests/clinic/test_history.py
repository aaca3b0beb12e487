"""The synthetic history: as full as it says, and possible."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import islice, pairwise
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.demo.history import AHEAD, Team, Visit, ahead, before, load, open_history, teams
from clinic.scheduling.models import Appointment, Claim, Location, Resource
from clinic.scheduling.stretches import Plan, Step, plan
from tests.build import Clinic
from treatments.models import Step as StoredStep

TODAY = date(2027, 3, 1)  # a Monday
DAY = 8 * 60  # minutes that a practitioner is there


@pytest.fixture
def clinic(db: None) -> dict[str, Plan]:
    """The synthetic clinic, opened; {code of a treatment: its plan}."""
    open_history(timezone.now())
    plans: dict[str, list[Step]] = defaultdict(list)
    for step in StoredStep.objects.select_related("version__treatment").order_by("version", "position"):
        plans[step.version.treatment.code].append(step)
    return {code: plan(steps) for code, steps in plans.items()}


def spans(visits: list[Visit], plans: dict[str, Plan]) -> dict[tuple[date, int], list[tuple[int, int]]]:
    """{(day, resource): [(from, to) in minutes after nine]}, in order."""
    found: dict[tuple[date, int], list[tuple[int, int]]] = defaultdict(list)
    for visit in visits:
        slot = visit.slot
        for role, a, b in plans[slot.code].stretches:
            resource = {"practitioner": slot.practitioner, "room": slot.room}.get(role, slot.pen)
            found[visit.day, resource].append((slot.minute + a, slot.minute + b))
    return {key: sorted(taken) for key, taken in found.items()}


def a_while_ago(found: list[Team]) -> list[Visit]:
    return list(islice(before(found, TODAY), 2_000))


def test_five_locations_have_twenty_one_resources_each(clinic: dict[str, Plan]) -> None:
    assert Location.objects.count() == 5
    assert Resource.objects.count() == 105
    assert {len(team.practitioners) + len(team.rooms) + len(team.pens) for team in teams()} == {21}


def test_sixty_percent_of_the_practitioners_hours_ahead_are_taken(clinic: dict[str, Plan]) -> None:
    found = teams()
    people = {who for team in found for who in team.practitioners}
    taken = spans(list(ahead(found, TODAY, Random(1))), clinic)
    days = [sum(b - a for a, b in times) for (_day, who), times in taken.items() if who in people]
    assert len(days) == sum((TODAY + timedelta(days=n)).weekday() < 5 for n in range(AHEAD)) * 5 * 2
    assert sum(days) / (len(days) * DAY) == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("visits", [lambda found: list(ahead(found, TODAY, Random(1))), a_while_ago])
def test_nobody_and_nothing_is_taken_twice_or_out_of_hours(clinic: dict[str, Plan], visits) -> None:
    for times in spans(visits(teams()), clinic).values():
        assert all(before[1] <= after[0] for before, after in pairwise(times))
        assert times[-1][1] <= DAY + 60  # rooms are open until six


def test_ten_thousand_are_not_enough_for_less(clinic: dict[str, Plan]) -> None:
    with pytest.raises(ValueError, match="days ahead alone"):
        load(5_000, timezone.now(), print)


def test_what_is_loaded_has_that_many_claims_in_the_past_and_ahead(cloned: str, django_db_blocker) -> None:
    told: list[int] = []
    now = timezone.now()
    with django_db_blocker.unblock():
        open_history(now)
        assert load(10_000, now, told.append) == Claim.objects.count() == told[-1]
        ahead_of_now = Claim.objects.filter(during__startswith__gt=now).count()
        assert 8_000 < ahead_of_now < Claim.objects.count() < 10_010
        assert Appointment.objects.filter(claims=None).count() == 0


@pytest.mark.django_db
def test_a_clinic_that_is_used_is_left_alone() -> None:
    Clinic()
    with pytest.raises(CommandError, match="not empty"):
        call_command("load_history", claims=10_000)
