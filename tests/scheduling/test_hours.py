"""Weekly hours: from a day on, for one day, and what was there before."""

from datetime import date, time, timedelta

import pytest

from clinic.scheduling import operations
from clinic.scheduling.models import Hours
from clinic.scheduling.operations import NewHours
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.refusals import NotAllowed, WrongHours
from tests.build import MONDAY, NOW, Clinic, user
from treatments.acting import Actor

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
def owner() -> Actor:
    return Actor(user=user(roles=("owner",)))


def span(opens: str, closes: str) -> tuple[time, time]:
    return time.fromisoformat(opens), time.fromisoformat(closes)


def new(clinic: Clinic, week: dict, since: date = MONDAY, until: date | None = None) -> NewHours:
    return NewHours(clinic.practitioners[0], clinic.place, since, week, until)


def starts(clinic: Clinic, day: date) -> list[str]:
    search = wanted(clinic.microneedling, clinic.place, NOW).search(day, day, NOW)
    return [f"{free.start.astimezone(clinic.place.tz):%H:%M}" for free in free_starts(search, NOW)]


def test_a_new_week_counts_from_its_day_on(clinic: Clinic, owner: Actor) -> None:
    before = starts(clinic, MONDAY)
    operations.set_hours(actor=owner, hours=new(clinic, {1: [span("12:00", "17:00")]}, MONDAY + WEEK))
    assert starts(clinic, MONDAY) == before
    assert starts(clinic, MONDAY + WEEK)[0] == "12:00"
    assert starts(clinic, MONDAY + WEEK + DAY) == []


def test_breaks_are_gaps(clinic: Clinic, owner: Actor) -> None:
    week = {1: [span("13:00", "17:00"), span("09:00", "11:00")]}
    operations.set_hours(actor=owner, hours=new(clinic, week))
    assert not [clock for clock in starts(clinic, MONDAY) if "11:00" <= clock < "13:00"]


def test_other_hours_of_one_day_leave_the_weeks_around_it_as_they_were(clinic: Clinic, owner: Actor) -> None:
    usual, day = starts(clinic, MONDAY), MONDAY + WEEK
    spans = [span("14:00", "17:00")]
    operations.other_hours(actor=owner, resource=clinic.practitioners[0], location=clinic.place, day=day, spans=spans)
    assert starts(clinic, day)[0] == "14:00"
    assert starts(clinic, day + DAY) != []
    assert [starts(clinic, MONDAY + n * WEEK) for n in (0, 2)] == [usual, usual]


def test_a_free_day_is_one_without_hours(clinic: Clinic, owner: Actor) -> None:
    operations.other_hours(actor=owner, resource=clinic.practitioners[0], location=clinic.place, day=MONDAY, spans=[])
    assert starts(clinic, MONDAY) == []
    assert starts(clinic, MONDAY + WEEK) != []


def test_no_two_rows_of_a_day_overlap_whatever_is_set_in_whatever_order(clinic: Clinic, owner: Actor) -> None:
    for n, (since, until) in enumerate([(0, None), (14, 21), (7, None), (3, 30), (21, 22)]):
        last = MONDAY + until * DAY if until else None
        asked = new(clinic, {1: [span("09:00", f"1{n}:00")]}, MONDAY + since * DAY, last)
        operations.set_hours(actor=owner, hours=asked)
    rows = list(Hours.objects.filter(resource=clinic.practitioners[0], weekday=1))
    for day in (MONDAY + n * WEEK for n in range(-2, 8)):
        assert len([row for row in rows if day in row.valid]) <= 1


@pytest.mark.parametrize("spans", [[("10:00", "09:00")], [("09:00", "09:00")], [("09:00", "12:00"), ("11:00", "13:00")]])
def test_spans_that_make_no_sense_are_refused_by_their_day(clinic: Clinic, owner: Actor, spans: list) -> None:
    before = Hours.objects.count()
    with pytest.raises(WrongHours, match="Monday"):
        operations.set_hours(actor=owner, hours=new(clinic, {1: [span(*one) for one in spans]}))
    assert Hours.objects.count() == before


def test_only_the_owner_sets_hours(clinic: Clinic) -> None:
    for roles in (("receptionist",), ("practitioner",), ("content_admin",), ()):
        with pytest.raises(NotAllowed):
            operations.set_hours(actor=Actor(user=user(roles=roles)), hours=new(clinic, {}))
