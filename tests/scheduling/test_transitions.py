"""The whole transition table: every verb from every status by everybody, what becomes of the claims, and who is told."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, BookingPolicy, Claim, Location, Status
from clinic.scheduling.operations import Booking, Choice, Wish
from clinic.scheduling.policies.moves import MOVES, REVIEWS
from clinic.scheduling.refusals import JustTaken, NotAllowed, NotNow, PatientBusy, ReasonNeeded, Refused, TooLate, TooSoon
from patients.models import Evaluation, Patient
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

PROPOSED, PENDING, BOOKED = Status.PROPOSED, Status.PENDING, Status.BOOKED
ARRIVED, CHECKED_IN, FULFILLED = Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED
CANCELLED, NOSHOW, IN_ERROR = Status.CANCELLED, Status.NOSHOW, Status.ENTERED_IN_ERROR

DESK = {"receptionist", "owner"}
OWN = {"own practitioner"}
STAFF = DESK | OWN
WHO = [*sorted(STAFF), "other practitioner", "content admin", "own patient", "another patient", "a browser"]

# (from, verb): (to, who may on the day, what becomes of the claims). As in docs; not read from the code.
TABLE: dict[tuple[Status, str], tuple[Status, set[str], str]] = {
    (PENDING, "acknowledge"): (BOOKED, OWN | {"other practitioner"}, "kept"),
    (PENDING, "override"): (BOOKED, OWN | {"other practitioner"}, "kept"),
    (PENDING, "decline"): (CANCELLED, OWN | {"other practitioner"}, "deleted"),
    (BOOKED, "reopen-review"): (PENDING, {"the system"}, "kept"),
    (PENDING, "cancel"): (CANCELLED, STAFF, "deleted"),
    (BOOKED, "cancel"): (CANCELLED, STAFF, "deleted"),
    (BOOKED, "arrive"): (ARRIVED, STAFF, "kept"),
    (ARRIVED, "undo-arrive"): (BOOKED, STAFF, "kept"),
    (ARRIVED, "start"): (CHECKED_IN, OWN, "kept"),
    (CHECKED_IN, "undo-start"): (ARRIVED, OWN, "kept"),
    (CHECKED_IN, "complete"): (FULFILLED, OWN, "cut"),
    (FULFILLED, "reopen"): (CHECKED_IN, OWN, "written again"),
    (PENDING, "noshow"): (NOSHOW, STAFF, "deleted"),
    (BOOKED, "noshow"): (NOSHOW, STAFF, "deleted"),
    (NOSHOW, "came-after-all"): (ARRIVED, STAFF, "written again"),
    (PENDING, "wrong-entry"): (IN_ERROR, STAFF, "deleted"),
    (BOOKED, "wrong-entry"): (IN_ERROR, STAFF, "deleted"),
    (ARRIVED, "wrong-entry"): (IN_ERROR, STAFF, "deleted"),
    (CANCELLED, "undo-cancel"): (BOOKED, STAFF, "written again"),
    (ARRIVED, "not-treated"): (CANCELLED, STAFF, "deleted"),
    (CHECKED_IN, "not-treated"): (CANCELLED, OWN, "deleted"),
}
LETTERS = {
    "acknowledge": ["confirmation"],
    "override": ["confirmation"],
    "decline": ["declined"],
    "cancel": ["cancellation"],
    "undo-cancel": ["confirmation"],
}
WORKS = [(*move, who) for move, (_, allowed, _) in TABLE.items() for who in sorted(allowed)]

# How a booked visit comes into each status, with the clock of each step.
PATHS: dict[Status, list[tuple[str, str, str]]] = {
    PROPOSED: [],
    PENDING: [],
    BOOKED: [],
    ARRIVED: [("receptionist", "arrive", "09:50")],
    CHECKED_IN: [("receptionist", "arrive", "09:50"), ("own practitioner", "start", "10:00")],
    FULFILLED: [
        ("receptionist", "arrive", "09:50"),
        ("own practitioner", "start", "10:00"),
        ("own practitioner", "complete", "10:15"),
    ],
    CANCELLED: [("receptionist", "cancel", "09:30")],
    NOSHOW: [("receptionist", "noshow", "10:10")],
    IN_ERROR: [("receptionist", "wrong-entry", "09:30")],
}


class World:
    """A clinic of two practitioners, and one actor of each sort, committed once for the module."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        own, other = (who.user for who in clinic.practitioners)
        self.pat = patient(user=build.user())
        self.actors = {
            "receptionist": Actor(user=clinic.reception),
            "owner": Actor(user=build.user(roles=("owner",))),
            "own practitioner": Actor(user=own),
            "other practitioner": Actor(user=other),
            "content admin": Actor(user=build.user(roles=("content_admin",))),
            "own patient": Actor(user=self.pat.user),
            "another patient": Actor(user=patient(given="Other", user=build.user()).user),
            "a browser": Actor(holder="f" * 64),
            "the system": Actor(task="screening"),
        }

    def at(self, clock: str, days: int = 0) -> datetime:
        return self.clinic.at(clock, day=MONDAY + days * DAY)

    def choice(self, clock: str, who: int | None = 0, days: int = 0) -> Choice:
        practitioner = None if who is None else self.clinic.practitioners[who].pk
        return Choice(self.clinic.microneedling, self.clinic.place, self.at(clock, days), practitioner)

    def book(
        self, clock: str = "10:00", *, whose: Patient | None = None, who: int = 0, status: Status = BOOKED, days: int = 0
    ) -> Appointment:
        booking = Booking(self.choice(clock, who, days), whose or self.pat, status=status)
        return operations.book(actor=self.actors["receptionist"], booking=booking, key=uuid4(), now=NOW)

    def visit(self, status: Status) -> Appointment:
        """The visit of Monday at ten, brought into `status` on the day by the verbs that lead there."""
        if status == PROPOSED:
            return operations.hold(holder="f" * 64, address=None, choice=self.choice("10:00"), key=uuid4(), now=NOW)
        made = self.book(status=PENDING if status == PENDING else BOOKED)
        for who, verb, clock in PATHS[status]:
            self.move(made, verb, who, self.at(clock))
        return Appointment.objects.get(pk=made.pk)

    def move(
        self, visit: Appointment, verb: str, who: str = "receptionist", now: datetime | None = None, reason: str = "because"
    ) -> Appointment:
        wish = Wish(visit.pk, verb, reason)
        return operations.transition(actor=self.actors[who], wish=wish, now=now or self.at("10:20"))


