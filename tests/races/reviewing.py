"""Reviewers and the desk at the same moment: who may win, and which harm shows without the lock and the constraint."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import cycle
from uuid import uuid4

from clinic.accounts.models import User
from clinic.scheduling import operations
from clinic.scheduling.models import AnswerRequest, Appointment, CallBack, Status
from clinic.scheduling.operations import Asking, Booking, Called, CallWish, Choice, Wish
from clinic.scheduling.refusals import AskedAlready, CalledAlready, NotNow
from patients.models import Answer, Evaluation
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from tests.patients.world import screening_only_questions
from tests.races.harness import Call
from tests.races.rivals import RIVALS, Race, day
from treatments.acting import Actor
from treatments.models import QuestionnaireVersion

LATER = NOW + timedelta(hours=1)

NO_REQUEST_GUARD = "drop index answer_request_one_open_per_visit"
NO_CALL_GUARD = "drop index call_back_one_open_per_patient"
DECIDED_TWICE = """
select count(*) - count(distinct appointment_id) from scheduling_appointmentevent
where from_status = 'pending' and to_status <> 'pending'
"""
ASKED_TWICE = """
select count(*) - count(distinct appointment_id) from scheduling_answerrequest
where answered_at is null and withdrawn_at is null
"""
ASKED_FOR_NOTHING = """
select count(*) from scheduling_answerrequest as r join scheduling_appointment as v on v.id = r.appointment_id
where r.answered_at is null and r.withdrawn_at is null and v.status <> 'pending'
"""
COUNT_WRITES = (
    "alter table scheduling_callback add column writes int not null default 0",
    "create function count_writes() returns trigger language plpgsql as "
    "$$ begin new.writes := old.writes + 1; return new; end $$",
    "create trigger count_writes before update on scheduling_callback for each row execute function count_writes()",
)
TOLD_TWICE = "select count(*) from scheduling_callback as c where (to_jsonb(c) ->> 'writes')::int > 1"
CALLED_BY_TWO = "select count(*) - count(distinct patient_id) from scheduling_callback where done_at is null"


def waiting(clinic: Clinic, n: int = 0, *, tier: str = "") -> Appointment:
    """A pending visit of the n-th day whose answers every practitioner has opened."""
    if not QuestionnaireVersion.objects.exclude(published_at=None).exists():
        screening_only_questions()
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=day(n)))
    booking = Booking(choice, patient(user=build.user()), status=Status.PENDING)
    visit = operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    for doctor in clinic.practitioners:
        operations.open_review(actor=Actor(user=doctor.user), visit=visit.pk, now=NOW)
    if tier:
        said = {"patient": visit.patient, "treatment": clinic.microneedling, "at": NOW, "on": MONDAY, "tier": tier}
        evaluation = Evaluation.objects.create(document='{"fired": []}', **said)
        Appointment.objects.filter(pk=visit.pk).update(evaluation=evaluation)
    return visit


def decide(doctor: User, visit: Appointment, verb: str) -> Call:
    return partial(operations.transition, actor=Actor(user=doctor), wish=Wish(visit.pk, verb, "a reason"), now=LATER)


def ask(doctor: User, visit: Appointment, note: str = "", **more: object) -> Call:
    return partial(operations.ask, actor=Actor(user=doctor), asking=Asking(visit.pk, ("smoker",), note, **more), now=LATER)


def wish_for_call(clinic: Clinic, whose: object) -> Call:
    wish = CallWish(whose, clinic.place, "020 7946 0009")
    return partial(operations.ask_for_call, actor=Actor(user=clinic.reception), wish=wish, now=NOW)


def tell(clinic: Clinic, call: CallBack, *, reached: bool) -> Call:
    return partial(operations.called, actor=Actor(user=clinic.reception), called=Called(call.pk, reached), now=LATER)


# --- Races ------------------------------------------------------------------------------------------------------------


def two_decisions(clinic: Clinic, n: int) -> list[Call]:
    """Half of them acknowledge, half end the visit."""
    visit, doctors = waiting(clinic, n), cycle(clinic.practitioners)
    return [decide(next(doctors).user, visit, ("acknowledge", "decline")[i % 2]) for i in range(RIVALS)]


def different_questions(clinic: Clinic, n: int) -> list[Call]:
    visit, doctors = waiting(clinic, n), cycle(clinic.practitioners)
    return [ask(next(doctors).user, visit, f"note {i}") for i in range(RIVALS)]


def one_question_sent_again(clinic: Clinic, n: int) -> list[Call]:
    visit = waiting(clinic, n)
    return [ask(clinic.practitioners[0].user, visit, "the same") for _ in range(RIVALS)]


def one_call_told_by_many(clinic: Clinic, n: int) -> list[Call]:
    call = wish_for_call(clinic, patient(given=f"Pat {n}"))()
    return [tell(clinic, call, reached=i % 2 == 0) for i in range(RIVALS)]


def one_wish_sent_again(clinic: Clinic, n: int) -> list[Call]:
    whose = patient(given=f"Pat {n}")
    return [wish_for_call(clinic, whose) for _ in range(RIVALS)]


RACES = {
    "one acknowledges and one declines": Race(two_decisions, 1, (NotNow,), (), DECIDED_TWICE),
    "different questions": Race(different_questions, 1, (AskedAlready,), (NO_REQUEST_GUARD,), ASKED_TWICE),
    "one question sent twelve times": Race(one_question_sent_again, RIVALS, (), (NO_REQUEST_GUARD,), ASKED_TWICE),
    "one call told by many": Race(one_call_told_by_many, 1, (CalledAlready,), COUNT_WRITES, TOLD_TWICE),
    "one wish sent twelve times": Race(one_wish_sent_again, RIVALS, (), (NO_CALL_GUARD,), CALLED_BY_TWO),
}


# --- What dies in the middle -----------------------------------------------------------------------------------------


def asked(clinic: Clinic) -> Call:
    return ask(clinic.practitioners[0].user, waiting(clinic))


def asked_instead(clinic: Clinic) -> Call:
    visit, doctor = waiting(clinic), clinic.practitioners[0].user
    first = ask(doctor, visit, "one")()
    return ask(doctor, visit, "another", instead_of=first.pk)


def answered(clinic: Clinic) -> Call:
    visit = waiting(clinic)
    ask(clinic.practitioners[0].user, visit)()
    said = {"patient": visit.patient, "recorded_by": visit.patient.user, "at": LATER + timedelta(minutes=1)}
    version = QuestionnaireVersion.objects.exclude(published_at=None).get()
    Answer.objects.create(**said, version=version, question="smoker", value="no")
    assert AnswerRequest.objects.get().answered_at is None
    now = LATER + timedelta(minutes=2)
    return partial(operations.take_answers, actor=Actor(user=visit.patient.user), patient=visit.patient, now=now)


def decided(verb: str, tier: str = "") -> Callable[[Clinic], Call]:
    def prepare(clinic: Clinic) -> Call:
        visit = waiting(clinic, tier=tier)
        ask(clinic.practitioners[0].user, visit)()
        return decide(clinic.practitioners[1].user, visit, verb)

    return prepare


def covered(clinic: Clinic) -> Call:
    visit, until = waiting(clinic), NOW + timedelta(days=5)
    actor = Actor(user=build.user(roles=("practitioner",)))
    return partial(operations.take_cover, actor=actor, practitioner=visit.practitioner, until=until, now=NOW)


def missed(clinic: Clinic) -> Call:
    return tell(clinic, wish_for_call(clinic, patient())(), reached=False)


def reached(clinic: Clinic) -> Call:
    return tell(clinic, wish_for_call(clinic, patient())(), reached=True)


VERBS: dict[str, Callable[[Clinic], Call]] = {
    "acknowledge": decided("acknowledge"),
    "decline": decided("decline"),
    "override": decided("override", "block"),
    "ask": asked,
    "ask instead": asked_instead,
    "answer": answered,
    "stand in": covered,
    "wish for a call": lambda clinic: wish_for_call(clinic, patient()),
    "reach nobody": missed,
    "reach somebody": reached,
}
