"""A visit that runs late, ends early, or goes on in another room."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Resource
from clinic.scheduling.operations import Adjustment, Booking, Choice, Wish
from clinic.scheduling.operations.reclaiming import moved_end
from clinic.scheduling.refusals import NotAllowed, NotBookable, NotNow, WouldTouch, WrongSpan
from tests import build
from tests.build import NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(practitioners=2, rooms=3, pens=3)


def book(clinic: Clinic, clock: str = "10:00", name: str = "Pat", who: int = 0) -> Appointment:
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock), clinic.practitioners[who].pk)
    booking = Booking(choice, patient(given=name))
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def adjust(clinic: Clinic, visit: Appointment, by: Any = None, now: datetime = NOW, **what: Any) -> Appointment:
    asked = Adjustment(visit.pk, **what)
    return operations.adjust(actor=Actor(user=by or clinic.reception), adjustment=asked, now=now)


def spans(visit: Appointment) -> list[tuple[str, int, int]]:
    """Who or what, from and to in minutes after the start."""
    rows = visit.claims.select_related("resource")
    start = visit.during.lower
    return sorted(
        (row.resource.kind, (row.during.lower - start) // MINUTE, (row.during.upper - start) // MINUTE) for row in rows
    )


def test_a_visit_that_runs_late_keeps_its_people_and_cleans_up_later(clinic: Clinic) -> None:
    visit = book(clinic)
    before = spans(visit)
    end = visit.during.upper
    moved = adjust(clinic, visit, until=end + 15 * MINUTE, reason="bled a little")
    assert (moved.during.upper, moved.occupied.upper) == (end + 15 * MINUTE, visit.occupied.upper + 15 * MINUTE)
    last = max(to for _, _, to in before)
    assert [one for one in spans(moved) if one[2] == last + 15]
    assert spans(moved)[1] == before[1]  # the practitioner's first minutes, long over
    assert (moved.events.last().verb, moved.events.last().reason) == ("adjust", "bled a little")


def test_a_visit_that_ends_early_gives_the_rest_back(clinic: Clinic) -> None:
    Resource.objects.filter(
        pk__in=[it.pk for it in (*clinic.practitioners[1:], *clinic.rooms[1:], *clinic.pens[1:])]
    ).update(active=False)
    visit = book(clinic)
    moved = adjust(clinic, visit, until=visit.during.upper - 30 * MINUTE)
    assert moved.occupied.upper == visit.occupied.upper - 30 * MINUTE
    assert book(clinic, "11:15", "Next")


def test_nobody_else_loses_time_by_it_and_they_are_named(clinic: Clinic) -> None:
    visit, after = book(clinic), book(clinic, "11:45", "Kim")
    with pytest.raises(WouldTouch, match="Kim Example, 11:45") as refused:
        adjust(clinic, visit, until=visit.during.upper + 30 * MINUTE)
    assert len(refused.value.visits) == 1
    assert Appointment.objects.get(pk=visit.pk).during == visit.during
    assert Appointment.objects.get(pk=after.pk).claims.count() == after.claims.count()


def test_it_goes_on_in_another_room(clinic: Clinic) -> None:
    visit = book(clinic)
    room = visit.claims.get(resource__kind="room").resource
    other = next(it for it in clinic.rooms if it != room)
    now = visit.during.lower + 20 * MINUTE
    moved = adjust(clinic, visit, room=other.pk, now=now)
    rooms = moved.claims.filter(resource__kind="room").order_by("during")
    assert [(claim.resource, claim.during.lower, claim.during.upper) for claim in rooms] == [
        (room, visit.occupied.lower, now),
        (other, now, visit.occupied.upper),
    ]


def test_before_it_has_begun_the_whole_visit_changes_rooms(clinic: Clinic) -> None:
    visit = book(clinic)
    other = next(it for it in clinic.rooms if not visit.claims.filter(resource=it).exists())
    moved = adjust(clinic, visit, room=other.pk)
    assert moved.claims.get(resource__kind="room").resource == other


def test_a_room_that_is_taken_names_by_whom_and_one_that_does_not_suit_is_refused(clinic: Clinic) -> None:
    visit, other = book(clinic), book(clinic, "10:00", "Kim", who=1)
    taken = other.claims.get(resource__kind="room").resource
    with pytest.raises(WouldTouch, match="Kim Example, 10:00"):
        adjust(clinic, visit, room=taken.pk)
    for unfit in (build.resource("room", clinic.place, treatments=[]).pk, clinic.pens[0].pk, 999_999):
        with pytest.raises(NotBookable):
            adjust(clinic, visit, room=unfit)


def test_a_device_that_is_fixed_keeps_the_visit_in_its_room(clinic: Clinic) -> None:
    visit = book(clinic)
    room = visit.claims.get(resource__kind="room").resource
    Resource.objects.filter(pk=visit.claims.get(resource__kind="device").resource_id).update(fixed_in=room)
    other = next(it for it in clinic.rooms if it != room)
    with pytest.raises(NotBookable):
        adjust(clinic, visit, room=other.pk)


def test_who_may_and_when(clinic: Clinic) -> None:
    visit = book(clinic)
    until = visit.during.upper + 5 * MINUTE
    for who in (clinic.practitioners[1].user, build.user(), build.user(roles=("content_admin",))):
        with pytest.raises(NotAllowed):
            adjust(clinic, visit, by=who, until=until)
    assert adjust(clinic, visit, by=clinic.practitioners[0].user, until=until).during.upper == until
    for wrong in (visit.during.lower, visit.during.lower - MINUTE):
        with pytest.raises(WrongSpan):
            adjust(clinic, visit, until=wrong)
    with pytest.raises(WrongSpan):
        adjust(clinic, visit, until=visit.during.lower + 10 * MINUTE, now=visit.during.lower + 20 * MINUTE)
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, "cancel"), now=NOW)
    with pytest.raises(NotNow):
        adjust(clinic, visit, until=until)


def test_nobody_is_written_to(clinic: Clinic) -> None:
    visit = book(clinic)
    before = Envelope.objects.count()
    adjust(clinic, visit, until=visit.during.upper + 5 * MINUTE)
    assert Envelope.objects.count() == before


@pytest.mark.parametrize(
    ("claim", "until", "becomes"),
    [
        ((0, 60), 70, [(0, 70)]),  # in use to the end: longer
        ((0, 60), 50, [(0, 50)]),
        ((0, 40), 70, [(0, 40)]),  # done before the end: as it was
        ((0, 40), 30, [(0, 30)]),
        ((45, 60), 40, []),  # never begun
        ((0, 75), 70, [(0, 85)]),  # with the clean-down behind it
        ((60, 75), 50, [(50, 65)]),
        ((0, 75), 50, [(0, 65)]),
        ((50, 75), 40, [(40, 55)]),
    ],
)
def test_what_becomes_of_a_claim(claim: tuple[int, int], until: int, becomes: list[tuple[int, int]]) -> None:
    """Minutes; the patient was to leave at 60."""

    def at(minutes: int) -> datetime:
        return NOW + minutes * MINUTE

    found = moved_end(at(claim[0]), at(claim[1]), at(60), at(until))
    assert [((first - NOW) // MINUTE, (last - NOW) // MINUTE) for first, last in found] == becomes