@pytest.fixture(scope="module")
def committed(template: str, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), build.filled(template, practitioners=2, rooms=2, pens=2) as (name, clinic):
        with build.pointed_at(name):
            world = World(clinic)
        with build.pointed_at(name):
            yield world


@pytest.fixture
def world(committed: World, db: None) -> World:
    return committed


def spans(visit: Appointment) -> list[tuple[str, str, str]]:
    """Its claims as (kind, from, to) in clock times at the location."""
    local = visit.location.tz
    claims = [(c.resource.kind, c.during.lower, c.during.upper) for c in visit.claims.select_related("resource")]
    return sorted((kind, f"{a.astimezone(local):%H:%M}", f"{b.astimezone(local):%H:%M}") for kind, a, b in claims)


def closed_by_answers(visit: Appointment) -> None:
    """As if what the patient answered closed the booking, and somebody had relaxed it."""
    said = {"patient": visit.patient, "treatment": visit.treatment, "at": NOW, "on": MONDAY, "document": '{"fired": []}'}
    visit.evaluation = Evaluation.objects.create(tier="block", **said)
    visit.save()


def stored(visit: Appointment) -> tuple[object, ...]:
    """All that a transition could change."""
    fresh = Appointment.objects.get(pk=visit.pk)
    claims = sorted(visit.claims.values_list("resource", "during"))
    return fresh.status, fresh.during, fresh.occupied, claims, visit.events.count(), Envelope.objects.count()


PLANNED = [
    ("device", "10:40", "11:20"),
    ("practitioner", "10:00", "10:05"),
    ("practitioner", "10:35", "11:30"),
    ("room", "09:55", "11:40"),
]


# --- The table ----------------------------------------------------------------------------------------------------


def test_the_table_knows_every_verb() -> None:
    assert {verb for _, verb in TABLE} == set(MOVES)


def out_of_place(status: Status) -> Iterator[tuple[str, str]]:
    """Every (verb, who) that must be refused. From a wrong status it is enough that those who ever may are refused."""
    for verb in MOVES:
        ever = set().union(*(allowed for (_, known), (_, allowed, _) in TABLE.items() if known == verb))
        allowed = TABLE[status, verb][1] if (status, verb) in TABLE else set()
        yield from ((verb, who) for who in (WHO if allowed else sorted(ever)) if who not in allowed)


