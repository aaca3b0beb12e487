"""A repeated request is answered, not done again; another request under the same key is neither."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, AppointmentEvent, Claim, IdempotencyKey, Status
from clinic.scheduling.operations import Booking, Change, Choice, Confirmation, NewCourse, Planned, Wish
from clinic.scheduling.refusals import HoldLost, JustTaken, KeyReused, Refused
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

FIVE_WEEKS = timedelta(weeks=5)
HASH = "5f" * 32  # as long as the hash of a browser's token


@pytest.fixture(scope="module")
def committed(template: str, django_db_blocker) -> Iterator[Clinic]:
    with django_db_blocker.unblock(), build.filled(template, practitioners=2) as (name, clinic), build.pointed_at(name):
        yield clinic


@pytest.fixture
def clinic(committed: Clinic, db: None) -> Clinic:
    return committed


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    return patient(user=build.user())


def choice(clinic: Clinic, clock: str = "10:00", **fields: object) -> Choice:
    return Choice(clinic.microneedling, clinic.place, clinic.at(clock), **fields)


def hold(clinic: Clinic, key: UUID, clock: str = "10:00", holder: str = HASH, now=NOW, **fields: object) -> Appointment:
    wanted = choice(clinic, clock, **fields)
    return operations.hold(holder=holder, address="192.0.2.1", choice=wanted, key=key, now=now)


def confirm(whose: Patient, key: UUID, actor: Actor | None = None, holder: str = HASH) -> Appointment:
    who = actor or Actor(user=whose.user)
    return operations.confirm(actor=who, wish=Confirmation(holder, whose), key=key, now=NOW)


def book(clinic: Clinic, booking: Booking, key: UUID, actor: Actor | None = None) -> Appointment:
    return operations.book(actor=actor or Actor(user=clinic.reception), booking=booking, key=key, now=NOW)


def stored() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Appointment, Claim, AppointmentEvent, Envelope, IdempotencyKey))


# --- The same request -----------------------------------------------------------------------------------------------


def test_a_repeated_booking_stores_nothing_and_is_the_same_visit(clinic: Clinic, pat: Patient) -> None:
    key, booking = uuid4(), Booking(choice(clinic), pat, note="rings the bell")
    visit = book(clinic, booking, key)
    before = stored()
    assert book(clinic, booking, key) == visit
    assert stored() == before


def test_a_repeated_hold_is_the_same_hold_for_as_long_as_before(clinic: Clinic) -> None:
    key = uuid4()
    first = hold(clinic, key)
    again = hold(clinic, key, now=NOW + timedelta(minutes=5))
    assert (again, again.expires_at) == (first, first.expires_at)
    assert Appointment.objects.count() == 1


def test_a_hold_that_was_repeated_after_it_became_a_visit_is_that_visit(clinic: Clinic, pat: Patient) -> None:
    """The back button: the page of times is sent once more after all was done."""
    key = uuid4()
    hold(clinic, key)
    visit = confirm(pat, uuid4())
    before = stored()
    assert hold(clinic, key) == visit
    assert stored() == before


def test_a_hold_that_was_given_back_is_held_anew_under_its_old_key(clinic: Clinic) -> None:
    key = uuid4()
    first = hold(clinic, key)
    operations.release(holder=HASH)
    assert not IdempotencyKey.objects.exists()
    assert hold(clinic, key) != first


def test_the_holder_itself_confirms(clinic: Clinic, pat: Patient) -> None:
    hold(clinic, uuid4())
    visit = confirm(pat, uuid4(), Actor(holder=HASH))
    assert visit.status == Status.BOOKED
    assert visit.events.get().user is None


# --- Another request under the key --------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Clinic, Booking], Booking]] = {
    "another time": lambda c, b: replace(b, choice=replace(b.choice, start=c.at("11:00"))),
    "another day": lambda c, b: replace(b, choice=replace(b.choice, start=c.at("10:00", day=MONDAY + timedelta(days=1)))),
    "another treatment": lambda c, b: replace(b, choice=replace(b.choice, treatment=c.consultation)),
    "another practitioner": lambda c, b: replace(b, choice=replace(b.choice, practitioner=c.practitioners[1].pk)),
    "another patient": lambda c, b: replace(b, patient=patient(given="Other")),
    "another note": lambda c, b: replace(b, note="something else"),
    "a reason to override": lambda c, b: replace(b, override="travels"),
    "another status": lambda c, b: replace(b, status=Status.PENDING),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_booking_under_the_key_is_refused(
    clinic: Clinic, pat: Patient, change: Callable[[Clinic, Booking], Booking]
) -> None:
    key, booking = uuid4(), Booking(choice(clinic), pat)
    book(clinic, booking, key)
    changed = change(clinic, booking)
    before = stored()
    with pytest.raises(KeyReused):
        book(clinic, changed, key)
    assert stored() == before


def test_another_hold_under_the_key_is_refused_and_the_old_one_stays(clinic: Clinic) -> None:
    key = uuid4()
    first = hold(clinic, key)
    with pytest.raises(KeyReused):
        hold(clinic, key, "14:00")
    assert Appointment.objects.get() == first


def test_confirming_another_hold_under_the_key_is_refused(clinic: Clinic, pat: Patient) -> None:
    """Otherwise the page would say “booked” of a time that is not: it shows the visit of the first hold."""
    key = uuid4()
    hold(clinic, uuid4())
    confirm(pat, key)
    later = Choice(clinic.consultation, clinic.place, clinic.at("14:00"))
    operations.hold(holder=HASH, address=None, choice=later, key=uuid4(), now=NOW)
    with pytest.raises(KeyReused):
        confirm(pat, key)


# --- Another actor ----------------------------------------------------------------------------------------------------


def test_a_colleagues_key_is_not_mine(clinic: Clinic, pat: Patient) -> None:
    key, booking = uuid4(), Booking(choice(clinic), pat)
    book(clinic, booking, key)
    colleague = Actor(user=build.user(roles=("receptionist",)))
    with pytest.raises(Refused):
        book(clinic, booking, key, colleague)


def test_another_browser_with_the_same_key_is_not_given_the_hold(clinic: Clinic) -> None:
    key = uuid4()
    hold(clinic, key)
    with pytest.raises(JustTaken):
        hold(clinic, key, holder="another")


def test_another_patient_with_the_same_key_is_not_shown_the_visit(clinic: Clinic, pat: Patient) -> None:
    key, other = uuid4(), patient(given="Other", user=build.user())
    hold(clinic, uuid4())
    confirm(pat, key)
    with pytest.raises(HoldLost):
        confirm(other, key)


@pytest.mark.parametrize("verb", ["reschedule", "reflow", "book_course"])
def test_what_a_colleague_sent_under_a_key_is_not_answered_to_me(clinic: Clinic, pat: Patient, verb: str) -> None:
    """My request is one of its own: done anew where that is possible, else refused."""
    key, visit, start = uuid4(), book(clinic, Booking(choice(clinic), pat), uuid4()), clinic.at("14:00")
    course = NewCourse(pat, clinic.place, (Planned(clinic.microneedling, clinic.at("10:00", day=MONDAY + FIVE_WEEKS)),))
    moved = Change(visit.pk, start)
    calls = {
        "reschedule": lambda actor: operations.reschedule(actor=actor, change=moved, key=key, now=NOW),
        "reflow": lambda actor: operations.reflow(actor=actor, changes=[moved], key=key, now=NOW),
        "book_course": lambda actor: operations.book_course(actor=actor, course=course, key=key, now=NOW),
    }
    colleague = Actor(user=build.user(roles=("receptionist",)))
    calls[verb](colleague)
    with suppress(Refused):
        calls[verb](Actor(user=clinic.reception))
    kept = set(IdempotencyKey.objects.filter(key=key).values_list("actor", flat=True))
    assert kept == {colleague.name} | ({Actor(user=clinic.reception).name} if verb != "book_course" else set())


# --- After a refusal, after a cancellation --------------------------------------------------------------------------------


def test_a_refused_request_leaves_its_key_unused(clinic: Clinic, pat: Patient) -> None:
    key, taken = uuid4(), book(clinic, Booking(choice(clinic), patient(given="First")), uuid4())
    with pytest.raises(JustTaken):
        book(clinic, Booking(choice(clinic), pat), key)
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(taken.pk, "cancel"), now=NOW)
    assert book(clinic, Booking(choice(clinic), pat), key).status == Status.BOOKED


def test_a_cancelled_time_can_be_booked_again_under_a_new_key(clinic: Clinic, pat: Patient) -> None:
    key, booking = uuid4(), Booking(choice(clinic), pat)
    first = book(clinic, booking, key)
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(first.pk, "cancel"), now=NOW)
    second = book(clinic, booking, uuid4())
    assert second != first
    assert second.status == Status.BOOKED
    assert book(clinic, booking, key) == first  # the old request was answered, and is not done again


def test_only_success_is_remembered_and_only_once(clinic: Clinic, pat: Patient) -> None:
    key = uuid4()
    visit = book(clinic, Booking(choice(clinic), pat), key)
    kept = IdempotencyKey.objects.get()
    assert (kept.actor, kept.key, kept.appointment) == (f"user:{clinic.reception.pk}", key, visit)
