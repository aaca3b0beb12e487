"""A reviewer asks the patient once more: the questions open anew, the visit waits on, and the answer brings it back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinic.letters import compose
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import AnswerRequest, Appointment, Status
from clinic.scheduling.operations import Asking, Booking, Choice, Wish
from clinic.scheduling.queries.asking import askable, asked_anew, open_request, to_answer
from clinic.scheduling.refusals import AskedAlready, NotAllowed, NothingToAsk, NotNow
from patients.models import Answer, Evaluation, Patient, TrailEntry
from patients.queries import intake
from tests import build
from tests.build import MONDAY, NOW, Clinic, patient
from tests.patients.world import answer_all, ticket
from treatments.acting import Actor

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VISIT = MONDAY + 14 * DAY
NOTE = "Which medicine is it, please?"


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(screening=True)


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    return patient(user=build.user(email="pat@example.org"), email="pat@example.org")


@pytest.fixture
def visit(clinic: Clinic, pat: Patient) -> Appointment:
    """Waits for a clinician because of one answer."""
    answer_all(pat, ticket(on=VISIT), NOW, breastfeeding="yes")
    booking = Booking(Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=VISIT)), pat)
    made = operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    assert made.status == Status.PENDING
    return made


@pytest.fixture
def doctor(clinic: Clinic, visit: Appointment) -> Actor:
    """A colleague of the visit's practitioner, who has read the answers."""
    actor = Actor(user=build.user(roles=("practitioner",), name="Dr Other"))
    operations.open_review(actor=actor, visit=visit.pk, now=NOW)
    return actor


def ask(doctor: Actor, visit: Appointment, *questions: str, note: str = NOTE, now: datetime = NOW + HOUR, **more: object):
    asking = Asking(visit.pk, questions or ("breastfeeding", "smoker"), note, **more)
    return operations.ask(actor=doctor, asking=asking, now=now)


def answer(pat: Patient, visit: Appointment, now: datetime, **said: str) -> list[Appointment]:
    """What is asked, then what the site does after each saved page."""
    asked = to_answer(visit, now)
    assert asked
    answer_all(pat, asked, now, **said)
    return operations.take_answers(actor=Actor(user=pat.user), patient=pat, now=now + timedelta(minutes=1))


def test_the_patient_is_written_to_once_and_the_visit_waits_on(visit: Appointment, doctor: Actor) -> None:
    before = Envelope.objects.count()
    ask(doctor, visit)
    ask(doctor, visit, now=NOW + 2 * HOUR)  # the button was pressed twice
    assert [envelope.kind for envelope in Envelope.objects.order_by("pk")[before:]] == ["question"]
    assert AnswerRequest.objects.count() == 1
    assert Appointment.objects.get(pk=visit.pk).status == Status.PENDING
    assert [event.verb for event in visit.events.all()] == ["book", "ask"]


def test_the_letter_says_that_there_is_a_question_and_not_which(visit: Appointment, doctor: Actor, pat: Patient) -> None:
    ask(doctor, visit)
    letter = compose("question", visit.pk)
    assert letter
    assert f"/visits/{visit.pk}/" in letter.body
    for word in ("medicine", "breast", "needling", "smok"):
        assert word not in f"{letter.subject} {letter.body}".lower()
    answer(pat, visit, NOW + DAY)
    assert compose("question", visit.pk) is None


def test_only_what_is_asked_is_asked_and_old_answers_are_only_shown(visit: Appointment, doctor: Actor, pat: Patient) -> None:
    request = ask(doctor, visit)
    found = intake.pages(pat, asked_anew(request, visit), NOW + DAY)
    assert {item.code for page in found for item in page.questions} == {"breastfeeding", "smoker"}
    assert {code for page in found for code in page.before} == {"breastfeeding", "smoker"}
    assert all(page.answers == {} for page in found)


def test_the_answer_is_evaluated_and_the_visit_waits_for_the_reviewer(
    visit: Appointment, doctor: Actor, pat: Patient
) -> None:
    ask(doctor, visit)
    assert answer(pat, visit, NOW + DAY, breastfeeding="no") == [visit]
    now_is = Appointment.objects.get(pk=visit.pk)
    assert now_is.status == Status.PENDING
    assert now_is.evaluation_id != visit.evaluation_id
    assert "breastfeeding" not in {line["code"] for line in now_is.evaluation.fired}
    assert AnswerRequest.objects.get().answered_at == NOW + DAY + timedelta(minutes=1)
    assert [(event.verb, event.user) for event in visit.events.all()][-1] == ("answer", pat.user)
    assert to_answer(now_is, NOW + DAY + HOUR) is None


def test_half_of_the_answers_are_no_answer_yet(visit: Appointment, doctor: Actor, pat: Patient) -> None:
    request = ask(doctor, visit)
    asked = Answer(patient=pat, version=Answer.objects.first().version, question="smoker", value="no")
    asked.at, asked.recorded_by = NOW + DAY, pat.user
    asked.save()
    operations.take_answers(actor=Actor(user=pat.user), patient=pat, now=NOW + DAY + HOUR)
    assert open_request(visit) == request


