"""Hold, confirm, book, cancel and every other verb, on real Postgres."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Claim, Status
from clinic.scheduling.operations import Booking, Choice, Confirmation, Wish
from clinic.scheduling.refusals import HoldLost, JustTaken, KeyReused, NotBookable, PatientBusy, TooSoon
from tests.build import NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def hold(clinic: Clinic, clock: str = "10:00", holder: str = "browser", now=NOW, key=None, **fields) -> Appointment:
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock), **fields)
    return operations.hold(holder=holder, address="192.0.2.1", choice=choice, key=key or uuid4(), now=now)


def confirm(visit_of, holder: str = "browser", now=NOW, key=None) -> Appointment:
    actor = Actor(task="test")
    return operations.confirm(actor=actor, wish=Confirmation(holder, visit_of), key=key or uuid4(), now=now)


def book(clinic: Clinic, who, clock: str = "10:00", key=None, **fields) -> Appointment:
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock))
    booking = Booking(choice, who, **fields)
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=key or uuid4(), now=NOW)


def test_a_hold_claims_people_rooms_and_devices_as_the_steps_say(clinic: Clinic) -> None:
    visit = hold(clinic)
    assert visit.status == Status.PROPOSED
    assert visit.during.upper - visit.during.lower == timedelta(minutes=90)
    kinds = [claim.resource.kind for claim in visit.claims.select_related("resource")]
    assert sorted(kinds) == ["device", "practitioner", "practitioner", "room"]  # numbing frees the practitioner


def test_a_held_time_is_taken_for_others(clinic: Clinic) -> None:
    hold(clinic)
    with pytest.raises(JustTaken):
        hold(clinic, holder="another")


def test_a_new_hold_gives_the_old_one_back(clinic: Clinic) -> None:
    hold(clinic)
    hold(clinic, "10:30")
    assert Appointment.objects.count() == 1


def test_a_lapsed_hold_is_in_nobodys_way(clinic: Clinic) -> None:
    hold(clinic)
    visit = hold(clinic, holder="another", now=NOW + timedelta(minutes=11))
    assert Appointment.objects.get() == visit


def test_confirming_makes_it_the_patients_visit_and_touches_no_claim(clinic: Clinic) -> None:
    claims = set(hold(clinic).claims.values_list("pk", flat=True))
    visit = confirm(patient())
    assert visit.status == Status.BOOKED
    assert set(Claim.objects.values_list("pk", flat=True)) == claims
    assert [event.verb for event in visit.events.all()] == ["confirm"]


def test_a_repeated_confirmation_is_the_same_visit(clinic: Clinic) -> None:
    hold(clinic)
    key, who = uuid4(), patient()
    assert confirm(who, key=key) == confirm(who, key=key)
    with pytest.raises(KeyReused):
        confirm(patient(given="Other"), key=key)


def test_without_a_hold_there_is_nothing_to_confirm(clinic: Clinic) -> None:
    with pytest.raises(HoldLost):
        confirm(patient())


@pytest.mark.parametrize("clock", ["10:07", "08:00", "16:45", "03:00"])
def test_a_time_that_is_never_offered_is_refused(clinic: Clinic, clock: str) -> None:
    with pytest.raises(NotBookable):
        hold(clinic, clock)


def test_the_skin_rests_between_visits(clinic: Clinic) -> None:
    who = patient()
    book(clinic, who)
    with pytest.raises(TooSoon) as refusal:
        book(clinic, who, "14:00")
    assert (refusal.value.earliest - clinic.at("10:00").date()).days == 28
    assert book(clinic, who, "14:00", override="patient travels").status == Status.BOOKED


def test_nobody_is_in_two_visits_at_once(clinic: Clinic) -> None:
    who = patient()
    book(clinic, who)
    with pytest.raises(PatientBusy):
        book(clinic, who, "11:00", override="x")


def test_a_day_in_the_life_of_a_visit(clinic: Clinic) -> None:
    visit = book(clinic, patient())
    doctor, desk = Actor(user=clinic.practitioners[0].user), Actor(user=clinic.reception)
    start = clinic.at("10:00")

    def move(actor: Actor, verb: str, minutes: int, reason: str = "") -> Appointment:
        now = start + timedelta(minutes=minutes)
        return operations.transition(actor=actor, wish=Wish(visit.pk, verb, reason), now=now)

    before = sorted(visit.claims.values_list("resource", "during"))
    assert move(desk, "arrive", -10).status == Status.ARRIVED
    assert move(doctor, "start", 0).status == Status.CHECKED_IN
    done = move(doctor, "complete", 60)
    assert done.status == Status.FULFILLED
    assert done.during.upper == start + timedelta(minutes=60)
    assert max(claim.during.upper for claim in done.claims.all()) == done.occupied.upper
    assert move(doctor, "reopen", 70).status == Status.CHECKED_IN
    assert sorted(visit.claims.values_list("resource", "during")) == before


def test_a_cancelled_time_is_free_again_and_can_be_taken_back_only_while_free(clinic: Clinic) -> None:
    visit = book(clinic, patient())
    desk = Actor(user=clinic.reception)
    operations.transition(actor=desk, wish=Wish(visit.pk, "cancel"), now=NOW)
    assert not Claim.objects.exists()
    other = book(clinic, patient(given="Other"))
    with pytest.raises(JustTaken):
        operations.transition(actor=desk, wish=Wish(visit.pk, "undo-cancel"), now=NOW)
    operations.transition(actor=desk, wish=Wish(other.pk, "cancel"), now=NOW)
    assert operations.transition(actor=desk, wish=Wish(visit.pk, "undo-cancel"), now=NOW).status == Status.BOOKED
