"""Who races for what: each race says how many may win, and which harm shows without its lock and its constraint."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Location, Resource
from clinic.scheduling.operations import Booking, Change, Choice, Closing, Confirmation, InFront, NewCourse, Planned, Wish
from clinic.scheduling.refusals import HoldLost, JustTaken, NotBookable, NotNow, PatientBusy, Refused, TooSoon
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from tests.races import harness
from tests.races.harness import Call
from treatments.acting import Actor
from treatments.models import Treatment

RIVALS = 12
LAPSED = NOW + timedelta(minutes=11)
TAKEN = (JustTaken, NotBookable)

NO_CLAIM_GUARD = "alter table scheduling_claim drop constraint one_claim"
NO_PATIENT_GUARD = "alter table scheduling_appointment drop constraint patient_once"
NO_VISIT_GUARD = (
    "drop trigger appointment_guard on scheduling_appointment",
    "drop trigger claim_guard on scheduling_claim",
)
NO_HOLDER_GUARD = "drop index appointment_one_hold_per_holder"
NO_KEY_GUARD = "alter table scheduling_idempotencykey drop constraint idempotency_once"


@dataclass(frozen=True)
class Race:
    """`rivals(clinic, n)` arranges round n and returns the calls of which exactly `winners` may succeed.

    The others get one of `refusals`. Without locks and without `guards`, the query `harm` counts more than nothing.
    """

    rivals: Callable[[Clinic, int], list[Call]]
    winners: int
    refusals: tuple[type[Refused], ...] = TAKEN
    guards: tuple[str, ...] = (NO_CLAIM_GUARD,)
    harm: str = harness.OVERLAPPING_CLAIMS


def day(n: int) -> date:
    """The n-th working day."""
    return MONDAY + timedelta(days=n % 5 + 7 * (n // 5))


def keep(clinic: Clinic, *, practitioners: int = 1, rooms: int = 1, pens: int = 1) -> None:
    """Only so many of each are in use; the first ones."""
    spare = [*clinic.practitioners[practitioners:], *clinic.rooms[rooms:], *clinic.pens[pens:]]
    Resource.objects.filter(pk__in=[resource.pk for resource in spare]).update(active=False)


def hold(clinic: Clinic, start: datetime, *, holder: str = "", key: UUID | None = None, who: int | None = None) -> Call:
    choice = Choice(clinic.microneedling, clinic.place, start, who)
    holder, key = holder or uuid4().hex, key or uuid4()
    return partial(operations.hold, holder=holder, address=None, choice=choice, key=key, now=NOW)


def confirm(holder: str, whose: Patient, *, key: UUID | None = None, now: datetime = NOW) -> Call:
    wish = Confirmation(holder, whose)
    return partial(operations.confirm, actor=Actor(task="test"), wish=wish, key=key or uuid4(), now=now)


def book(
    clinic: Clinic,
    start: datetime,
    whose: Patient,
    *,
    key: UUID | None = None,
    now: datetime = NOW,
    treatment: Treatment | None = None,
) -> Call:
    booking = Booking(Choice(treatment or clinic.microneedling, clinic.place, start), whose)
    return partial(operations.book, actor=Actor(user=clinic.reception), booking=booking, key=key or uuid4(), now=now)


def move(clinic: Clinic, visit: Appointment, verb: str) -> Call:
    actor = Actor(user=clinic.reception)
    return partial(operations.transition, actor=actor, wish=Wish(visit.pk, verb), now=NOW)


def change(clinic: Clinic, visit: Appointment, start: datetime) -> Call:
    actor = Actor(user=clinic.reception)
    asked = Change(visit.pk, start)
    return partial(operations.reschedule, actor=actor, change=asked, key=uuid4(), now=NOW)


def close(clinic: Clinic, on: date = MONDAY, **what: object) -> Call:
    """The whole day, of the location unless something else is said."""
    first, last = (clinic.at("00:00", day=on + timedelta(days=n)) for n in (0, 1))
    closing = Closing(first, last, **(what or {"location": clinic.place}))
    return partial(operations.close, actor=Actor(user=clinic.reception), closing=closing, now=NOW)


def patients(number: int) -> list[Patient]:
    return [patient(given=f"Pat {n}") for n in range(number)]


# --- Strangers who want the same time ---------------------------------------------------------------------------------


def same_start(clinic: Clinic, n: int, **world: int) -> list[Call]:
    keep(clinic, **world)
    return [hold(clinic, clinic.at("10:00", day=day(n))) for _ in range(RIVALS)]


def staggered_starts(clinic: Clinic, n: int) -> list[Call]:
    keep(clinic)
    first = clinic.at("10:00", day=day(n))
    return [hold(clinic, first + timedelta(minutes=15 * (i % 6))) for i in range(RIVALS)]


def asked_practitioners(clinic: Clinic, n: int, **world: int) -> list[Call]:
    """Each asks for one of two practitioners, so no two resources but the shared one are fought for."""
    keep(clinic, practitioners=2, **world)
    start = clinic.at("10:00", day=day(n))
    return [hold(clinic, start, who=clinic.practitioners[i % 2].pk) for i in range(RIVALS)]


def device_fixed_in_a_room(clinic: Clinic, n: int) -> list[Call]:
    Resource.objects.filter(pk__in=[pen.pk for pen in clinic.pens]).update(fixed_in=clinic.rooms[0])
    return same_start(clinic, n, practitioners=3, rooms=3, pens=3)


def telephone_and_browser(clinic: Clinic, n: int) -> list[Call]:
    keep(clinic)
    start = clinic.at("10:00", day=day(n))
    booked = [book(clinic, start, one) for one in patients(RIVALS // 2)]
    return [*booked, *(hold(clinic, start) for _ in booked)]


def lapsed_holds(clinic: Clinic, n: int) -> list[Call]:
    """Three holders come late, each at the same moment as others who want the time."""
    keep(clinic)
    calls: list[Call] = []
    for clock in ("09:15", "12:00", "14:30"):
        start, holder = clinic.at(clock, day=day(n)), f"late {n} {clock}"
        hold(clinic, start, holder=holder)()
        calls += [book(clinic, start, one, now=LAPSED) for one in patients(6)]
        calls.append(confirm(holder, patient(), now=LAPSED))
    return calls


def undone_cancellation(clinic: Clinic, n: int) -> list[Call]:
    keep(clinic)
    start = clinic.at("10:00", day=day(n))
    visit = book(clinic, start, patient())()
    move(clinic, visit, "cancel")()
    return [move(clinic, visit, "undo-cancel"), *(book(clinic, start, one) for one in patients(RIVALS - 1))]


def changes_to_one_time(clinic: Clinic, n: int) -> list[Call]:
    """Visits of different days all want to move to the same time."""
    keep(clinic)
    start = clinic.at("10:00", day=day(n))
    later = [start + timedelta(days=7 * (i + 3)) for i in range(RIVALS // 2)]
    visits = [book(clinic, at, one)() for at, one in zip(later, patients(len(later)), strict=True)]
    return [change(clinic, visit, start) for visit in visits]


def changes_and_bookings(clinic: Clinic, n: int) -> list[Call]:
    keep(clinic)
    start = clinic.at("10:00", day=day(n))
    visit = book(clinic, start + timedelta(days=35), patient())()
    return [change(clinic, visit, start), *(book(clinic, start, one) for one in patients(RIVALS - 1))]


def courses_that_meet(clinic: Clinic, n: int) -> list[Call]:
    """Each course has one session of its own, and one at a time that all of them want."""
    keep(clinic)
    shared = clinic.at("10:00", day=day(n) + timedelta(days=70))
    calls = []
    for i, one in enumerate(patients(4)):
        own = clinic.at("10:00", day=day(n)) + timedelta(minutes=0, days=7 * i)
        sessions = tuple(Planned(clinic.microneedling, start) for start in (own, shared))
        course = NewCourse(one, clinic.place, sessions)
        actor = Actor(user=clinic.reception)
        calls.append(partial(operations.book_course, actor=actor, course=course, key=uuid4(), now=NOW))
    return calls


def fronts_that_meet(clinic: Clinic, n: int) -> list[Call]:
    """Each has a consultation of one's own in front of a session at a time that all of them want."""
    keep(clinic)
    shared, calls = clinic.at("10:00", day=day(n) + timedelta(days=70)), []
    for i in range(4):
        own = clinic.at("10:00", day=day(n) + timedelta(days=7 * i))
        whose, times = (
            patient(given=f"Pat {i}", user=build.user()),
            ((clinic.consultation, own), (clinic.microneedling, shared)),
        )
        wish = InFront(whose, tuple(Choice(what, clinic.place, start) for what, start in times))
        actor = Actor(user=whose.user)
        calls.append(partial(operations.book_in_front, actor=actor, wish=wish, key=uuid4(), now=NOW))
    return calls


