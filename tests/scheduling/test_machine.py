"""Whatever is done in whatever order, what must never be stored never is: random stories on the real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, AppointmentEvent, Claim, Closure, Status, WaitlistOffer
from clinic.scheduling.operations import (
    Adjustment,
    Booking,
    Change,
    Choice,
    Closing,
    Confirmation,
    Joining,
    NewCourse,
    Planned,
    Wish,
)
from clinic.scheduling.policies.intervals import missing_on
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.policies.moves import MOVES
from clinic.scheduling.queries import checks
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.healing import matrix
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.queries.visits import WITH_A_PATIENT, barred_for
from clinic.scheduling.refusals import Refused
from patients.queries import intake
from tests.build import MONDAY, NOW, one_check
from tests.patients.world import answer_all, answer_page, person, ticket
from tests.races import harness
from tests.scheduling.laser import Laser
from treatments.acting import Actor

DAYS = (0, 1, 27, 28, 29, 57)  # from the Monday on: around the four weeks that skin rests
CLOCKS = ("09:15", "10:00", "10:30", "13:00")
LETTERS = {  # what a patient is told: (verb, what the visit became) → kind of letter
    ("confirm", "booked"): "confirmation",
    ("confirm", "pending"): "received",
    ("book", "booked"): "confirmation",
    ("book", "pending"): "received",
    ("acknowledge", "booked"): "confirmation",
    ("cancel", "cancelled"): "cancellation",
    ("undo-cancel", "booked"): "confirmation",
    ("undo-cancel", "pending"): "received",
    ("reschedule", "booked"): "changed",
    ("reschedule", "pending"): "received",
    ("accept", "booked"): "changed",
    ("accept", "pending"): "received",
}
BY_PRACTITIONER = ("start", "undo-start", "complete", "reopen", "not-treated")
BY_SYSTEM = ("acknowledge", "reopen-review")
FREEING = ("cancel", "wrong-entry", "not-treated")

starts = st.tuples(st.sampled_from(DAYS), st.sampled_from(CLOCKS))
soon = st.tuples(st.sampled_from(DAYS[:2]), st.sampled_from(CLOCKS))
people = st.integers(0, 2)
picks = st.integers(0, 50)
STATUSES = st.sampled_from([Status.BOOKED, Status.PENDING])
REASONS = st.sampled_from(["", "as agreed"])


class Story(RuleBasedStateMachine):
    """Three patients, two practitioners, two rooms, a pen and a laser; refusals are fine, everything else is a defect.

    One question of the last days sends a visit to a clinician; laser needs a talk that comes first.
    """

    clinic: Laser

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.now = NOW
        self.patients = [person(given=f"Pat {n}") for n in range(3)]
        self.proposed: set[UUID] = set()
        self.desk = Actor(user=self.clinic.reception)

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.before)

    def attempt(self, verb: Callable[..., Any], **asked: Any) -> Any:
        try:
            return verb(**asked, now=self.now)
        except Refused:
            return None

    def choice(self, when: tuple[int, str]) -> Choice:
        return Choice(self.clinic.microneedling, self.clinic.place, self.at(when))

    def at(self, when: tuple[int, str]) -> datetime:
        day, clock = when
        return self.clinic.at(clock, day=MONDAY + timedelta(days=day))

    def visit(self, pick: int, *statuses: str) -> Appointment | None:
        """One of the stored visits in these statuses, or None when there is none."""
        found = list(Appointment.objects.filter(status__in=statuses).order_by("created_at", "during"))
        return found[pick % len(found)] if found else None

    @rule(minutes=st.sampled_from([1, 9, 61, 60 * 24, 60 * 24 * 3]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(whose=people, when=starts)
    def hold(self, whose: int, when: tuple[int, str]) -> None:
        self.attempt(operations.hold, holder=f"browser {whose}", address=None, choice=self.choice(when), key=uuid4())

    @rule(whose=people)
    def keep(self, whose: int) -> None:
        self.attempt(operations.renew, holder=f"browser {whose}")

    @rule()
    def sweep(self) -> None:
        operations.sweep(now=self.now)

    @rule(whose=people, browser=people)
    def confirm(self, whose: int, browser: int) -> None:
        wish = Confirmation(f"browser {browser}", self.patients[whose])
        self.attempt(operations.confirm, actor=Actor(task="test"), wish=wish, key=uuid4())

    @rule(
        whose=people,
        when=starts,
        status=STATUSES,
        reason=st.sampled_from(["", "as agreed"]),
    )
    def book(self, whose: int, when: tuple[int, str], status: Status, reason: str) -> None:
        booking = Booking(self.choice(when), self.patients[whose], status, override=reason)
        self.attempt(operations.book, actor=self.desk, booking=booking, key=uuid4())

    @rule(whose=people, when=starts, reason=REASONS, gone=st.sampled_from(["", "cancel", "wrong-entry"]))
    def talk_and_laser(self, whose: int, when: tuple[int, str], reason: str, gone: str) -> None:
        """A talk, and two weeks later the session that relies on it; sometimes the talk is called off again."""
        made = []
        for treatment, days in ((self.clinic.consultation, 0), (self.clinic.nafl, 14)):
            choice = Choice(treatment, self.clinic.place, self.at(when) + timedelta(days=days))
            booking = Booking(choice, self.patients[whose], override=reason)
            made.append(self.attempt(operations.book, actor=self.desk, booking=booking, key=uuid4()))
        if gone and made[0]:
            self.attempt(operations.transition, actor=self.desk, wish=Wish(made[0].pk, gone, "a reason"))

    @rule(whose=people, when=soon, infected=st.sampled_from(["yes", "no"]))
    def answer(self, whose: int, when: tuple[int, str], infected: str) -> None:
        """A visit in the next days for whoever has none, all answered before; then the one question anew."""
        who = self.patients[whose]
        if not checks.coming(who, self.now):
            answer_all(who, ticket(on=self.at(when).date()), self.now)
            self.book(whose, when, Status.BOOKED, "")
        coming = checks.coming(who, self.now)
        if not coming:
            return
        asked = checks.whole(coming[0])
        self.now = max(self.now, coming[0].during.lower - timedelta(days=1))
        answer_all(who, asked, self.now)
        self.now += timedelta(minutes=1)
        for page in intake.pages(who, asked, self.now):
            if "active_infection" in page.answers:  # not before a talk, nor too early
                answer_page(who, page.code, asked, self.now, active_infection=infected)
        self.now += timedelta(minutes=1)
        operations.take_answers(actor=Actor(user=who.user), patient=who, now=self.now)

    @precondition(lambda self: Appointment.objects.exclude(status=Status.PROPOSED).exists())
    @rule(pick=picks, verb=st.sampled_from(sorted(MOVES)))
    def move(self, pick: int, verb: str) -> None:
        visit = self.visit(pick, *MOVES[verb].sources)
        if visit is None:
            return
        if verb in {"arrive", "start", "noshow", "came-after-all"}:
            self.now = max(self.now, visit.during.lower)
        moved = self.attempt(operations.transition, actor=self.mover(visit, verb), wish=Wish(visit.pk, verb, "a reason"))
        if moved and verb in FREEING:
            self.is_free_again(visit)

    def coming(self, pick: int) -> Appointment | None:
        return self.visit(pick, Status.BOOKED, Status.PENDING)

    @rule(pick=picks, when=starts, reason=REASONS)
    def reschedule(self, pick: int, when: tuple[int, str], reason: str) -> None:
        visit = self.coming(pick)
        if visit is None:
            return
        change = Change(visit.pk, self.at(when), override=reason)
        if self.attempt(operations.reschedule, actor=self.desk, change=change, key=uuid4()):
            self.is_free_again(visit)

    @rule(pick=picks, minutes=st.sampled_from([-45, -5, 5, 15, 60]), room=st.sampled_from([None, 0, 1]))
    def adjust(self, pick: int, minutes: int, room: int | None) -> None:
        visit = self.visit(pick, Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)
        if visit is None:
            return
        until = visit.during.upper + timedelta(minutes=minutes)
        asked = Adjustment(visit.pk, until, None if room is None else self.clinic.rooms[room].pk)
        self.attempt(operations.adjust, actor=self.desk, adjustment=asked)

    @rule(day=st.sampled_from(DAYS), days=st.integers(1, 3), who=st.sampled_from([None, 0, 1]))
    def close(self, day: int, days: int, who: int | None) -> None:
        first, last = (self.clinic.at("00:00", day=MONDAY + timedelta(days=n)) for n in (day, day + days))
        what = {"location": self.clinic.place} if who is None else {"resource": self.clinic.practitioners[who]}
        self.attempt(operations.close, actor=self.desk, closing=Closing(first, last, **what))

    @rule(pick=picks)
    def reopen(self, pick: int) -> None:
        closures = list(Closure.objects.order_by("pk"))
        if closures:
            self.attempt(operations.reopen_time, actor=self.desk, closure=closures[pick % len(closures)].pk)

    @rule(pick=picks)
    def propose(self, pick: int) -> None:
        visit = self.coming(pick)
        hold = self.attempt(operations.propose, actor=self.desk, visit=visit.pk) if visit else None
        if hold:
            self.proposed.add(hold.pk)

    @rule(pick=picks)
    def accept(self, pick: int) -> None:
        hold = self.visit(pick, Status.PROPOSED)
        if hold and hold.held_for_visit_id:
            change = Change(hold.held_for_visit_id, taking=hold.pk)
            self.attempt(operations.reschedule, actor=self.desk, change=change, key=uuid4())

    @rule(whose=people, whens=st.lists(starts, min_size=1, max_size=3), reason=REASONS)
    def book_course(self, whose: int, whens: list[tuple[int, str]], reason: str) -> None:
        sessions = tuple(Planned(self.clinic.microneedling, self.at(when)) for when in whens)
        course = NewCourse(self.patients[whose], self.clinic.place, sessions, reason)
        self.attempt(operations.book_course, actor=self.desk, course=course, key=uuid4())

    @rule(whose=people, days=st.sampled_from([-7, -1, 1, 7, 28]))
    def move_all(self, whose: int, days: int) -> None:
        visits = self.patients[whose].appointments.filter(status__in=["booked", "pending"])
        changes = [Change(visit.pk, visit.during.lower + timedelta(days=days)) for visit in visits]
        if changes:
            self.attempt(operations.reflow, actor=self.desk, changes=changes, key=uuid4())

    @rule(whose=people, instead=st.booleans())
    def join(self, whose: int, instead: bool) -> None:
        who, today = self.patients[whose], self.now.date()
        visit = who.appointments.filter(status="booked").first() if instead else None
        wishes = Wishes(today, today + timedelta(days=60))
        asked = Joining(who, self.clinic.microneedling, self.clinic.place, wishes, visit.pk if visit else None)
        self.attempt(operations.join, actor=self.desk, joining=asked)

    @rule()
    def offer(self) -> None:
        operations.offer_times(now=self.now)

    @precondition(lambda self: WaitlistOffer.objects.exists())
    @rule(pick=picks, yes=st.booleans())
    def answer_offer(self, pick: int, yes: bool) -> None:
        offers = list(WaitlistOffer.objects.order_by("offered_at", "pk"))
        offer = offers[pick % len(offers)].pk
        if yes:
            self.attempt(operations.accept, actor=self.desk, offer=offer, key=uuid4())
        else:
            self.attempt(operations.decline, actor=self.desk, offer=offer)

    def mover(self, visit: Appointment, verb: str) -> Actor:
        if verb in BY_SYSTEM:
            return Actor(task="test")
        return Actor(user=visit.practitioner.user) if verb in BY_PRACTITIONER else self.desk

    def is_free_again(self, visit: Appointment) -> None:
        """A time that was given back can be booked again with the same practitioner."""
        if visit.during.lower < self.now or Closure.objects.filter(during__overlap=visit.occupied).exists():
            return
        if Claim.objects.filter(during__overlap=visit.occupied).exists():
            return  # others have been moved into part of it
        day = visit.during.lower.astimezone(self.clinic.place.tz).date()
        asked = wanted(visit.treatment, self.clinic.place, self.now)
        search = asked.search(day, day, self.now, practitioner=visit.practitioner_id, by_staff=True)
        search = replace(search, ignoring_hours=True)  # with a reason it may have stood where nobody works
        assert visit.during.lower in {free.start for free in free_starts(search, self.now)}

    @invariant()
    def nothing_impossible_is_stored(self) -> None:
        assert {sql: harness.rows(sql) for sql in IMPOSSIBLE} == dict.fromkeys(IMPOSSIBLE, 0)

    @invariant()
    def every_story_is_whole(self) -> None:
        """From nothing to the status that the visit has, each line beginning where the one before ended."""
        for visit in Appointment.objects.exclude(status=Status.PROPOSED).prefetch_related("events"):
            told = list(visit.events.all())
            assert [event.number for event in told] == list(range(1, len(told) + 1))
            assert told[-1].to_status == visit.status
            assert all(after.from_status == before.to_status for before, after in pairwise(told))

    @invariant()
    def every_letter_is_due_and_no_other(self) -> None:
        events = AppointmentEvent.objects.all()
        kinds = ((LETTERS.get((event.verb, event.to_status)), event.pk) for event in events)
        due = {f"{kind}:{pk}" for kind, pk in kinds if kind} | {f"proposal:{pk}" for pk in self.proposed}
        due |= {f"offer:{pk}" for pk in WaitlistOffer.objects.values_list("pk", flat=True)}
        assert set(Envelope.objects.values_list("dedupe", flat=True)) == due

    @invariant()
    def skin_has_rested_or_somebody_said_why(self) -> None:
        days = matrix(self.now)
        for whose in self.patients:
            visits = whose.appointments.filter(status__in=WITH_A_PATIENT).order_by("during").prefetch_related("events")
            for before, after in pairwise(visits):
                gap = self.day(after) - self.day(before)
                rested = gap >= timedelta(days=days.get((before.treatment_id, after.treatment_id), 0))
                assert rested or explained(before) or explained(after)

    @invariant()
    def what_must_come_first_does_or_somebody_looked(self) -> None:
        for visit in Appointment.objects.filter(status=Status.BOOKED, during__startswith__gt=self.now):
            barred = barred_for(visit.patient, visit.treatment, visit.location, self.now, ignoring=(visit.pk,))
            if missing_on(self.day(visit), barred):
                assert any(event.verb == "acknowledge" for event in visit.events.all()) or any(
                    explained(other) for other in visit.patient.appointments.all()
                )

    @invariant()
    def an_answer_that_fires_is_looked_at(self) -> None:
        """A visit whose newest evaluation fires is booked only when a clinician has seen that."""
        for visit in Appointment.objects.filter(status=Status.BOOKED, evaluation__tier="flag"):
            assert any(event.verb == "acknowledge" for event in visit.events.all()) or explained(visit)

    def day(self, visit: Appointment) -> Any:
        return visit.during.lower.astimezone(visit.location.tz).date()


def explained(visit: Appointment) -> bool:
    return any(event.reason for event in visit.events.all() if event.verb in OVERRIDING)


OVERRIDING = ("book", "reschedule")
IMPOSSIBLE = (harness.OVERLAPPING_CLAIMS, harness.PATIENTS_IN_TWO_PLACES, harness.WITHOUT_CLAIMS, harness.TWO_HOLDS)


# The same stories each time; no shrinking, which takes minutes where every step is a transaction.
SOME = settings(
    max_examples=20, stateful_step_count=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)


@pytest.mark.django_db
def test_whatever_happens_nothing_impossible_is_stored() -> None:
    Story.clinic = Laser(practitioners=2, rooms=2, pens=1)
    one_check()
    run_state_machine_as_test(Story, settings=SOME)
