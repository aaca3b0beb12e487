"""Waiting for a time: joining, being offered what is free, accepting, declining, letting it pass."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from clinic import letters
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, BookingPolicy, Claim, Closure, Status, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import Booking, Choice, Joining, Wish
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.refusals import (
    AlreadyWaiting,
    JustTaken,
    KeyReused,
    NotAllowed,
    NotBookable,
    NotNow,
    OfferGone,
    PatientBusy,
    Refused,
    TalkFirst,
    TooManyVisits,
    TooSoon,
)
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic
from tests.patients.world import answer_all, person, ticket
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ANSWERS = WaitlistOffer.Answer


@pytest.fixture
def clinic() -> Clinic:
    """One of everything: a needling takes half a day of it."""
    return Clinic()


def wishes(first: date = MONDAY, last: date = MONDAY, **fields: Any) -> Wishes:
    return Wishes(first, last, **fields)


def join(
    clinic: Clinic, who: Patient, wished: Wishes | None = None, *, since: datetime = NOW, instead_of: Any = None
) -> WaitlistEntry:
    joining = Joining(who, clinic.microneedling, clinic.place, wished or wishes(), instead_of)
    entry = operations.join(actor=Actor(user=clinic.reception), joining=joining, now=NOW)
    WaitlistEntry.objects.filter(pk=entry.pk).update(created_at=since)
    return entry


def book(clinic: Clinic, who: Patient, clock: str = "10:00", day: date = MONDAY, **more: Any) -> Appointment:
    choice = Choice(more.pop("treatment", clinic.microneedling), clinic.place, clinic.at(clock, day=day))
    return operations.book(actor=Actor(user=clinic.reception), booking=Booking(choice, who, **more), key=uuid4(), now=NOW)


def fill(clinic: Clinic, day: date = MONDAY) -> list[Appointment]:
    """No needling can start on that day any more."""
    return [book(clinic, build.patient(given=f"At {clock}"), clock, day) for clock in ("09:05", "11:00", "12:50", "14:35")]


def cancel(clinic: Clinic, visit: Appointment) -> None:
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, "cancel"), now=NOW)


def offer(now: datetime = NOW) -> list[WaitlistOffer]:
    """What is offered by a look at `now`."""
    known = set(WaitlistOffer.objects.values_list("pk", flat=True))
    made = operations.offer_times(now=now)
    fresh = list(WaitlistOffer.objects.exclude(pk__in=known))
    assert len(fresh) == made
    return fresh


def accept(clinic: Clinic, offered: WaitlistOffer, *, now: datetime = NOW, key: Any = None, **actor: Any) -> Appointment:
    by = Actor(**(actor or {"user": clinic.reception}))
    return operations.accept(actor=by, offer=offered.pk, key=key or uuid4(), now=now)


def decline(clinic: Clinic, offered: WaitlistOffer, now: datetime = NOW) -> WaitlistOffer:
    return operations.decline(actor=Actor(user=clinic.reception), offer=offered.pk, now=now)


def answer_of(offered: WaitlistOffer) -> str:
    return WaitlistOffer.objects.get(pk=offered.pk).answer


# --- Joining ----------------------------------------------------------------------------------------------------------


def test_patients_wait_for_themselves_and_staff_put_anybody_on_the_list(clinic: Clinic) -> None:
    who = person()
    joining = Joining(who, clinic.microneedling, clinic.place, wishes())
    entry = operations.join(actor=Actor(user=who.user), joining=joining, now=NOW)
    assert (entry.outcome, entry.created_at, entry.days.upper) == ("waiting", NOW, MONDAY + DAY)
    with pytest.raises(NotAllowed):
        operations.join(actor=Actor(user=person(given="Other").user), joining=joining, now=NOW)
    assert join(clinic, build.patient(given="Telephones")).outcome == "waiting"


def test_the_same_again_is_one_entry_and_other_wishes_are_a_change(clinic: Clinic) -> None:
    who = build.patient()
    entry = join(clinic, who)
    assert join(clinic, who) == entry
    with pytest.raises(AlreadyWaiting):
        join(clinic, who, wishes(weekdays=(1,)))
    changed = operations.change_wishes(
        actor=Actor(user=clinic.reception), entry=entry.pk, wishes=wishes(weekdays=(1, 2), note="by bus"), now=NOW
    )
    assert (changed.weekdays, changed.note, changed.created_at) == ([1, 2], "by bus", NOW)


@pytest.mark.parametrize(
    "wished",
    [
        wishes(MONDAY, MONDAY - DAY),
        wishes(MONDAY - 30 * DAY, MONDAY - 20 * DAY),
        wishes(practitioner=999_999),
        wishes(from_time=time(12), to_time=time(12)),
    ],
)
def test_wishes_that_can_never_be_met_are_refused(clinic: Clinic, wished: Wishes) -> None:
    with pytest.raises(NotBookable):
        join(clinic, build.patient(), wished)


def test_only_an_own_visit_to_come_can_be_made_sooner(clinic: Clinic) -> None:
    who, later = build.patient(), MONDAY + 7 * DAY
    visit = book(clinic, who, day=later)
    with pytest.raises(NotNow):
        join(clinic, build.patient(given="Other"), instead_of=visit.pk)
    with pytest.raises(NotNow):
        join(clinic, who, instead_of=uuid4())
    cancel(clinic, visit)
    with pytest.raises(NotNow):
        join(clinic, who, instead_of=visit.pk)


def test_leaving_the_list_gives_an_offered_time_back(clinic: Clinic) -> None:
    entry = join(clinic, build.patient())
    (offered,) = offer()
    for _ in range(2):
        left = operations.withdraw(actor=Actor(user=clinic.reception), entry=entry.pk, now=NOW)
    assert (left.outcome, left.closed_at, answer_of(offered)) == ("withdrawn", NOW, ANSWERS.DECLINED)
    assert not Appointment.objects.exists()
    assert offer() == []


@pytest.mark.parametrize("verb", ["withdraw", "change_wishes"])
def test_nobody_touches_anothers_entry(clinic: Clinic, verb: str) -> None:
    entry, other = join(clinic, person()), Actor(user=person(given="Other").user)
    more = {"wishes": wishes()} if verb == "change_wishes" else {}
    with pytest.raises(NotAllowed):
        getattr(operations, verb)(actor=other, entry=entry.pk, now=NOW, **more)
    with pytest.raises(NotNow):
        getattr(operations, verb)(actor=other, entry=uuid4(), now=NOW, **more)


# --- Offers -----------------------------------------------------------------------------------------------------------


def test_a_freed_time_is_held_for_whoever_waits_and_a_letter_says_so(clinic: Clinic) -> None:
    visits = fill(clinic)
    entry = join(clinic, build.patient(email="pat@example.org"))
    assert offer() == []
    cancel(clinic, visits[1])
    (offered,) = offer()
    hold = offered.hold
    assert hold is not None
    assert (offered.entry, offered.start) == (entry, hold.during.lower)
    assert (hold.status, hold.held_for, hold.held_for_entry, hold.patient) == ("proposed", "waitlist", entry, None)
    assert hold.expires_at == offered.expires_at == NOW + 4 * HOUR
    assert hold.claims.exists()
    assert Envelope.objects.filter(kind="offer", subject=offered.pk).count() == 1
    assert offer() == []  # a second look offers nothing more


def test_an_added_time_is_found_as_well(clinic: Clinic) -> None:
    closed = Closure.objects.create(location=clinic.place, during=(clinic.at("00:00"), clinic.at("23:59")))
    join(clinic, build.patient())
    assert offer() == []
    closed.delete()
    assert len(offer()) == 1


def test_an_offered_time_is_taken_for_others(clinic: Clinic) -> None:
    join(clinic, build.patient())
    (offered,) = offer()
    with pytest.raises(JustTaken):
        book(clinic, build.patient(given="Quick"), f"{offered.start:%H:%M}")


def test_whoever_waits_longest_comes_first(clinic: Clinic) -> None:
    visits = fill(clinic)
    for n in range(3):
        join(clinic, build.patient(given=f"P{n}"), since=NOW - (3 - n) * HOUR)
    cancel(clinic, visits[1])
    assert [str(one.entry.patient) for one in offer()] == ["P0 Example"]


def test_whose_wishes_are_all_met_comes_before_whoever_waits_longer(clinic: Clinic) -> None:
    visits = fill(clinic)
    join(clinic, build.patient(given="Longer"), wishes(weekdays=(2,)), since=NOW - DAY)
    join(clinic, build.patient(given="Fitting"), wishes(weekdays=(1,)))
    cancel(clinic, visits[1])
    (offered,) = offer()
    assert offered.entry.patient.given_name == "Fitting"
    decline(clinic, offered)
    assert [one.entry.patient.given_name for one in offer()] == ["Longer"]


def test_no_day_but_those_asked_for_is_offered(clinic: Clinic) -> None:
    join(clinic, build.patient(), wishes(MONDAY + DAY, MONDAY + 2 * DAY, weekdays=(3,)))
    (offered,) = offer()
    assert offered.start.date() == MONDAY + 2 * DAY
    decline(clinic, offered)
    assert [one.start.date() for one in offer()] == [MONDAY + 2 * DAY]  # later that day, all wishes met
    Closure.objects.create(location=clinic.place, during=(clinic.at("00:00"), clinic.at("23:59", day=MONDAY + 2 * DAY)))
    decline(clinic, WaitlistOffer.objects.get(answer="open"))
    assert offer() == []


def test_the_practitioner_asked_for_has_the_time() -> None:
    clinic = Clinic(practitioners=2, rooms=2, pens=2)
    wished = clinic.practitioners[1]
    join(clinic, build.patient(), wishes(practitioner=wished.pk))
    (offered,) = offer()
    assert offered.practitioner == wished


def test_the_skin_rests_before_an_offer_as_before_a_booking(clinic: Clinic) -> None:
    who = build.patient()
    book(clinic, who, "09:05")
    join(clinic, who, wishes(MONDAY, MONDAY + 40 * DAY))
    (offered,) = offer()
    assert offered.start.date() == MONDAY + 28 * DAY


def test_somebody_whose_answers_ask_to_talk_first_is_not_offered_a_time() -> None:
    clinic = Clinic(screening=True)
    blocked, free = person(given="Blocked"), person(given="Free")
    answer_all(blocked, ticket(on=MONDAY), NOW, pregnant="yes")
    answer_all(free, ticket(on=MONDAY), NOW)
    for who in (blocked, free):
        join(clinic, who, since=NOW - (DAY if who == blocked else HOUR))
    assert [one.entry.patient for one in offer()] == [free]


def test_a_patient_is_never_offered_a_time_at_which_they_are_here_already() -> None:
    clinic, who = Clinic(practitioners=2, rooms=2, pens=2), build.patient()
    coming = book(clinic, who, "10:00", treatment=clinic.consultation)
    join(clinic, who, wishes(from_time=time(9, 30)))
    (offered,) = offer()
    assert offered.start == coming.during.upper  # people, room and pen are free at 9:30, the patient is not


def test_who_has_as_many_visits_as_can_be_booked_is_not_offered_more(clinic: Clinic) -> None:
    BookingPolicy.objects.create(open_visits=1)
    who = build.patient()
    book(clinic, who, "10:00", treatment=clinic.consultation)
    join(clinic, who, wishes(MONDAY + DAY, MONDAY + DAY))
    assert offer() == []


def test_one_person_has_one_open_offer_and_is_never_asked_the_same_twice(clinic: Clinic) -> None:
    entry, starts = join(clinic, build.patient()), []
    while made := offer():
        starts.append(made[0].start)
        decline(clinic, made[0])
    assert len(starts) == len(set(starts))
    assert all(later - earlier >= 2 * HOUR for earlier, later in pairwise(starts))
    assert WaitlistEntry.objects.get(pk=entry.pk).outcome == "waiting"


@pytest.mark.parametrize(("hour", "offers"), [(3, 0), (7, 0), (8, 1), (19, 1), (20, 0)])
def test_times_are_offered_by_day(clinic: Clinic, hour: int, offers: int) -> None:
    join(clinic, build.patient(), wishes(MONDAY + DAY, MONDAY + 9 * DAY))
    assert operations.offer_times(now=clinic.at(f"{hour:02}:00", day=NOW.date() + DAY)) == offers


def test_an_unanswered_offer_passes_on(clinic: Clinic) -> None:
    fill(clinic)
    cancel(clinic, Appointment.objects.order_by("during")[1])
    first = join(clinic, build.patient(given="First"), since=NOW - HOUR)
    second = join(clinic, build.patient(given="Second"))
    (offered,) = offer()
    assert offered.entry == first
    assert offer(NOW + 4 * HOUR - MINUTE) == []
    (passed_on,) = offer(NOW + 4 * HOUR)
    assert (passed_on.entry, passed_on.start, answer_of(offered)) == (second, offered.start, ANSWERS.LAPSED)
    assert Appointment.objects.filter(status=Status.PROPOSED).count() == 1


def test_a_sweep_leaves_what_is_still_kept_and_a_booking_takes_what_is_not(clinic: Clinic) -> None:
    join(clinic, build.patient())
    (offered,) = offer()
    operations.sweep(now=NOW + 3 * HOUR)
    assert Appointment.objects.filter(status=Status.PROPOSED).exists()
    choice = Choice(clinic.microneedling, clinic.place, offered.start)
    operations.hold(holder="browser", address=None, choice=choice, key=uuid4(), now=NOW + 5 * HOUR)
    assert offer(NOW + 5 * HOUR) != [offered]
    assert answer_of(offered) == ANSWERS.LAPSED


def test_who_waited_for_days_that_are_over_waits_no_more(clinic: Clinic) -> None:
    entry = join(clinic, build.patient())
    offer()
    assert offer(clinic.at("00:00", day=MONDAY + DAY)) == []
    entry.refresh_from_db()
    assert entry.outcome == "withdrawn"
    assert not Appointment.objects.exists()


def test_what_is_no_longer_offered_is_not_offered_here_either(clinic: Clinic) -> None:
    join(clinic, build.patient())
    clinic.place.active = False
    clinic.place.save()
    assert offer() == []


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_an_accepted_time_is_the_patients_visit_and_no_claim_is_touched(clinic: Clinic) -> None:
    who = person(email="pat@example.org")
    entry = join(clinic, who)
    (offered,) = offer()
    claims = set(Claim.objects.values_list("pk", flat=True))
    visit = accept(clinic, offered, user=who.user)
    entry.refresh_from_db()
    assert (visit.status, visit.patient, visit.during.lower) == (Status.BOOKED, who, offered.start)
    assert (entry.outcome, answer_of(offered)) == ("booked", ANSWERS.ACCEPTED)
    assert set(Claim.objects.values_list("pk", flat=True)) == claims
    assert [event.verb for event in visit.events.all()] == ["confirm"]
    assert Envelope.objects.filter(kind="confirmation", subject=visit.pk).count() == 1


def test_accepting_twice_is_one_visit(clinic: Clinic) -> None:
    join(clinic, build.patient())
    (offered,) = offer()
    key = uuid4()
    visits = {accept(clinic, offered, key=each).pk for each in (key, key, uuid4())}
    assert len(visits) == Appointment.objects.count() == 1
    with pytest.raises(OfferGone):
        decline(clinic, offered)
    join(clinic, build.patient(given="Other"), wishes(MONDAY + DAY, MONDAY + DAY))
    with pytest.raises(KeyReused):
        accept(clinic, offer()[0], key=key)


def test_only_the_patient_and_staff_answer(clinic: Clinic) -> None:
    join(clinic, person())
    (offered,) = offer()
    stranger = Actor(user=person(given="Other").user)
    with pytest.raises(NotAllowed):
        operations.accept(actor=stranger, offer=offered.pk, key=uuid4(), now=NOW)
    with pytest.raises(NotAllowed):
        operations.decline(actor=stranger, offer=offered.pk, now=NOW)
    assert answer_of(offered) == ANSWERS.OPEN


def test_a_time_that_is_gone_cannot_be_accepted(clinic: Clinic) -> None:
    join(clinic, build.patient())
    (offered,) = offer()
    decline(clinic, offered)
    decline(clinic, offered)  # twice is once
    with pytest.raises(OfferGone):
        accept(clinic, offered)
    with pytest.raises(OfferGone):
        operations.accept(actor=Actor(user=clinic.reception), offer=uuid4(), key=uuid4(), now=NOW)
    (again,) = offer()
    with pytest.raises(OfferGone):
        accept(clinic, again, now=again.start)


def test_what_happened_meanwhile_is_looked_at_when_the_offer_is_accepted() -> None:
    clinic = Clinic(practitioners=2, rooms=2, pens=2)
    who = person()
    join(clinic, who, wishes(from_time=time(13)))
    (offered,) = offer()
    book(clinic, who, f"{offered.start:%H:%M}", treatment=clinic.consultation)
    with pytest.raises(PatientBusy):
        accept(clinic, offered, user=who.user)
    cancel(clinic, Appointment.objects.get(status=Status.BOOKED))
    book(clinic, who, "09:05", MONDAY + DAY)
    with pytest.raises(TooSoon):
        accept(clinic, offered, user=who.user)
    assert answer_of(offered) == ANSWERS.OPEN


def test_the_limit_of_visits_binds_patients_not_staff() -> None:
    clinic = Clinic(practitioners=2, rooms=2, pens=2)
    who = person()
    join(clinic, who, wishes(from_time=time(13)))
    (offered,) = offer()
    book(clinic, who, "09:05", treatment=clinic.consultation)
    BookingPolicy.objects.create(open_visits=1)
    with pytest.raises(TooManyVisits):
        accept(clinic, offered, user=who.user)
    assert accept(clinic, offered).status == Status.BOOKED


def test_answers_that_have_changed_are_heard() -> None:
    clinic, who = Clinic(screening=True), person()
    answer_all(who, ticket(on=MONDAY), NOW)
    join(clinic, who)
    (offered,) = offer()
    later = NOW + 25 * HOUR  # 24 hours on, answers about the last days are asked again
    answer_all(who, ticket(on=MONDAY), later, pregnant="yes")
    WaitlistOffer.objects.update(expires_at=later + HOUR)
    with pytest.raises(TalkFirst):
        accept(clinic, offered, now=later, user=who.user)


# --- A visit that is to be sooner -------------------------------------------------------------------------------------


def sooner(clinic: Clinic, who: Patient, **more: Any) -> tuple[Appointment, WaitlistEntry]:
    visit = book(clinic, who, day=MONDAY + 7 * DAY)
    entry = join(clinic, who, wishes(MONDAY, MONDAY + 20 * DAY, **more), instead_of=visit.pk)
    return visit, entry


def test_a_visit_takes_over_the_sooner_time_and_gives_up_its_own(clinic: Clinic) -> None:
    who = person()
    visit, entry = sooner(clinic, who)
    (offered,) = offer()
    assert offered.start.date() == MONDAY
    moved = accept(clinic, offered, user=who.user)
    entry.refresh_from_db()
    assert (moved.pk, moved.during.lower, moved.status) == (visit.pk, offered.start, Status.BOOKED)
    assert (entry.outcome, answer_of(offered)) == ("booked", ANSWERS.ACCEPTED)
    assert Appointment.objects.get() == visit
    assert accept(clinic, offered, user=who.user) == visit
    assert [event.verb for event in visit.events.all()] == ["book", "accept"]
    assert Envelope.objects.filter(kind="changed", subject=visit.pk).count() == 1


def test_no_time_after_the_visit_is_offered_in_its_place(clinic: Clinic) -> None:
    visit, _ = sooner(clinic, build.patient())
    Closure.objects.create(location=clinic.place, during=(clinic.at("00:00"), clinic.at("09:00", day=MONDAY + 7 * DAY)))
    Closure.objects.create(
        location=clinic.place,
        during=(clinic.at("09:00", day=MONDAY + 7 * DAY), clinic.at("10:00", day=MONDAY + 7 * DAY)),
    )
    assert offer() == []
    assert visit.status == Status.BOOKED


def test_when_the_visit_is_cancelled_nobody_waits_for_it(clinic: Clinic) -> None:
    visit, entry = sooner(clinic, build.patient())
    (offered,) = offer()
    cancel(clinic, visit)
    with pytest.raises(Refused):
        accept(clinic, offered)
    assert offer() == []
    entry.refresh_from_db()
    assert (entry.outcome, answer_of(offered)) == ("withdrawn", ANSWERS.LAPSED)


# --- The letter -------------------------------------------------------------------------------------------------------


def test_the_letter_is_neutral_and_only_sent_while_the_time_is_kept(clinic: Clinic) -> None:
    join(clinic, build.patient(email="pat@example.org"))
    (offered,) = offer()
    letter = letters.compose("offer", offered.pk)
    assert letter is not None
    assert letter.to == ["pat@example.org"]
    assert f"/waitlist/offers/{offered.pk}/" in letter.body
    assert "London time" in letter.body
    whole = f"{letter.subject} {letter.body}".lower()
    assert [word for word in ("needling", "laser", "acne", "scar", "skin", "treat") if word in whole] == []
    decline(clinic, offered)
    assert letters.compose("offer", offered.pk) is None
    assert letters.compose("offer", uuid4()) is None