# --- One person in several places -------------------------------------------------------------------------------------


def one_patient_booked(clinic: Clinic, n: int) -> list[Call]:
    whose, start = patient(), clinic.at("10:00", day=day(n))
    return [book(clinic, start + timedelta(minutes=15 * (i % 6)), whose) for i in range(RIVALS)]


def one_patient_confirms(clinic: Clinic, n: int) -> list[Call]:
    whose, start = patient(), clinic.at("10:00", day=day(n))
    holders = [f"browser {n} {i}" for i in range(3)]
    for holder in holders:
        hold(clinic, start, holder=holder)()
    return [confirm(holder, whose) for holder in holders]


def one_patient_within_the_rest_days(clinic: Clinic, n: int) -> list[Call]:
    """Times that do not overlap, all within the 28 days between two needlings."""
    whose, monday = patient(), MONDAY + timedelta(weeks=n)
    times = [(clock, monday + timedelta(days=d)) for d in range(3) for clock in ("09:15", "13:00")]
    return [book(clinic, clinic.at(clock, day=on), whose) for clock, on in times]


def one_patient_at_two_places(clinic: Clinic, n: int) -> list[Call]:
    """The places have nothing in common, so only the patient's own lock stands between the bookings."""
    whose, elsewhere, monday = patient(), copy(clinic), MONDAY + timedelta(weeks=n)
    elsewhere.place = second_place(clinic)
    return [book([clinic, elsewhere][i % 2], clinic.at("09:15", day=monday + timedelta(days=i)), whose) for i in range(4)]


