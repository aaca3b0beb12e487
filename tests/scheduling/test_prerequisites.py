"""What must come first: as a pure rule, in the search and under the lock, and booked in front in one go."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, BookingPolicy, Status
from clinic.scheduling.operations import Change, Confirmation, Wish
from clinic.scheduling.policies.intervals import LAST, Need, Past, earliest_after, missing_on
from clinic.scheduling.policies.prerequisites import Confirmed, barred_for_want
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.refusals import (
    ComesFirst,
    JustTaken,
    KeyReused,
    NotAllowed,
    NotBookable,
    Refused,
    TalkFirst,
    TooManyVisits,
    TooSoon,
)
from patients.models import Patient
from tests import build
from tests.build import MONDAY, NOW, patient
from tests.patients.world import answer_all, ticket
from tests.scheduling.laser import Laser, front
from treatments.acting import Actor

DAY = timedelta(days=1)
TALK, PATCH, SESSION = 1, 2, 3
D = date(2027, 3, 1)
consultation = Need(TALK, "a consultation", lead_days=7, valid_days=365)
seen_type = Need(TALK, "a consultation", by_fact=True, valid_days=365)
patch = Need(PATCH, "a test patch", phototypes=("IV", "V", "VI"), lead_days=28, valid_days=180)

days = st.integers(-40, 40).map(lambda n: D + n * DAY)
needs = st.builds(
    Need,
    st.sampled_from([TALK, PATCH]),
    st.just("x"),
    by_fact=st.booleans(),
    phototypes=st.sampled_from([(), ("IV", "V")]),
    lead_days=st.integers(0, 9),
    valid_days=st.none() | st.integers(10, 20),
)
known = st.none() | st.builds(Confirmed, st.sampled_from(["I", "IV", "V"]), days)


def free(day: date, *asked: Need, visits: list[Past] | None = None, sure: Confirmed | None = None) -> bool:
    barred = barred_for_want(asked, visits or [], sure, D)
    return earliest_after(day, barred) == day


def met(need: Need, day: date, visits: list[Past], sure: Confirmed | None) -> bool:
    """By the words, for one day."""
    if need.phototypes and (sure is None or sure.type not in need.phototypes):
        return True
    most = need.valid_days if need.valid_days is not None else 10_000
    facts = [(day - sure.day).days >= need.lead_days and (day - sure.day).days <= most] if need.by_fact and sure else []
    counting = [v for v in visits if v.treatment == need.first and (v.day >= D or not need.by_fact)]
    return any([*facts, *(max(need.lead_days, 1) <= (day - v.day).days <= most for v in counting)])


class TestTheRule:
    @settings(max_examples=150)
    @given(st.lists(needs, max_size=3), st.lists(st.builds(Past, st.sampled_from([TALK, PATCH]), days), max_size=3), known)
    @example([consultation], [], None)
    def test_exactly_the_days_without_what_comes_first_are_barred(
        self, asked: list[Need], visits: list[Past], sure: Confirmed | None
    ) -> None:
        barred = barred_for_want(asked, visits, sure, D)
        for day in (D + n * DAY for n in range(-60, 80)):
            possible = all(met(need, day, visits, sure) for need in asked)
            assert any(span.first <= day <= span.last for span in barred) != possible, day

    @pytest.mark.parametrize(("lies", "fits"), [(6, False), (7, True), (365, True), (366, False)])
    def test_lead_and_validity_are_whole_calendar_days(self, lies: int, fits: bool) -> None:
        assert free(D + lies * DAY, consultation, visits=[Past(TALK, D)]) == fits

    @pytest.mark.parametrize("now", [date(2027, 3, 28), date(2027, 10, 31)])
    def test_a_day_counts_as_one_however_many_hours_it_has(self, now: date) -> None:
        barred = barred_for_want([consultation], [Past(TALK, now - 3 * DAY)], None, now)
        assert earliest_after(now, barred) == now + 4 * DAY

    def test_on_one_day_neither_comes_first(self) -> None:
        need = Need(TALK, "x")
        assert not free(D, need, visits=[Past(TALK, D)])
        assert free(D + DAY, need, visits=[Past(TALK, D)])

    def test_nothing_at_all_bars_every_day_and_says_what_is_missing(self) -> None:
        barred = barred_for_want([consultation, seen_type, patch], [], None, D)
        assert earliest_after(D, barred) > LAST
        assert missing_on(D, barred) == (consultation,)  # one talk serves both

    @pytest.mark.parametrize(("type_", "asked"), [("III", False), ("IV", True), ("VI", True)])
    def test_a_test_patch_is_asked_only_of_the_listed_types(self, type_: str, asked: bool) -> None:
        barred = barred_for_want([patch], [], Confirmed(type_, D), D)
        assert bool(missing_on(D, barred)) == asked

    def test_a_type_that_nobody_has_confirmed_asks_for_no_patch(self) -> None:
        assert barred_for_want([patch], [], None, D) == []

    def test_a_confirmed_type_runs_out_to_the_day(self) -> None:
        sure = Confirmed("II", D - 300 * DAY)
        assert free(D + 65 * DAY, seen_type, sure=sure)
        assert not free(D + 66 * DAY, seen_type, sure=sure)

    def test_a_talk_that_is_over_has_confirmed_the_type_or_has_not(self) -> None:
        assert not free(D, seen_type, visits=[Past(TALK, D - DAY)])
        assert free(D + DAY, seen_type, visits=[Past(TALK, D)])

    def test_what_ran_out_is_missing_only_from_then_on(self) -> None:
        barred = barred_for_want([consultation], [Past(TALK, D - 300 * DAY)], None, D)
        assert missing_on(D, barred) == ()
        assert missing_on(D + 66 * DAY, barred) == (consultation,)

    def test_between_two_that_count_the_later_one_says_when(self) -> None:
        barred = barred_for_want([consultation], [Past(TALK, D - 400 * DAY), Past(TALK, D + 10 * DAY)], None, D)
        assert earliest_after(D, barred) == D + 17 * DAY
        assert missing_on(D, barred) == ()


@pytest.fixture
def clinic(request: pytest.FixtureRequest, db: None) -> Laser:
    return Laser(**getattr(request, "param", {}))


@pytest.fixture
def pat(db: None) -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org")


def weekday(day: date) -> date:
    """The day itself, or the Monday after it."""
    return day + timedelta(days=max(0, 8 - day.isoweekday())) if day.isoweekday() > 5 else day


def hold(clinic: Laser, choice: operations.Choice, who: Patient | None = None) -> Appointment:
    return operations.hold(holder="a" * 64, address=None, choice=choice, key=uuid4(), now=NOW, patient=who)


class TestUnderTheLock:
    def test_with_nothing_in_front_it_cannot_be_booked_and_the_refusal_says_what_is(
        self, clinic: Laser, pat: Patient
    ) -> None:
        with pytest.raises(ComesFirst) as refused:
            clinic.book(pat, clinic.nafl)
        assert [need.code for need in refused.value.missing] == ["consultation"]
        assert "a consultation, at least 7 days earlier" in str(refused.value)

    def test_staff_may_pass_with_a_reason(self, clinic: Laser, pat: Patient) -> None:
        assert clinic.book(pat, clinic.nafl, override="seen elsewhere").status == Status.BOOKED

    def test_a_patient_who_is_known_cannot_hold_it_and_a_visitor_can(self, clinic: Laser, pat: Patient) -> None:
        with pytest.raises(ComesFirst):
            hold(clinic, clinic.choice(clinic.nafl), pat)
        hold(clinic, clinic.choice(clinic.nafl))
        with pytest.raises(ComesFirst):
            operations.confirm(actor=Actor(user=pat.user), wish=Confirmation("a" * 64, pat), key=uuid4(), now=NOW)

    @pytest.mark.parametrize(("lies", "refusal"), [(6, TooSoon), (7, None), (365, None), (366, ComesFirst)])
    def test_it_lies_in_the_days_that_are_published(
        self, clinic: Laser, pat: Patient, lies: int, refusal: type[Refused]
    ) -> None:
        clinic.confirmed(pat, "II", NOW + 30 * DAY)
        clinic.book(pat, clinic.consultation)
        if refusal:
            with pytest.raises(refusal):
                clinic.book(pat, clinic.nafl, MONDAY + lies * DAY)
        else:
            assert clinic.book(pat, clinic.nafl, MONDAY + lies * DAY).status == Status.BOOKED

    def test_the_refusal_gives_the_day_and_why(self, clinic: Laser, pat: Patient) -> None:
        clinic.book(pat, clinic.consultation)
        with pytest.raises(TooSoon) as refused:
            clinic.book(pat, clinic.nafl, MONDAY + DAY)
        assert refused.value.earliest == MONDAY + 7 * DAY
        assert str(refused.value) == (
            "The earliest day we can offer is Monday 8 March 2027, because a consultation comes at least 7 days before "
            "(Monday 1 March 2027). Time to think between the talk and the first session."
        )

    def test_rest_days_are_said_with_their_reason_too(self, clinic: Laser, pat: Patient) -> None:
        clinic.book(pat, clinic.microneedling)
        with pytest.raises(TooSoon) as refused:
            clinic.book(pat, clinic.microneedling, MONDAY + DAY)
        assert str(refused.value) == (
            "The earliest day we can offer is Monday 29 March 2027, because your skin needs 28 days after your visit on "
            "Monday 1 March 2027. New collagen needs about four weeks before the skin is needled again."
        )

    def test_a_cancelled_talk_does_not_count(self, clinic: Laser, pat: Patient) -> None:
        talk = clinic.book(pat, clinic.consultation)
        operations.transition(actor=Actor(user=clinic.reception), wish=Wish(talk.pk, "cancel"), now=NOW)
        with pytest.raises(ComesFirst):
            clinic.book(pat, clinic.nafl, MONDAY + 7 * DAY)

    def test_a_darker_confirmed_type_asks_for_the_patch_as_well(self, clinic: Laser, pat: Patient) -> None:
        clinic.confirmed(pat, "IV")
        with pytest.raises(ComesFirst) as refused:
            clinic.book(pat, clinic.nafl)
        assert [need.code for need in refused.value.missing] == ["consultation", "test_patch"]

    def test_a_change_of_time_asks_the_same(self, clinic: Laser, pat: Patient) -> None:
        clinic.book(pat, clinic.consultation)
        session = clinic.book(pat, clinic.nafl, MONDAY + 14 * DAY)
        change = Change(session.pk, clinic.at("10:00", day=MONDAY + 4 * DAY))
        with pytest.raises(TooSoon):
            operations.reschedule(actor=Actor(user=clinic.reception), change=change, key=uuid4(), now=NOW)

    @pytest.mark.parametrize("clinic", [{"screening": True}], indirect=True)
    def test_the_rule_that_asks_for_a_talk_is_answered_by_the_one_in_front(self, clinic: Laser, pat: Patient) -> None:
        clinic.book(pat, clinic.consultation)
        session = clinic.book(pat, clinic.nafl, MONDAY + 7 * DAY)
        assert session.status == Status.PENDING
        assert session.evaluation
        assert "phototype_unconfirmed" in {line["rule"] for line in session.evaluation.fired}

    @settings(max_examples=12)
    @given(talk=st.none() | st.integers(0, 10), type_=st.none() | st.sampled_from(["II", "V"]), lies=st.integers(0, 45))
    def test_what_is_offered_can_be_booked_and_nothing_else(
        self, clinic: Laser, talk: int | None, type_: str | None, lies: int
    ) -> None:
        who = patient(user=build.user())
        if type_:
            clinic.confirmed(who, type_)
        if talk is not None:
            clinic.book(who, clinic.consultation, weekday(MONDAY + talk * DAY), "09:05")
        day = MONDAY + lies * DAY
        offered = free_starts(wanted(clinic.nafl, clinic.place, NOW, patient=who).search(day, day, NOW, by_staff=True), NOW)
        choice = clinic.choice(clinic.nafl, day, "12:00")
        try:
            clinic.book(who, clinic.nafl, day, "12:00")
            booked = True
        except (ComesFirst, TooSoon, NotBookable):
            booked = False
        assert booked == (choice.start in {start for start, _who in offered})
        for visit in who.appointments.all():  # the next example finds the clinic empty
            operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, "cancel"), now=NOW)


class TestInFront:
    def two(self, clinic: Laser, first: int = 0, then: int = 7) -> list[operations.Choice]:
        return [clinic.choice(clinic.consultation, MONDAY + first * DAY), clinic.choice(clinic.nafl, MONDAY + then * DAY)]

    def test_both_are_booked_in_one_go_and_each_is_told(self, clinic: Laser, pat: Patient) -> None:
        visits = front(clinic, pat, *self.two(clinic))
        assert [visit.treatment.code for visit in visits] == ["consultation", "nafl"]
        assert [visit.status for visit in visits] == [Status.BOOKED, Status.BOOKED]
        assert [[event.verb for event in visit.events.all()] for visit in visits] == [["confirm"], ["confirm"]]
        assert Envelope.objects.count() == 2

    @pytest.mark.parametrize("clinic", [{"screening": True}], indirect=True)
    def test_the_session_waits_for_a_clinician(self, clinic: Laser, pat: Patient) -> None:
        assert front(clinic, pat, *self.two(clinic))[1].status == Status.PENDING

    @pytest.mark.parametrize("n", [0, 1])
    def test_one_that_is_taken_leaves_the_other_unbooked_and_is_named(self, clinic: Laser, pat: Patient, n: int) -> None:
        choices = self.two(clinic)
        for name in ("One", "Two"):
            clinic.book(patient(given=name), clinic.consultation, choices[n].start.date())
        before = Appointment.objects.count()
        with pytest.raises(JustTaken) as refused:
            front(clinic, pat, *choices)
        assert refused.value.item == n
        assert Appointment.objects.count() == before
        assert not pat.appointments.exists()

    def test_too_near_to_each_other_is_refused_for_the_later(self, clinic: Laser, pat: Patient) -> None:
        with pytest.raises(TooSoon) as refused:
            front(clinic, pat, *self.two(clinic, then=4))
        assert refused.value.item == 1
        assert not Appointment.objects.exists()

    def test_three_with_the_patch_between(self, clinic: Laser, pat: Patient) -> None:
        clinic.confirmed(pat, "V")
        talk, session = self.two(clinic, then=35)
        visits = front(clinic, pat, talk, clinic.choice(clinic.test_patch, MONDAY + 7 * DAY), session)
        assert [visit.treatment.code for visit in visits] == ["consultation", "test_patch", "nafl"]

    def test_a_repeated_request_is_the_same_visits(self, clinic: Laser, pat: Patient) -> None:
        key = uuid4()
        assert front(clinic, pat, *self.two(clinic), key=key) == front(clinic, pat, *self.two(clinic), key=key)
        assert Appointment.objects.count() == 2
        with pytest.raises(KeyReused):
            front(clinic, pat, *self.two(clinic, then=8), key=key)

    def test_the_held_time_is_used_or_given_back_and_stays_when_refused(self, clinic: Laser, pat: Patient) -> None:
        held = hold(clinic, clinic.choice(clinic.nafl, MONDAY + 7 * DAY))
        with pytest.raises(TooSoon):
            front(clinic, pat, *self.two(clinic, then=4), holder="a" * 64)
        assert Appointment.objects.get() == held
        visits = front(clinic, pat, *self.two(clinic), holder="a" * 64)
        assert visits[1].during == held.during
        assert Appointment.objects.count() == 2

    def test_the_limits_of_patients_bind(self, clinic: Laser, pat: Patient) -> None:
        BookingPolicy.objects.create(open_visits=1)
        with pytest.raises(TooManyVisits) as refused:
            front(clinic, pat, *self.two(clinic))
        assert refused.value.item == 1
        with pytest.raises(NotBookable):
            front(clinic, pat, clinic.choice(clinic.consultation, MONDAY + 600 * DAY))

    def test_only_for_oneself_in_order_and_at_most_three(self, clinic: Laser, pat: Patient) -> None:
        wish = operations.InFront(pat, tuple(self.two(clinic)))
        with pytest.raises(NotAllowed):
            operations.book_in_front(actor=Actor(user=clinic.reception), wish=wish, key=uuid4(), now=NOW)
        for choices in (
            [],
            self.two(clinic)[::-1],
            [clinic.choice(clinic.consultation, MONDAY + n * DAY) for n in range(4)],
        ):
            with pytest.raises(NotBookable):
                front(clinic, pat, *choices)

    @pytest.mark.parametrize("clinic", [{"screening": True}], indirect=True)
    def test_answers_that_close_the_booking_still_do(self, clinic: Laser, pat: Patient) -> None:
        answer_all(pat, ticket(on=MONDAY, treatment="nafl"), NOW, pregnant="yes")
        with pytest.raises(TalkFirst):
            front(clinic, pat, *self.two(clinic))


def test_the_clock_that_turns_between_them_changes_no_day(clinic: Laser, pat: Patient) -> None:
    """London's clocks turn on Sunday 28 March 2027: the visits are seven days apart, and 167 hours."""
    friday = date(2027, 3, 26)
    choices = [clinic.choice(clinic.consultation, friday, "15:00"), clinic.choice(clinic.nafl, friday + 7 * DAY, "09:15")]
    now = datetime(2027, 3, 20, 9, tzinfo=UTC)
    assert len(front(clinic, pat, *choices, now=now)) == 2