@pytest.mark.parametrize("status", Status)
def test_everybody_and_everything_else_is_refused_and_nothing_changes(world: World, status: Status) -> None:
    visit, went_through = world.visit(status), []
    before = stored(visit)
    for verb, who in out_of_place(status):
        with suppress(Refused):
            world.move(visit, verb, who)
            went_through.append((verb, who))
            break  # the visit is another one now
    assert went_through == []
    assert stored(visit) == before


@pytest.mark.parametrize(("status", "verb", "who"), WORKS)
def test_whoever_may_makes_the_move(world: World, status: Status, verb: str, who: str) -> None:
    target, _, claims = TABLE[status, verb]
    visit = world.visit(status)
    resources = set(visit.claims.values_list("pk", flat=True))
    now, sent = world.at("10:20"), set(Envelope.objects.values_list("pk", flat=True))

    if verb in REVIEWS:
        operations.open_review(actor=world.actors[who], visit=visit.pk, now=now)
    if verb == "override":
        closed_by_answers(visit)
    assert world.move(visit, verb, who, now).status == target

    moved = Appointment.objects.get(pk=visit.pk)
    assert moved.status == target
    if claims == "kept":
        assert set(moved.claims.values_list("pk", flat=True)) == resources
    elif claims == "deleted":
        assert not moved.claims.exists()
    elif claims == "written again":
        assert spans(moved) == PLANNED
    event = moved.events.get(verb=verb)
    actor = world.actors[who]
    told = (event.at, event.user, event.task, event.from_status, event.to_status, event.during, event.reason)
    assert told == (now, actor.user, "" if actor.user else actor.name, status, target, moved.during, "because")
    letters = Envelope.objects.exclude(pk__in=sent)
    assert list(letters.values_list("kind", flat=True)) == LETTERS.get(verb, [])
    assert {letter.subject for letter in letters} <= {visit.pk}


@pytest.mark.parametrize("verb", REVIEWS)
def test_about_answers_that_nobody_opened_nothing_is_decided(world: World, verb: str) -> None:
    visit = world.visit(PENDING)
    with pytest.raises(NotAllowed):
        world.move(visit, verb, "other practitioner")


@pytest.mark.parametrize("verb", MOVES)
def test_a_hold_makes_no_move_even_for_the_system(world: World, verb: str) -> None:
    with pytest.raises(NotNow):
        world.move(world.visit(PROPOSED), verb, "the system")


def test_a_colleague_with_both_roles_moves_others_visits_but_does_not_treat_them(world: World) -> None:
    both = Actor(user=build.user(roles=("receptionist", "practitioner")))
    visit = world.book()
    operations.transition(actor=both, wish=Wish(visit.pk, "arrive"), now=world.at("10:00"))
    with pytest.raises(NotAllowed):
        operations.transition(actor=both, wish=Wish(visit.pk, "start"), now=world.at("10:00"))


# --- Reasons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "verb"), [(BOOKED, "wrong-entry"), (ARRIVED, "not-treated")])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_some_moves_need_a_reason(world: World, status: Status, verb: str, reason: str) -> None:
    with pytest.raises(ReasonNeeded):
        world.move(world.visit(status), verb, reason=reason)


@pytest.mark.parametrize(("status", "verb"), [(BOOKED, "cancel"), (BOOKED, "noshow"), (BOOKED, "arrive")])
def test_others_do_not(world: World, status: Status, verb: str) -> None:
    assert world.move(world.visit(status), verb, reason="").events.get(verb=verb).reason == ""


# --- When ------------------------------------------------------------------------------------------------------------


def test_a_patient_cancels_until_the_very_second_of_the_notice(world: World) -> None:
    visit = world.book()
    until = world.at("10:00") - timedelta(hours=24)
    with pytest.raises(TooLate):
        world.move(visit, "cancel", "own patient", until + timedelta(seconds=1))
    assert world.move(visit, "cancel", "own patient", until).status == CANCELLED


def test_a_patient_cancels_a_visit_that_still_waits_for_a_clinician(world: World) -> None:
    assert world.move(world.visit(PENDING), "cancel", "own patient", NOW).status == CANCELLED