def second_place(clinic: Clinic) -> Location:
    """Another location with people and rooms of its own."""
    known = Location.objects.filter(slug="low-street").first()
    if known:
        return known
    place = build.location(slug="low-street")
    for kind in ("practitioner", "room"):
        build.resource(kind, place, treatments=[clinic.microneedling])
    build.resource("device", place, treatments=[], device_kind="needling_pen")
    build.offer(place, clinic.microneedling)
    return place


def one_hold_two_patients(clinic: Clinic, n: int) -> list[Call]:
    hold(clinic, clinic.at("10:00", day=day(n)), holder=f"shared {n}")()
    return [confirm(f"shared {n}", one) for one in patients(RIVALS)]


def cancelled_by_many(clinic: Clinic, n: int) -> list[Call]:
    visit = book(clinic, clinic.at("10:00", day=day(n)), patient())()
    return [move(clinic, visit, "cancel") for _ in range(RIVALS)]


MORE_THAN_ONE_EACH = "select count(*) - count(distinct patient_id) from scheduling_appointment"
RACES = {
    "the same start": Race(same_start, 1),
    "overlapping starts": Race(staggered_starts, 1),
    "a shared room": Race(partial(asked_practitioners, rooms=1, pens=2), 1),
    "a shared device": Race(partial(asked_practitioners, rooms=2, pens=1), 1),
    "a device fixed in a room": Race(device_fixed_in_a_room, 1),
    "three practitioners, two rooms": Race(partial(same_start, practitioners=3, rooms=2, pens=3), 2),
    "two practitioners, three rooms": Race(partial(same_start, practitioners=2, rooms=3, pens=3), 2),
    "three of everything": Race(partial(same_start, practitioners=3, rooms=3, pens=3), 3),
    "telephone and browser": Race(telephone_and_browser, 1),
    "lapsed holds": Race(lapsed_holds, 3, (*TAKEN, HoldLost), NO_VISIT_GUARD, harness.WITHOUT_CLAIMS),
    "an undone cancellation": Race(undone_cancellation, 1),
    "changes to one time": Race(changes_to_one_time, 1),
    "a change and bookings": Race(changes_and_bookings, 1),
    "courses that share a time": Race(courses_that_meet, 1),
    "visits booked in front that share a time": Race(fronts_that_meet, 1),
    "one patient is booked twelve times": Race(
        one_patient_booked,
        1,
        (PatientBusy, TooSoon),
        (NO_PATIENT_GUARD, NO_CLAIM_GUARD),  # all are given the same room: claims would stop them first
        harness.PATIENTS_IN_TWO_PLACES,
    ),
    "one patient confirms three holds": Race(
        one_patient_confirms, 1, (PatientBusy, TooSoon), (NO_PATIENT_GUARD,), harness.PATIENTS_IN_TWO_PLACES
    ),
    "one hold, twelve patients": Race(one_hold_two_patients, 1, (HoldLost,), (), harness.SAME_MOVE_TWICE),
    "twelve cancel one visit": Race(cancelled_by_many, 1, (NotNow,), (), harness.SAME_MOVE_TWICE),
    # No constraint knows of rest days: here the lock is all there is.
    "one patient within the rest days": Race(one_patient_within_the_rest_days, 1, (TooSoon,), (), MORE_THAN_ONE_EACH),
    "one patient at two places": Race(one_patient_at_two_places, 1, (TooSoon,), (), MORE_THAN_ONE_EACH),
}


