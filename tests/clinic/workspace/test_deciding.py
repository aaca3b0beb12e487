"""What a reviewer may do besides a word of thanks: ask, end the visit, confirm all the same, stand in for a colleague."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from clinic.letters import compose
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import AnswerRequest, Appointment, Closure, Cover, Status
from clinic.scheduling.operations import Booking, Choice, Wish
from clinic.scheduling.queries.policy import limits_of
from clinic.scheduling.queries.visits import open_visits
from clinic.scheduling.refusals import NotAllowed, NotNow, OverrideNeeded, WrongSpan
from patients.models import CareTeam, Evaluation, Patient, TrailEntry
from tests.build import MONDAY, NOW, Clinic, patient, user
from tests.clinic.workspace.conftest import browser, moved, status_of
from tests.patients.world import screening_only_questions
from tests.scheduling.test_constraints import span
from treatments.acting import Actor

REVIEW = "/workspace/review/"
DAY = timedelta(days=1)
REASON = "agreed on the telephone marker"


@pytest.fixture
def clinic(db: None) -> Clinic:
    made = Clinic(practitioners=2, rooms=2, pens=2, screening=False)
    screening_only_questions()
    for practitioner in made.practitioners:
        practitioner.user.name = practitioner.name
        practitioner.user.save()
    return made


def waits(clinic: Clinic, clock: str = "10:00", *, days: int = 7, who: int = 0, tier: str = "flag") -> Appointment:
    """A pending visit a week after this Monday, because of what its patient answered about smoking."""
    pat = patient(user=user(), email="pat@example.org", given=f"Pat {clock}")
    start = clinic.at(clock, day=MONDAY + days * DAY)
    choice = Choice(clinic.microneedling, clinic.place, start, clinic.practitioners[who].pk)
    booking = Booking(choice, pat, status=Status.PENDING)
    made = operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    fired = {"rule": "r", "tier": tier, "code": "smoker", "question": "Do you smoke?", "answer": "Daily"}
    texts = {"patient_text": "", "staff_text": ""}
    made.evaluation = Evaluation.objects.create(
        patient=pat,
        treatment=clinic.microneedling,
        at=NOW,
        on=start.date(),
        tier=tier,
        document=json.dumps({"fired": [fired | texts]}),
    )
    made.save()
    return made


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return waits(clinic)


def opened(client: Client, visit: Appointment) -> str:
    return client.post(f"{REVIEW}{visit.pk}/").content.decode()


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_what_fired_stands_first_among_the_questions(visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    form = doctor.get(f"{REVIEW}{visit.pk}/").context["forms"]["ask"]
    assert [code for code, _ in form.fields["fired"].choices] == ["smoker"]
    assert "breastfeeding" in {code for code, _ in form.fields["others"].choices}


def test_the_patient_is_asked_and_the_page_and_the_list_say_since_when(visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    sent = {"fired": ["smoker"], "others": ["breastfeeding"], "note": "How many a day?"}
    page = doctor.post(f"{REVIEW}{visit.pk}/ask/", sent, follow=True).content.decode()
    assert "The patient is asked." in page
    for words in (
        "Asked on Monday 1 March 2027, 09:50 by Dr A.",
        "Not answered yet.",
        "How many a day?",
        "Ask this instead",
    ):
        assert words in page
    assert AnswerRequest.objects.get().questions == ["smoker", "breastfeeding"]
    assert "The patient was asked on Monday 1 March 2027, 09:50" in doctor.get(REVIEW).content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"note": "kept"}, "Choose at least one question."),
        ({"fired": "nonsense", "note": "kept"}, "Select a valid choice"),
        ({"fired": "smoker", "note": "kept" * 200}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_asked_is_said_and_the_note_is_kept(
    visit: Appointment, doctor: Client, sent: dict[str, str], words: str
) -> None:
    opened(doctor, visit)
    answer = doctor.post(f"{REVIEW}{visit.pk}/ask/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert sent["note"] in answer.content.decode()


def test_two_who_ask_at_once_are_told(visit: Appointment, doctor: Client, colleague: Client) -> None:
    for client in (doctor, colleague):
        opened(client, visit)
    doctor.post(f"{REVIEW}{visit.pk}/ask/", {"fired": "smoker"})
    second = colleague.post(f"{REVIEW}{visit.pk}/ask/", {"others": "breastfeeding", "note": "my long note"})
    assert second.status_code == 409
    assert "The patient is being asked already." in second.content.decode()
    assert "my long note" in second.content.decode()


def test_who_has_not_opened_the_answers_asks_nothing(visit: Appointment, colleague: Client, desk: Client) -> None:
    assert colleague.post(f"{REVIEW}{visit.pk}/ask/", {"fired": "smoker"}).status_code == 404
    assert desk.post(f"{REVIEW}{visit.pk}/ask/", {"fired": "smoker"}).status_code == 403


# --- Ending it with an invitation ------------------------------------------------------------------------------------


def test_declining_frees_the_time_costs_nothing_and_invites(visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    Envelope.objects.all().delete()
    moved(doctor, visit, "decline", page="review", reason="Let us talk about timing.")
    gone = Appointment.objects.get(pk=visit.pk)
    assert (gone.status, gone.claims.count()) == (Status.CANCELLED, 0)
    assert [envelope.kind for envelope in Envelope.objects.all()] == ["declined"]
    assert open_visits(visit.patient, NOW) == 0
    assert limits_of(gone).changes_left == 3


def test_the_letter_leads_to_a_consultation_and_names_nothing(clinic: Clinic, visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    moved(doctor, visit, "decline", page="review", reason="Let us talk about timing.")
    letter = compose("declined", visit.pk)
    assert letter
    assert f"/book/{clinic.consultation.pk}/?place={clinic.place.slug}" in letter.body
    for word in ("needling", "timing", "smok", "unsuitable"):
        assert word not in f"{letter.subject} {letter.body}".lower()


def test_the_patient_reads_the_note_calmly_and_finds_a_time(clinic: Clinic, visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    moved(doctor, visit, "decline", page="review", reason="Let us talk about timing.")
    html = browser(visit.patient.user).get(f"/visits/{visit.pk}/").content.decode()
    assert "We would like to talk to you first" in html
    assert "Let us talk about timing." in html
    assert f"/book/{clinic.consultation.pk}/" in html
    assert "Find another time" not in html
    assert TrailEntry.objects.filter(user=visit.patient.user, fields=["note"]).exists()


def test_the_note_is_needed_and_what_was_typed_too_long_comes_back(visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    empty = moved(doctor, visit, "decline", page="review")
    assert (empty.status_code, "Write to the patient what" in empty.content.decode()) == (422, True)
    long = moved(doctor, visit, "decline", page="review", reason="x" * 501)
    assert (long.status_code, "x" * 501 in long.content.decode()) == (422, True)
    assert status_of(visit) == Status.PENDING


def test_a_declined_visit_can_be_taken_back_the_same_day(visit: Appointment, doctor: Client) -> None:
    opened(doctor, visit)
    moved(doctor, visit, "decline", page="review", reason="a slip")
    moved(doctor, visit, "undo-cancel", page="visit")
    assert status_of(visit) == Status.PENDING
    assert "a slip" not in browser(visit.patient.user).get(f"/visits/{visit.pk}/").content.decode()


# --- Confirming all the same -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", ["block", "block_until"])
def test_what_the_answers_close_is_confirmed_only_with_a_reason(clinic: Clinic, doctor: Client, tier: str) -> None:
    closed = waits(clinic, tier=tier)
    page = opened(doctor, closed)
    assert "Confirm all the same" in page
    assert "The visit becomes booked" not in page
    assert moved(doctor, closed, "acknowledge", page="review").status_code == 409
    assert moved(doctor, closed, "override", page="review").status_code == 422
    assert status_of(closed) == Status.PENDING
    moved(doctor, closed, "override", page="review", reason=REASON)
    assert status_of(closed) == Status.BOOKED
    assert closed.events.get(verb="override").reason == REASON


def test_the_reason_is_read_by_reviewers_alone(clinic: Clinic, doctor: Client, desk: Client) -> None:
    closed = waits(clinic, tier="block")
    opened(doctor, closed)
    moved(doctor, closed, "override", page="review", reason=REASON)
    assert REASON in doctor.get(f"/workspace/visits/{closed.pk}/").content.decode()
    patients = browser(closed.patient.user)
    for client, path in (
        (desk, f"/workspace/visits/{closed.pk}/"),
        (patients, f"/visits/{closed.pk}/"),
        (patients, "/record/"),
    ):
        assert REASON not in client.get(path).content.decode()


@pytest.mark.parametrize(("tier", "verb"), [("block", "override"), ("flag", "decline")])
def test_what_a_reviewer_wrote_is_read_by_the_care_team_alone_and_the_trail_says_so(
    clinic: Clinic, doctor: Client, colleague: Client, tier: str, verb: str
) -> None:
    decided = waits(clinic, tier=tier)
    opened(doctor, decided)
    moved(doctor, decided, verb, page="review", reason=REASON)
    page, before = f"/workspace/visits/{decided.pk}/", TrailEntry.objects.count()
    assert REASON not in colleague.get(page).content.decode()
    assert TrailEntry.objects.count() == before
    assert REASON in doctor.get(page).content.decode()
    assert TrailEntry.objects.latest("pk").fields == ["review_notes"]


@pytest.mark.parametrize(("tier", "verb"), [("flag", "acknowledge"), ("block", "override"), ("flag", "decline")])
def test_nobody_decides_about_their_own_answers(clinic: Clinic, colleague: Client, tier: str, verb: str) -> None:
    own, reviewer = waits(clinic, tier=tier), clinic.practitioners[1].user
    Patient.objects.filter(pk=own.patient_id).update(user=reviewer)
    assert colleague.post(f"{REVIEW}{own.pk}/").status_code == 403
    assert not CareTeam.objects.filter(user=reviewer, patient=own.patient).exists()
    assert colleague.get(f"{REVIEW}{own.pk}/").status_code == 404
    assert colleague.post(f"{REVIEW}{own.pk}/ask/", {"fired": "smoker"}).status_code == 404
    with pytest.raises(NotAllowed):
        operations.transition(actor=Actor(user=reviewer), wish=Wish(own.pk, verb, REASON), now=clinic.at("09:50"))
    assert status_of(own) == Status.PENDING
    assert not AnswerRequest.objects.exists()


def test_who_stands_in_and_reads_is_told_to_the_patient_as_one_of_those_who_treat(
    clinic: Clinic, colleague: Client, visit: Appointment
) -> None:
    operations.take_cover(
        actor=Actor(user=clinic.practitioners[1].user), practitioner=clinic.practitioners[0], until=NOW + 9 * DAY, now=NOW
    )
    assert colleague.get(f"/workspace/patients/{visit.patient_id}/record/").status_code == 200
    assert TrailEntry.objects.latest("pk").why == "the care team"
    assert "because of: own record" not in browser(visit.patient.user).get("/record/").content.decode()


def test_where_nothing_is_closed_there_is_nothing_to_override(visit: Appointment, doctor: Client, clinic: Clinic) -> None:
    opened(doctor, visit)
    actor = Actor(user=clinic.practitioners[0].user)
    with pytest.raises(NotNow):
        operations.transition(actor=actor, wish=Wish(visit.pk, "override", REASON), now=clinic.at("09:50"))


def test_an_acknowledgement_of_closed_answers_says_what_to_do(clinic: Clinic, doctor: Client) -> None:
    closed = waits(clinic, tier="block")
    opened(doctor, closed)
    with pytest.raises(OverrideNeeded, match="Confirm it all the same with a reason"):
        operations.transition(
            actor=Actor(user=clinic.practitioners[0].user), wish=Wish(closed.pk, "acknowledge"), now=clinic.at("09:50")
        )


# --- The queue, and standing in --------------------------------------------------------------------------------------


def names(client: Client, which: str = "") -> list[str]:
    return [row["visit"].patient.given_name for row in client.get(f"{REVIEW}?of={which}").context["visits"]]


def test_the_queue_is_filtered_and_a_colleagues_is_taken(clinic: Clinic, colleague: Client) -> None:
    first, second = waits(clinic, "10:00", who=0), waits(clinic, "14:00", who=1)
    assert names(colleague) == ["Pat 10:00", "Pat 14:00"]
    assert names(colleague, "mine") == ["Pat 14:00"]
    assert names(colleague, "covered") == []
    sent = {"practitioner": clinic.practitioners[0].pk, "until": "2027-03-05"}
    told = colleague.post(f"{REVIEW}cover/", sent, follow=True).content.decode()
    assert "You stand in for Dr A until Friday 5 March 2027." in told
    assert "Dr A, until Friday 5 March 2027</li>" in told
    assert names(colleague, "covered") == ["Pat 10:00"]
    member = CareTeam.objects.get(why=CareTeam.Why.COVER)
    assert (member.patient, member.user) == (first.patient, clinic.practitioners[1].user)
    assert member.until == clinic.at("00:00", day=date(2027, 3, 6))
    line = TrailEntry.objects.get()
    assert (line.patient, line.why) == (first.patient, "standing in for a colleague")
    assert second.patient not in {entry.patient for entry in TrailEntry.objects.all()}


def test_later_visits_of_whom_one_covers_come_into_the_queue_until_the_cover_ends(
    clinic: Clinic, colleague: Client, clock
) -> None:
    actor = Actor(user=clinic.practitioners[1].user)
    until = clinic.at("12:00", day=MONDAY + DAY)
    operations.take_cover(actor=actor, practitioner=clinic.practitioners[0], until=until, now=NOW)
    waits(clinic)
    assert names(colleague, "covered") == ["Pat 10:00"]
    clock.move_to(until)
    assert names(browser(actor.user), "covered") == []


def test_covered_again_the_later_end_counts(clinic: Clinic) -> None:
    waits(clinic)
    actor, who = Actor(user=clinic.practitioners[1].user), clinic.practitioners[0]
    for days in (5, 2, 9):
        operations.take_cover(actor=actor, practitioner=who, until=NOW + days * DAY, now=NOW)
    assert Cover.objects.get().until == CareTeam.objects.get(why="cover").until == NOW + 9 * DAY


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_cover_ends_some_time_and_not_before_it_begins(clinic: Clinic, days: int) -> None:
    actor = Actor(user=clinic.practitioners[1].user)
    with pytest.raises(WrongSpan):
        operations.take_cover(actor=actor, practitioner=clinic.practitioners[0], until=NOW + days * DAY, now=NOW)


def test_nobody_covers_for_themselves_and_reception_for_nobody(clinic: Clinic) -> None:
    own = clinic.practitioners[0]
    for who in (own.user, clinic.reception):
        with pytest.raises(NotAllowed):
            operations.take_cover(actor=Actor(user=who), practitioner=own, until=NOW + DAY, now=NOW)


def test_a_wrong_day_is_said_beside_it(clinic: Clinic, colleague: Client) -> None:
    Closure.objects.create(resource=clinic.practitioners[0], during=span(clinic.at("09:00"), 72), kind="time_off")
    answer = colleague.post(f"{REVIEW}cover/", {"practitioner": clinic.practitioners[0].pk, "until": "2026-01-01"})
    assert answer.status_code == 422
    assert "Choose a day that is still to come" in answer.content.decode()
    assert "Dr A (away until Thursday 4 March 2027)" in answer.content.decode()


def test_what_was_answered_and_what_is_near_come_first_and_what_waits_for_the_patient_last(
    clinic: Clinic, doctor: Client
) -> None:
    waits(clinic, "15:00", days=1)  # tomorrow
    for clock in ("09:15", "11:15", "13:15"):
        waits(clinic, clock)
    asked, answered = (Appointment.objects.get(patient__given_name=f"Pat {clock}") for clock in ("09:15", "13:15"))
    for one in (asked, answered):
        opened(doctor, one)
        doctor.post(f"{REVIEW}{one.pk}/ask/", {"fired": "smoker"})
    AnswerRequest.objects.filter(appointment=answered).update(answered_at=clinic.at("09:55"))
    assert names(doctor) == ["Pat 15:00", "Pat 13:15", "Pat 11:15", "Pat 09:15"]
    html = doctor.get(REVIEW).content.decode()
    assert "Late: the visit is near" in html
    assert "answered on Monday 1 March 2027, 09:55" in html


@pytest.mark.parametrize("role", ["receptionist", "practitioner", "owner"])
def test_what_is_near_and_undecided_stands_on_everybodys_day(clinic: Clinic, clock: object, role: str) -> None:
    waits(clinic, "15:00", days=1)
    waits(clinic, "10:00", days=3)
    html = browser(user(roles=(role,))).get("/workspace/").content.decode()
    near = html[html.index('id="near"') : html.index("</section>", html.index('id="near"'))]
    assert "Pat 15:00 Example" in near
    assert "answers to look at" in near
    assert "Pat 10:00" not in near
    for word in ("smok", "Daily"):
        assert word not in html