def test_the_notice_is_the_clinics_and_never_binds_staff(world: World) -> None:
    BookingPolicy.objects.create(notice_to_cancel_hours=48)
    visit = world.book()
    with pytest.raises(TooLate):
        world.move(visit, "cancel", "own patient", world.at("10:00") - timedelta(hours=47))
    assert world.move(visit, "cancel", "receptionist", world.at("09:59")).status == CANCELLED


def test_a_practitioner_cancels_the_own_visit_as_any_patient_does(world: World) -> None:
    whose = patient(given="Doctor", user=world.clinic.practitioners[1].user)
    visit = world.book(whose=whose, who=0)
    assert world.move(visit, "cancel", "other practitioner", NOW).status == CANCELLED


@pytest.mark.parametrize("verb", ["noshow", "complete"])
def test_nobody_is_missed_or_done_before_the_start(world: World, verb: str) -> None:
    visit = world.visit(CHECKED_IN if verb == "complete" else BOOKED)
    with pytest.raises(NotNow):
        world.move(visit, verb, "own practitioner", world.at("10:00") - timedelta(microseconds=1))


def test_a_visit_is_not_missed_before_but_at_its_start(world: World) -> None:
    assert world.move(world.book(), "noshow", now=world.at("10:00")).status == NOSHOW


def test_completing_at_the_very_start_is_refused_politely_or_done(world: World) -> None:
    visit = world.visit(CHECKED_IN)
    before = stored(visit)
    try:
        world.move(visit, "complete", "own practitioner", world.at("10:00"))
    except Refused:
        assert stored(visit) == before


FAR = ["Pacific/Auckland", "Pacific/Honolulu"]  # 13 hours ahead of UTC on that day, and 10 behind


@pytest.fixture(params=FAR)
def far(request: pytest.FixtureRequest, world: World) -> Iterator[World]:
    """The same clinic in a zone where the local day and the UTC day differ."""
    place, before = world.clinic.place, world.clinic.place.zone
    Location.objects.filter(pk=place.pk).update(zone=request.param)
    place.zone = request.param
    yield world
    place.zone = before


SAME_DAY = [(CANCELLED, "undo-cancel"), (ARRIVED, "undo-arrive"), (FULFILLED, "reopen"), (NOSHOW, "came-after-all")]


@pytest.mark.parametrize(("status", "verb"), SAME_DAY)
def test_what_is_undone_the_same_day_is_undone_until_local_midnight(far: World, status: Status, verb: str) -> None:
    visit = far.visit(status)
    midnight = far.at("00:00", days=1)
    with pytest.raises(NotNow):
        far.move(visit, verb, "own practitioner", midnight)
    far.move(visit, verb, "own practitioner", midnight - timedelta(microseconds=1))


def test_the_same_local_day_may_be_two_days_in_utc(far: World) -> None:
    switch = datetime.combine(far.at("12:00").astimezone(UTC).date() + DAY, datetime.min.time(), UTC)
    if switch.astimezone(far.clinic.place.tz).date() != MONDAY:
        switch -= DAY
    assert switch.astimezone(far.clinic.place.tz).date() == MONDAY
    visit = far.book()
    far.move(visit, "cancel", now=switch - MINUTE)
    assert far.move(visit, "undo-cancel", now=switch + MINUTE).status == BOOKED


def test_one_arrives_on_the_local_day_of_the_visit_only(far: World) -> None:
    visit = far.book()
    for wrong in (far.at("00:00") - MINUTE, far.at("00:00", days=1)):
        with pytest.raises(NotNow):
            far.move(visit, "arrive", now=wrong)
    assert far.move(visit, "arrive", now=far.at("00:00")).status == ARRIVED


# --- Completing -----------------------------------------------------------------------------------------------------


def done(world: World, clock: str) -> Appointment:
    visit = world.visit(CHECKED_IN)
    assert spans(visit) == PLANNED
    return world.move(visit, "complete", "own practitioner", world.at(clock))