# --- One request, sent many times -------------------------------------------------------------------------------------


def hold_sent_again(clinic: Clinic, n: int) -> list[Call]:
    key = uuid4()
    return [hold(clinic, clinic.at("10:00", day=day(n)), holder=f"double {n}", key=key) for _ in range(RIVALS)]


def booking_sent_again(clinic: Clinic, n: int) -> list[Call]:
    key, whose = uuid4(), patient()
    return [book(clinic, clinic.at("10:00", day=day(n)), whose, key=key) for _ in range(RIVALS)]


def confirmation_sent_again(clinic: Clinic, n: int) -> list[Call]:
    key, whose = uuid4(), patient()
    hold(clinic, clinic.at("10:00", day=day(n)), holder=f"double {n}")()
    return [confirm(f"double {n}", whose, key=key) for _ in range(RIVALS)]


@dataclass(frozen=True)
class Repetition:
    """All of `rivals` get the same visit. Without locks and `guards`, `harm` counts more than nothing.

    The key's constraint is the one under test; the claims' goes too, because it would stop a repetition first.
    """

    rivals: Callable[[Clinic, int], list[Call]]
    guards: tuple[str, ...]
    harm: str


REPETITIONS = {
    "hold": Repetition(hold_sent_again, (NO_KEY_GUARD, NO_CLAIM_GUARD, NO_HOLDER_GUARD), harness.TWO_HOLDS),
    "booking": Repetition(
        booking_sent_again, (NO_KEY_GUARD, NO_CLAIM_GUARD, NO_PATIENT_GUARD), harness.PATIENTS_IN_TWO_PLACES
    ),
    "confirmation": Repetition(confirmation_sent_again, (NO_KEY_GUARD,), harness.SAME_MOVE_TWICE),
}
