"""Pending visits: the list tells nothing clinical; opening the answers is written down; a clinician decides."""

import json
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Hours, Status
from clinic.scheduling.operations import Booking, Choice
from patients.models import CareTeam, Evaluation, Patient, TrailEntry
from tests.build import NOW, Clinic, location, patient, user
from tests.clinic.workspace.conftest import browser, moved, status_of
from treatments.acting import Actor
from treatments.models import QuestionnaireVersion, Rule

REVIEW = "/workspace/review/"
SECRET = "isotretinoin-marker"


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """A pending visit whose evaluation holds one flagged answer, with a note of the patient's."""
    who = patient(email="pat@example.org")
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("14:00"), clinic.practitioners[0].pk)
    booking = Booking(choice, who, status=Status.PENDING, note=SECRET)
    made = operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    fired = {
        "rule": "r1",
        "tier": "flag",
        "patient_text": "A clinician looks first.",
        "staff_text": f"{SECRET} for staff",
        "question": "Do you take a medicine?",
        "answer": SECRET,
    }
    unanswered = fired | {"rule": "r2", "question": "Anything else?", "answer": "", "staff_text": ""}
    made.evaluation = Evaluation.objects.create(
        patient=who,
        treatment=clinic.microneedling,
        at=NOW,
        on=made.during.lower.date(),
        tier=Rule.Tier.FLAG,
        document=json.dumps({"fired": [fired, unanswered]}),
    )
    made.save()
    return made


def test_the_list_shows_who_waits_and_nothing_clinical(clinic: Clinic, visit: Appointment, colleague: Client) -> None:
    html = colleague.get(REVIEW).content.decode()
    for words in ("Pat Example", "Monday 1 March 2027, 14:00", "London time", "High Street", "Microneedling"):
        assert words in html
    assert "(3\xa0days)" in html
    assert SECRET not in html
    assert not TrailEntry.objects.exists()


def test_nobody_waiting_is_said(clinic: Clinic, doctor: Client) -> None:
    assert "Nobody waits" in doctor.get(REVIEW).content.decode()


def test_the_list_takes_as_many_queries_for_four_as_for_one(
    clinic: Clinic, visit: Appointment, doctor: Client, django_assert_num_queries
) -> None:
    queries = 7  # session, user, own locations, visits; whom one covers, could cover, and who is away
    doctor.get(REVIEW)  # the session notes once a minute that somebody is there
    with django_assert_num_queries(queries):
        doctor.get(REVIEW)
    for clock in ("10:00", "11:30", "15:30"):
        choice = Choice(clinic.consultation, clinic.place, clinic.at(clock))
        booking = Booking(choice, patient(given=clock), status=Status.PENDING)
        operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)
    with django_assert_num_queries(queries):
        assert len(doctor.get(REVIEW).context["visits"]) == 4


def test_everybody_at_the_desk_sees_that_one_waits(clinic: Clinic, visit: Appointment, desk: Client, doctor: Client) -> None:
    at_the_desk = desk.get("/workspace/")
    assert "1 visit waits for a clinician" in at_the_desk.content.decode()
    assert "A practitioner looks at their answers." in at_the_desk.content.decode()
    assert REVIEW not in at_the_desk.content.decode()
    assert f'href="{REVIEW}"' in doctor.get("/workspace/").content.decode()


def test_the_day_counts_what_the_list_behind_it_shows(clinic: Clinic, visit: Appointment, doctor: Client) -> None:
    Hours.objects.filter(resource=clinic.practitioners[0]).update(location=location(slug="elsewhere"))
    assert "waits for you" not in doctor.get("/workspace/").content.decode()
    assert doctor.get(REVIEW).context["visits"] == []