@pytest.mark.parametrize(
    ("clock", "claims"),
    [
        ("10:03", [("practitioner", "10:00", "10:03"), ("room", "09:55", "10:13")]),
        ("10:20", [("practitioner", "10:00", "10:05"), ("room", "09:55", "10:30")]),
        (
            "11:00",
            [
                ("device", "10:40", "11:00"),
                ("practitioner", "10:00", "10:05"),
                ("practitioner", "10:35", "11:00"),
                ("room", "09:55", "11:10"),
            ],
        ),
        (
            "11:25",
            [
                ("device", "10:40", "11:20"),
                ("practitioner", "10:00", "10:05"),
                ("practitioner", "10:35", "11:25"),
                ("room", "09:55", "11:35"),
            ],
        ),
    ],
)
def test_done_early_gives_back_what_is_not_needed_and_moves_the_cleaning(
    world: World, clock: str, claims: list[tuple[str, str, str]]
) -> None:
    visit = done(world, clock)
    assert spans(visit) == claims
    assert visit.during == DateTimeTZRange(world.at("10:00"), world.at(clock))
    assert visit.occupied == DateTimeTZRange(world.at("09:55"), world.at(clock) + 10 * MINUTE)


@pytest.mark.parametrize("clock", ["11:30", "11:35", "12:30"])
def test_done_late_changes_no_claim(world: World, clock: str) -> None:
    visit = done(world, clock)
    assert spans(visit) == PLANNED
    assert visit.during == DateTimeTZRange(world.at("10:00"), world.at("11:30"))


def test_a_room_that_was_given_back_early_can_be_booked(world: World) -> None:
    first = done(world, "10:20")
    room = first.claims.get(resource__kind="room").resource_id
    second = world.book("10:35", whose=patient(given="Next"))
    assert second.claims.get(resource__kind="room").resource_id == room


def test_reopening_is_refused_when_the_room_was_given_away_meanwhile(world: World) -> None:
    first = done(world, "10:20")
    world.book("10:35", whose=patient(given="Next"), who=1)
    before = stored(first)
    with pytest.raises(JustTaken):
        world.move(first, "reopen", "own practitioner", world.at("10:25"))
    assert stored(first) == before


def test_reopening_takes_the_same_room_and_practitioner_again(world: World) -> None:
    visit = world.visit(CHECKED_IN)
    before = sorted(visit.claims.values_list("resource", "during"))
    world.move(visit, "complete", "own practitioner", world.at("11:00"))
    world.move(visit, "reopen", "own practitioner", world.at("11:05"))
    assert sorted(visit.claims.values_list("resource", "during")) == before


# --- Coming back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "verb"), [(CANCELLED, "undo-cancel"), (NOSHOW, "came-after-all")])
def test_what_comes_back_is_refused_where_somebody_else_is_now(world: World, status: Status, verb: str) -> None:
    visit = world.visit(status)
    world.book(whose=patient(given="Next"))
    with pytest.raises(JustTaken):
        world.move(visit, verb)


def test_what_comes_back_finds_another_room(world: World) -> None:
    visit = world.visit(CANCELLED)
    other = world.book(whose=patient(given="Next"), who=1)
    world.move(visit, "undo-cancel")
    rooms = Claim.objects.filter(appointment__in=[visit, other], resource__kind="room").values_list("resource", flat=True)
    assert len(set(rooms)) == 2


def test_what_comes_back_is_refused_while_the_patient_is_elsewhere(world: World) -> None:
    visit = world.visit(CANCELLED)
    world.book(who=1)
    with pytest.raises(PatientBusy):
        world.move(visit, "undo-cancel")


def test_what_comes_back_must_leave_the_skin_its_rest(world: World) -> None:
    visit = world.visit(CANCELLED)
    world.book(days=1)
    with pytest.raises(TooSoon):
        world.move(visit, "undo-cancel")


def test_a_cancelled_request_comes_back_as_a_request_and_its_letter_says_so(world: World) -> None:
    visit = world.visit(PENDING)
    world.move(visit, "cancel")
    sent = set(Envelope.objects.values_list("pk", flat=True))
    assert world.move(visit, "undo-cancel").status == PENDING
    assert list(Envelope.objects.exclude(pk__in=sent).values_list("kind", flat=True)) == ["received"]


def test_a_hold_keeps_a_visit_from_coming_back_until_it_has_lapsed(world: World) -> None:
    visit = world.book()
    world.move(visit, "cancel", now=NOW)
    operations.hold(holder="late", address=None, choice=world.choice("10:00"), key=uuid4(), now=NOW)
    with pytest.raises(JustTaken):
        world.move(visit, "undo-cancel", now=NOW + 9 * MINUTE)
    assert world.move(visit, "undo-cancel", now=NOW + 10 * MINUTE).status == BOOKED
    assert Appointment.objects.get() == visit
