"""Another time for the same visit: who may, when, where to, and what becomes of the old time."""

from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.calendar import calendar_file
from clinic.scheduling.models import Appointment, BookingPolicy, Claim, Closure, Location, Offer, Resource, Status
from clinic.scheduling.operations import Booking, Change, Choice, Wish
from clinic.scheduling.refusals import (
    HoldLost,
    JustTaken,
    KeyReused,
    NotAllowed,
    NotBookable,
    NotNow,
    PatientBusy,
    TalkFirst,
    TooLate,
    TooManyChanges,
    TooSoon,
)
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from treatments.acting import Actor
from treatments.models import TreatmentVersion
from treatments.operations import draft_of, publish

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(practitioners=2, rooms=2, pens=2)


@pytest.fixture
def pat() -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org")


def book(clinic: Clinic, who: Patient, clock: str = "10:00", **fields: Any) -> Appointment:
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock, day=fields.pop("day", MONDAY)))
    booking = Booking(choice, who, **fields)
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def change(visit: Appointment, start: datetime | None, by: Any, *, now: datetime = NOW, key=None, **to: Any) -> Appointment:
    asked = Change(visit.pk, start, **to)
    return operations.reschedule(actor=Actor(user=by), change=asked, key=key or uuid4(), now=now)


def busy(visit: Appointment) -> set[tuple[int, datetime]]:
    return set(visit.claims.values_list("resource", "during__startswith"))