def test_opening_makes_the_reviewer_part_of_the_care_team_and_the_trail(
    clinic: Clinic, visit: Appointment, colleague: Client
) -> None:
    answer = colleague.post(f"{REVIEW}{visit.pk}/")
    html = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Do you take a medicine?", SECRET, "Anything else?", "Acknowledge"):
        assert words in html
    reviewer = clinic.practitioners[1].user
    member = CareTeam.objects.get(user=reviewer)
    assert (member.patient, member.why) == (visit.patient, CareTeam.Why.REVIEW)
    assert member.until == visit.during.upper.astimezone(UTC) + timedelta(days=30)
    line = TrailEntry.objects.get()
    assert (line.user, line.patient, line.fields) == (reviewer, visit.patient, ["evaluation"])
    assert line.why == "review of a pending visit"


def test_opened_again_the_membership_is_one_and_never_shorter(clinic: Clinic, visit: Appointment, colleague: Client) -> None:
    colleague.post(f"{REVIEW}{visit.pk}/")
    longer = visit.during.upper + timedelta(days=400)
    CareTeam.objects.filter(user=clinic.practitioners[1].user).update(until=longer)
    colleague.post(f"{REVIEW}{visit.pk}/")
    assert CareTeam.objects.get(user=clinic.practitioners[1].user).until == longer
    assert TrailEntry.objects.count() == 2


def test_the_answers_are_read_again_by_the_care_team_only(clinic: Clinic, visit: Appointment, colleague: Client) -> None:
    assert colleague.get(f"{REVIEW}{visit.pk}/").status_code == 404
    colleague.post(f"{REVIEW}{visit.pk}/")
    assert SECRET in colleague.get(f"{REVIEW}{visit.pk}/").content.decode()
    assert [line.why for line in TrailEntry.objects.order_by("pk")] == [
        "review of a pending visit",
        "answers of a visit, seen again",
    ]
    stranger = browser(user(roles=("practitioner",)))
    assert stranger.get(f"{REVIEW}{visit.pk}/").status_code == 404
    assert TrailEntry.objects.count() == 2


def test_a_membership_that_has_ended_opens_nothing(clinic: Clinic, visit: Appointment, colleague: Client, clock) -> None:
    colleague.post(f"{REVIEW}{visit.pk}/")
    clock.move_to(visit.during.upper + timedelta(days=31))
    assert browser(clinic.practitioners[1].user).get(f"{REVIEW}{visit.pk}/").status_code == 404


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("content_admin",), ("owner",)])
def test_only_reviewers_open_answers(clinic: Clinic, visit: Appointment, clock, roles: tuple[str, ...]) -> None:
    client = browser(user(roles=roles))
    for answer in (client.get(REVIEW), client.get(f"{REVIEW}{visit.pk}/"), client.post(f"{REVIEW}{visit.pk}/")):
        assert answer.status_code == 403
        assert SECRET not in answer.content.decode()
    assert not TrailEntry.objects.exists()


def test_acknowledging_books_and_writes_to_the_patient(clinic: Clinic, visit: Appointment, colleague: Client) -> None:
    colleague.post(f"{REVIEW}{visit.pk}/")
    Envelope.objects.all().delete()
    answer = moved(colleague, visit, "acknowledge", page="review", reason="spoke on the telephone")
    assert answer["Location"] == REVIEW
    assert status_of(visit) == Status.BOOKED
    assert [envelope.kind for envelope in Envelope.objects.all()] == ["confirmation"]
    assert visit.events.get(verb="acknowledge").reason == "spoke on the telephone"


def test_a_note_for_reviewers_is_not_for_reception(clinic: Clinic, visit: Appointment, desk: Client, doctor: Client) -> None:
    moved(doctor, visit, "acknowledge", page="review", reason=SECRET)
    assert SECRET in doctor.get(f"/workspace/visits/{visit.pk}/").content.decode()
    assert SECRET not in desk.get(f"/workspace/visits/{visit.pk}/").content.decode()


def test_a_note_for_reviewers_is_for_those_on_the_care_team_and_in_the_trail(
    clinic: Clinic, visit: Appointment, doctor: Client, colleague: Client
) -> None:
    moved(doctor, visit, "acknowledge", page="review", reason=SECRET)
    page = f"/workspace/visits/{visit.pk}/"
    assert SECRET not in colleague.get(page).content.decode()
    assert not TrailEntry.objects.exists()
    assert SECRET in doctor.get(page).content.decode()
    line = TrailEntry.objects.get()
    assert (line.user, line.fields) == (clinic.practitioners[0].user, ["review_notes"])