def test_who_is_asked_already_is_asked_something_else_only_instead(visit: Appointment, doctor: Actor) -> None:
    first = ask(doctor, visit)
    with pytest.raises(AskedAlready):
        ask(doctor, visit, "smoker", now=NOW + 2 * HOUR)
    second = ask(doctor, visit, "smoker", now=NOW + 2 * HOUR, instead_of=first.pk)
    assert open_request(visit) == second
    assert AnswerRequest.objects.get(pk=first.pk).withdrawn_at == NOW + 2 * HOUR
    with pytest.raises(AskedAlready):
        ask(doctor, visit, "breastfeeding", now=NOW + 3 * HOUR, instead_of=first.pk)  # an old page


@pytest.mark.parametrize("verb", ["acknowledge", "decline", "cancel", "wrong-entry"])
def test_who_decides_withdraws_the_question(visit: Appointment, doctor: Actor, clinic: Clinic, verb: str) -> None:
    ask(doctor, visit)
    who = doctor if verb in ("acknowledge", "decline") else Actor(user=clinic.reception)
    operations.transition(actor=who, wish=Wish(visit.pk, verb, "because"), now=NOW + 2 * HOUR)
    assert AnswerRequest.objects.get().withdrawn_at == NOW + 2 * HOUR
    assert compose("question", visit.pk) is None


@pytest.mark.parametrize("questions", [("no_such_question",), ("cold_sore",)], ids=["unknown", "asked only later"])
def test_only_the_questions_of_the_visit_are_asked(visit: Appointment, doctor: Actor, questions: tuple[str, ...]) -> None:
    assert "smoker" in {item.code for item in askable(visit, NOW)}
    with pytest.raises(NothingToAsk):
        ask(doctor, visit, *questions)


def test_nothing_at_all_is_not_asked(visit: Appointment, doctor: Actor) -> None:
    with pytest.raises(NothingToAsk):
        operations.ask(actor=doctor, asking=Asking(visit.pk, ()), now=NOW)


@pytest.mark.parametrize("who", ["reception", "a reviewer who has read nothing", "the patient"])
def test_others_ask_nothing(visit: Appointment, clinic: Clinic, pat: Patient, who: str) -> None:
    users = {"reception": clinic.reception, "the patient": pat.user}
    user = users.get(who) or build.user(roles=("practitioner",))
    with pytest.raises(NotAllowed):
        ask(Actor(user=user), visit)


def test_a_visit_that_is_decided_asks_nothing(visit: Appointment, doctor: Actor) -> None:
    operations.transition(actor=doctor, wish=Wish(visit.pk, "acknowledge"), now=NOW)
    with pytest.raises(NotNow):
        ask(doctor, visit)


def test_a_visit_for_which_nothing_was_answered_is_answered_by_what_is_asked(clinic: Clinic, doctor: Actor) -> None:
    """Booked by telephone: the rest stays open, and the reviewer sees what came."""
    who = patient(user=build.user(), given="Kim")
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("13:00", day=VISIT))
    booking = Booking(choice, who, status=Status.PENDING)
    made = operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    operations.open_review(actor=doctor, visit=made.pk, now=NOW)
    ask(doctor, made, "smoker")
    assert answer(who, made, NOW + DAY) == [made]
    assert AnswerRequest.objects.get().answered_at


@pytest.fixture
def at() -> Callable[[datetime], object]:
    return lambda moment: time_machine.travel(moment, tick=False)


def test_the_patient_reads_the_note_behind_signing_in_and_the_trail_says_so(
    client: Client, visit: Appointment, doctor: Actor, pat: Patient, at
) -> None:
    ask(doctor, visit)
    with at(NOW + DAY):
        client.force_login(pat.user)
        dashboard = client.get("/visits/").content.decode()
        assert "We have a question for you" in dashboard
        assert NOTE not in dashboard
        assert NOTE in client.get(f"/visits/{visit.pk}/").content.decode()
        assert TrailEntry.objects.get(user=pat.user, fields=["note"]).why == "own record"
        page = client.get(f"/visits/{visit.pk}/questions/", follow=True).content.decode()
        assert "Last time you answered: Yes" in page
        answer(pat, visit, NOW + DAY)
    with at(NOW + DAY + HOUR):
        later = Client()
        later.force_login(pat.user)
        thanks = later.get(f"/visits/{visit.pk}/questions/", follow=True).content.decode()
        assert "A clinician looks at your answers" in thanks
        assert "We have a question for you" not in thanks


def test_an_answer_that_is_no_longer_offered_is_not_shown(client: Client, visit: Appointment, pat: Patient, at) -> None:
    """What was said last time comes back beside the question only where it can still be said."""
    asked = AnswerRequest(appointment=visit, asked_at=NOW + HOUR, questions=["smoker"])
    version, then = Answer.objects.first().version, NOW + timedelta(minutes=1)
    said = {"question": "smoker", "value": "<b>bold</b>", "at": then, "recorded_by": pat.user}
    Answer.objects.create(patient=pat, version=version, **said)
    with at(NOW + DAY):
        client.force_login(pat.user)
        page = client.get(asked_anew(asked, visit).url(), follow=True).content.decode()
    assert "Please choose an answer" not in page
    assert "bold" not in page


def test_a_strangers_notes_are_not_read(visit: Appointment, doctor: Actor) -> None:
    ask(doctor, visit)
    with pytest.raises(NotAllowed):
        operations.read_notes(actor=Actor(user=build.user()), visit=visit.pk, now=NOW)


def test_without_anything_asked_no_evaluation_is_made(visit: Appointment, pat: Patient) -> None:
    assert operations.take_answers(actor=Actor(user=pat.user), patient=pat, now=NOW + DAY) == []
    assert Evaluation.objects.count() == 1