def test_the_same_visit_with_its_version_and_price_is_at_another_time(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    moved = change(visit, clinic.at("13:00", day=TUESDAY), clinic.reception, reason="asked on the telephone")
    assert (moved.pk, moved.version, moved.price_minor) == (visit.pk, visit.version, visit.price_minor)
    stored = Appointment.objects.get()
    assert stored.during.lower == clinic.at("13:00", day=TUESDAY)
    assert all(stored.occupied.lower <= claim.during.lower for claim in stored.claims.all())
    assert stored.practitioner == visit.practitioner
    event = stored.events.last()
    assert (event.verb, event.number, event.reason) == ("reschedule", 2, "asked on the telephone")


def test_the_old_time_is_free_again_and_the_new_one_is_not(clinic: Clinic, pat: Patient) -> None:
    Resource.objects.filter(pk__in=[clinic.practitioners[1].pk, clinic.rooms[1].pk]).update(active=False)
    visit = book(clinic, pat)
    change(visit, clinic.at("13:00"), clinic.reception)
    book(clinic, patient(given="Other"))
    with pytest.raises(JustTaken):
        book(clinic, patient(given="Third"), "13:00")


def test_when_the_new_time_is_taken_the_old_one_is_kept(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    for other in ("One", "Two"):
        book(clinic, patient(given=other), "13:00")
    before = busy(visit)
    with pytest.raises(JustTaken):
        change(visit, clinic.at("13:00"), clinic.reception)
    assert busy(visit) == before
    assert visit.events.count() == 1


def test_a_visit_may_move_into_its_own_old_time(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    assert change(visit, clinic.at("10:15"), clinic.reception).during.lower == clinic.at("10:15")


def test_a_changed_treatment_leaves_the_booked_steps_as_they_were(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    draft = draft_of(actor=Actor(task="test"), live=clinic.version)
    step = draft.steps.get(position=3)
    step.minutes += 30
    step.save()
    publish(actor=Actor(task="test"), draft=draft, why="slower", now=NOW)
    moved = change(visit, clinic.at("13:00"), clinic.reception)
    assert moved.during.upper - moved.during.lower == visit.during.upper - visit.during.lower
    assert moved.version != TreatmentVersion.objects.live(NOW).get(treatment=clinic.microneedling)


def elsewhere(clinic: Clinic, zone: str) -> Clinic:
    """The same clinic at a second location with people and things of its own."""
    other = copy(clinic)
    other.place = build.location(slug="far", zone=zone)
    for kind in ("practitioner", "room"):
        build.resource(kind, other.place, treatments=[clinic.microneedling])
    build.resource("device", other.place, treatments=[], device_kind="needling_pen")
    build.offer(other.place, clinic.microneedling, price_minor=99900)
    return other


def test_a_visit_moves_to_a_location_in_another_zone_and_keeps_its_price(clinic: Clinic, pat: Patient) -> None:
    visit, far = book(clinic, pat), elsewhere(clinic, "America/New_York")
    moved = change(visit, far.at("10:00"), clinic.reception, location=far.place)
    assert moved.location == far.place
    assert moved.during.lower == datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
    assert moved.price_minor == visit.price_minor
    assert set(moved.claims.values_list("resource__location", flat=True)) == {None, far.place.pk}


def test_where_the_treatment_is_not_offered_it_cannot_go(clinic: Clinic, pat: Patient) -> None:
    visit, far = book(clinic, pat), elsewhere(clinic, "Europe/London")
    Offer.objects.filter(location=far.place).delete()
    with pytest.raises(NotBookable):
        change(visit, far.at("10:00"), clinic.reception, location=far.place)


def test_a_wish_for_another_practitioner_is_met(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    other = next(who for who in clinic.practitioners if who != visit.practitioner)
    assert change(visit, clinic.at("13:00"), clinic.reception, practitioner=other.pk).practitioner == other


def test_days_of_rest_hold_for_the_new_day_and_not_between_a_visit_and_itself(clinic: Clinic, pat: Patient) -> None:
    book(clinic, pat, day=MONDAY + 35 * DAY)
    visit = book(clinic, pat)
    change(visit, clinic.at("10:00", day=MONDAY + 7 * DAY), clinic.reception)
    with pytest.raises(TooSoon):
        change(visit, clinic.at("10:00", day=MONDAY + 8 * DAY), clinic.reception)


def test_nobody_is_in_two_places(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    talk = Booking(Choice(clinic.consultation, clinic.place, clinic.at("13:00")), pat)
    operations.book(actor=Actor(user=clinic.reception), booking=talk, key=uuid4(), now=NOW)
    with pytest.raises(PatientBusy):
        change(visit, clinic.at("12:30"), clinic.reception)


def test_a_patient_changes_the_own_visit_within_the_limits(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    moved = change(visit, clinic.at("13:00", day=TUESDAY), pat.user)
    assert moved.during.lower == clinic.at("13:00", day=TUESDAY)


def test_nobody_changes_the_visit_of_another_patient(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, patient(given="Other"))
    for who in (pat.user, clinic.practitioners[0].user, build.user(roles=("content_admin",))):
        with pytest.raises(NotAllowed):
            change(visit, clinic.at("13:00"), who)


def test_the_three_notices_are_three_settings(clinic: Clinic, pat: Patient) -> None:
    BookingPolicy.objects.create(notice_to_book_hours=1, notice_to_change_hours=48, notice_to_cancel_hours=2)
    visit = book(clinic, pat)
    late = visit.during.lower - timedelta(hours=47)
    with pytest.raises(TooLate):
        change(visit, clinic.at("13:00", day=TUESDAY), pat.user, now=late)
    change(visit, clinic.at("13:00", day=TUESDAY), pat.user, now=late - timedelta(hours=2))
    operations.transition(actor=Actor(user=pat.user), wish=Wish(visit.pk, "cancel"), now=late)


def test_the_new_time_must_be_one_that_is_offered_to_patients(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat, day=MONDAY + 14 * DAY)
    for start in (
        clinic.at("13:05", day=TUESDAY),
        clinic.at("20:00", day=TUESDAY),
        clinic.at("10:00", day=MONDAY + 140 * DAY),
        NOW + timedelta(minutes=75),
        NOW - DAY,
    ):
        with pytest.raises(NotBookable):
            change(visit, start, pat.user)
    assert change(visit, clinic.at("13:05", day=TUESDAY), clinic.reception)


def test_three_changes_and_then_by_telephone(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    for clock in ("11:00", "12:00", "13:00"):
        change(visit, clinic.at(clock, day=TUESDAY), pat.user)
    change(visit, clinic.at("12:30", day=TUESDAY), clinic.reception)
    with pytest.raises(TooManyChanges):
        change(visit, clinic.at("10:00", day=TUESDAY), pat.user)
    change(visit, clinic.at("10:00", day=TUESDAY), clinic.reception)


@pytest.mark.parametrize("verb", ["cancel", "arrive", "wrong-entry"])
def test_only_what_is_to_come_can_be_moved(clinic: Clinic, pat: Patient, verb: str) -> None:
    visit = book(clinic, pat)
    at = visit.during.lower if verb == "arrive" else NOW
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, verb, "why"), now=at)
    with pytest.raises(NotNow):
        change(visit, clinic.at("13:00"), clinic.reception, now=at)


def test_with_a_reason_staff_pass_over_rest_hours_and_closures_but_not_over_a_claim(clinic: Clinic, pat: Patient) -> None:
    book(clinic, pat, day=MONDAY + 28 * DAY)
    visit = book(clinic, pat)
    day = MONDAY + 13 * DAY  # a Sunday, too near to the other visit
    Closure.objects.create(
        location=clinic.place, during=DateTimeTZRange(clinic.at("00:00", day=day), clinic.at("00:00", day=day + DAY))
    )
    with pytest.raises(TooSoon):
        change(visit, clinic.at("21:00", day=day), clinic.reception)
    moved = change(visit, clinic.at("21:00", day=day), clinic.reception, override="she travels")
    assert moved.events.last().reason == "she travels"
    others = [book(clinic, patient(given=name), "13:00") for name in ("One", "Two")]
    assert len(others) == 2
    with pytest.raises(JustTaken):
        change(visit, clinic.at("13:00"), clinic.reception, override="at any price")


def test_nobody_relaxes_the_rules_for_themselves(clinic: Clinic) -> None:
    own = patient(given="Rec", user=clinic.reception)
    visit = book(clinic, own)
    with pytest.raises(NotAllowed):
        change(visit, clinic.at("13:00", day=TUESDAY), clinic.reception, override="for me")
    with pytest.raises(NotBookable):
        change(visit, clinic.at("13:05", day=TUESDAY), clinic.reception)


def test_the_patient_gets_one_letter_with_the_new_time(clinic: Clinic, pat: Patient) -> None:
    visit = book(clinic, pat)
    first = calendar_file(visit).decode()
    moved = change(visit, clinic.at("13:00"), clinic.reception)
    event = moved.events.last()
    assert list(Envelope.objects.filter(kind="changed").values_list("dedupe", flat=True)) == [f"changed:{event.pk}"]
    again = calendar_file(moved).decode()
    assert uid(first) == uid(again)
    assert ("SEQUENCE:1" in first, "SEQUENCE:2" in again) == (True, True)


def uid(file: str) -> str:
    return next(line for line in file.splitlines() if line.startswith("UID"))


def test_a_repeated_request_changes_the_time_once(clinic: Clinic, pat: Patient) -> None:
    visit, key = book(clinic, pat), uuid4()
    for _ in range(2):
        change(visit, clinic.at("13:00"), clinic.reception, key=key)
    assert visit.events.count() == 2
    with pytest.raises(KeyReused):
        change(visit, clinic.at("14:00"), clinic.reception, key=key)


class TestAnswers:
    @pytest.fixture
    def clinic(self) -> Clinic:
        return Clinic(practitioners=2, rooms=2, pens=2, screening=True)

    def test_an_acknowledged_visit_is_not_sent_back_for_the_same_answers(self, clinic: Clinic, pat: Patient) -> None:
        visit = self.acknowledged(clinic, pat)
        assert change(visit, clinic.at("13:00"), clinic.reception).status == Status.BOOKED

    def test_a_pending_visit_stays_pending(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)  # nothing is answered: unknown is never milder than no
        assert visit.status == Status.PENDING
        assert change(visit, clinic.at("13:00"), clinic.reception).status == Status.PENDING

    def test_a_closed_door_stays_closed_unless_staff_say_why(self, clinic: Clinic) -> None:
        child = patient()
        Patient.objects.update(birth_date=date(2011, 1, 1))
        visit = book(clinic, child, override="with the mother")
        with pytest.raises(TalkFirst):
            change(visit, clinic.at("13:00"), clinic.reception)
        assert change(visit, clinic.at("13:00"), clinic.reception, override="as agreed").status == Status.PENDING

    def acknowledged(self, clinic: Clinic, pat: Patient) -> Appointment:
        visit = book(clinic, pat)
        return operations.transition(actor=Actor(task="test"), wish=Wish(visit.pk, "acknowledge"), now=NOW)


class TestTaking:
    """A time that is held for the visit passes to it."""

    def proposed(self, clinic: Clinic, visit: Appointment, clock: str = "13:00") -> Appointment:
        choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock))
        hold = operations.hold(holder="x", address=None, choice=choice, key=uuid4(), now=NOW)
        Appointment.objects.filter(pk=hold.pk).update(held_for="closure", holder="", held_for_visit=visit)
        return hold

    def test_the_visit_takes_it_over_even_when_it_is_too_late_for_other_changes(self, clinic: Clinic, pat: Patient) -> None:
        visit = book(clinic, pat)
        hold = self.proposed(clinic, visit)
        moved = change(visit, None, pat.user, taking=hold.pk, now=visit.during.lower - timedelta(hours=1))
        assert moved.during == hold.during
        assert moved.practitioner == hold.practitioner
        assert Appointment.objects.get() == visit
        assert moved.events.last().verb == "accept"

    def test_a_hold_that_is_gone_or_for_another_visit_is_lost(self, clinic: Clinic, pat: Patient) -> None:
        visit, other = book(clinic, pat), book(clinic, patient(given="Other"), "13:00")
        for taking in (uuid4(), self.proposed(clinic, other, "14:30").pk):
            with pytest.raises(HoldLost):
                change(visit, None, pat.user, taking=taking)
        assert Claim.objects.filter(appointment=visit).exists()


def test_a_location_that_is_closed_for_good_keeps_nobody(clinic: Clinic, pat: Patient) -> None:
    """Visits of a closed location can still be moved away."""
    visit, far = book(clinic, pat), elsewhere(clinic, "Europe/London")
    Location.objects.filter(pk=clinic.place.pk).update(active=False)
    assert change(visit, far.at("10:00", day=TUESDAY), clinic.reception, location=far.place).location == far.place