def test_a_visit_that_a_colleague_has_acknowledged_is_told_so(
    clinic: Clinic, visit: Appointment, doctor: Client, colleague: Client
) -> None:
    colleague.post(f"{REVIEW}{visit.pk}/")
    moved(doctor, visit, "acknowledge", page="review")
    second = moved(colleague, visit, "acknowledge", page="review", reason="my long note")
    assert second.status_code == 409
    assert "Last change: Acknowledged, by Dr A" in second.content.decode()
    opened = browser(user(roles=("practitioner",))).post(f"{REVIEW}{visit.pk}/")
    assert opened.status_code == 409
    assert SECRET not in opened.content.decode()
    assert CareTeam.objects.filter(why="review").count() == 1


def test_a_note_that_is_too_long_comes_back(clinic: Clinic, visit: Appointment, colleague: Client) -> None:
    colleague.post(f"{REVIEW}{visit.pk}/")
    answer = moved(colleague, visit, "acknowledge", page="review", reason="x" * 501)
    assert answer.status_code == 422
    assert "x" * 501 in answer.content.decode()
    assert status_of(visit) == Status.PENDING


def test_the_visits_own_practitioner_may_cancel_it_from_here(
    clinic: Clinic, visit: Appointment, doctor: Client, colleague: Client
) -> None:
    assert "Cancel the visit" not in colleague.post(f"{REVIEW}{visit.pk}/").content.decode()
    assert "Cancel the visit" in doctor.post(f"{REVIEW}{visit.pk}/").content.decode()
    asked = doctor.get(f"/workspace/visits/{visit.pk}/move/", {"verb": "cancel", "page": "review"}).content.decode()
    assert "A letter goes out to the patient." in asked
    moved(doctor, visit, "cancel", page="review")
    assert status_of(visit) == Status.CANCELLED


def test_without_an_address_and_without_answers_the_page_says_to_telephone(
    clinic: Clinic, visit: Appointment, doctor: Client
) -> None:
    assert "the patient is written to" in doctor.post(f"{REVIEW}{visit.pk}/").content.decode()
    Patient.objects.update(email="")
    Appointment.objects.update(evaluation=None)
    html = doctor.get(f"{REVIEW}{visit.pk}/").content.decode()
    assert "telephone the patient" in html
    assert "the patient is written to" not in html
    assert "Nothing has been asked yet" in html
    asked = QuestionnaireVersion.objects.get()
    visit.patient.answers.create(version=asked, question="q", value="no", at=NOW, recorded_by=clinic.reception)
    assert "Nothing in the answers needs a look." in doctor.get(f"{REVIEW}{visit.pk}/").content.decode()


def test_unknown_visits_are_not_found(clinic: Clinic, doctor: Client) -> None:
    missing = patient().pk
    assert doctor.get(f"{REVIEW}{missing}/").status_code == 404
    assert doctor.post(f"{REVIEW}{missing}/").status_code == 404


def test_receptions_pages_never_hold_a_clinical_word(
    clinic: Clinic, visit: Appointment, desk: Client, doctor: Client
) -> None:
    doctor.post(f"{REVIEW}{visit.pk}/")
    asked = QuestionnaireVersion.objects.get()
    visit.patient.answers.create(version=asked, question="q", value=SECRET, at=NOW, recorded_by=clinic.reception)
    moved(doctor, visit, "acknowledge", page="review", reason=SECRET)
    paths = [
        "/workspace/",
        f"/workspace/visits/{visit.pk}/",
        f"/workspace/visits/{visit.pk}/move/?verb=wrong-entry&page=today",
        "/workspace/book/?q=pat",
        f"/workspace/book/?patient={visit.patient_id}&treatment={clinic.microneedling.pk}&day=2027-03-02",
        "/workspace/book/new/",
    ]
    for path in paths:
        answer = desk.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode(), path
    refused = moved(desk, visit, "came-after-all")
    assert refused.status_code == 409
    assert SECRET not in refused.content.decode()
