"""A record that is not yours: closed, and in an emergency open for an hour, of which everybody concerned learns."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client

from clinic.accounts.models import User
from clinic.messaging import outbox
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Emergency
from clinic.scheduling.refusals import NotAllowed, ReasonNeeded
from patients.models import CareTeam, EmergencyAccess, TrailEntry
from tests.build import Clinic, patient, user
from tests.clinic.workspace.conftest import booked, browser
from tests.factors import asking, set_up
from treatments.acting import Actor
from treatments.models import QuestionnaireVersion

SECRET = "isotretinoin-marker"
WHY = "Fainted in the waiting room"


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Dr A's; the patient has answered something."""
    made = booked(clinic, who=patient(email="pat@example.org", user=user(email="pat@example.org")))
    said = {"question": "diabetes", "value": SECRET, "at": made.created_at, "recorded_by": made.patient.user}
    made.patient.answers.create(version=QuestionnaireVersion.objects.get(), **said)
    return made


@pytest.fixture
def owner(clock: object) -> User:
    return user(email="owner@clinic.example", roles=("owner",), name="Olive Owner")


def record_at(visit: Appointment) -> str:
    return f"/workspace/patients/{visit.patient_id}/record/"


def emergency_at(visit: Appointment) -> str:
    return f"/workspace/patients/{visit.patient_id}/emergency/"


def html(answer) -> str:
    return answer.content.decode()


# --- Not yours ----------------------------------------------------------------------------------------------------------


def test_the_record_is_open_to_the_care_team_and_the_trail_says_so(
    clinic: Clinic, visit: Appointment, doctor: Client
) -> None:
    answer = doctor.get(record_at(visit))
    assert answer.status_code == 200
    assert "The patient can see that you opened this page." in html(answer)
    line = TrailEntry.objects.get()
    assert (line.user, line.patient, line.verb) == (clinic.practitioners[0].user, visit.patient, "opened")
    assert (line.why, line.visit_on) == ("a visit", visit.during.lower.date())


def test_others_read_that_it_is_not_theirs_and_what_to_do_in_an_emergency(visit: Appointment, colleague: Client) -> None:
    for path in (record_at(visit), f"/workspace/review/{visit.pk}/"):
        answer = colleague.get(path)
        assert answer.status_code == 404
        assert "You do not look after Pat Example" in html(answer)
        assert emergency_at(visit) in html(answer)
        assert SECRET not in html(answer)
    assert not TrailEntry.objects.exists()


def test_the_staff_page_of_a_visit_leads_to_the_record_for_those_who_may_read_records(
    visit: Appointment, desk: Client, colleague: Client
) -> None:
    page = f"/workspace/visits/{visit.pk}/"
    assert record_at(visit) in html(colleague.get(page))
    assert record_at(visit) not in html(desk.get(page))


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("content_admin",)])
def test_nobody_else_has_such_a_way(visit: Appointment, clock, roles: tuple[str, ...]) -> None:
    client = browser(user(roles=roles))
    assert {client.get(path).status_code for path in (record_at(visit), emergency_at(visit))} == {403}
    assert client.post(emergency_at(visit), {"reason": WHY}).status_code == 403
    with pytest.raises(NotAllowed):
        operations.break_glass(
            actor=Actor(user=user(roles=roles)), emergency=Emergency(visit.patient_id, WHY), now=visit.created_at
        )
    assert not EmergencyAccess.objects.exists()


def test_somebody_who_is_not_there_is_not_found(clinic: Clinic, colleague: Client, owner: User) -> None:
    nobody = "/workspace/patients/00000000-0000-0000-0000-000000000007/"
    for client in (colleague, browser(owner)):
        answers = [client.get(f"{nobody}record/"), client.get(f"{nobody}emergency/"), client.post(f"{nobody}emergency/")]
        assert {answer.status_code for answer in answers} == {404}
        assert client.post(f"{nobody}emergency/", {"reason": WHY}).status_code == 404


# --- The emergency ------------------------------------------------------------------------------------------------------


def test_in_an_emergency_it_opens_for_an_hour_and_no_longer(visit: Appointment, colleague: Client, clock) -> None:
    asked = html(colleague.get(emergency_at(visit)))
    assert "Open the record of Pat Example?" in asked
    assert "for 60 minutes" in asked
    assert colleague.post(emergency_at(visit), {"reason": WHY})["Location"] == record_at(visit)
    opened = colleague.get(record_at(visit))
    assert opened.status_code == 200
    assert "Open to you in an emergency until" in html(opened)
    clock.shift(timedelta(minutes=59, seconds=59))
    again = browser(CareTeam.objects.get(why="emergency").user)
    assert again.get(record_at(visit)).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert again.get(record_at(visit)).status_code == 404


def test_it_can_be_opened_again_when_the_hour_is_over(clinic: Clinic, visit: Appointment, colleague: Client, clock) -> None:
    colleague.post(emergency_at(visit), {"reason": WHY})
    clock.shift(timedelta(minutes=60))
    again = browser(clinic.practitioners[1].user)
    assert again.post(emergency_at(visit), {"reason": "Fainted again"}).status_code == 302
    assert [row.reason for row in EmergencyAccess.objects.order_by("during")] == [WHY, "Fainted again"]
    assert CareTeam.objects.filter(why="emergency").count() == 1
    assert Envelope.objects.filter(kind="break_glass").count() == 2


def test_the_trail_says_first_that_the_glass_was_broken_and_then_each_opening(visit: Appointment, colleague: Client) -> None:
    colleague.post(emergency_at(visit), {"reason": WHY})
    colleague.get(record_at(visit))
    lines = TrailEntry.objects.order_by("pk").values_list("verb", "why", "fields")
    assert list(lines) == [
        ("emergency", "an emergency", []),
        ("opened", "an emergency", ["answers", "phototypes", "scar_assessments"]),
    ]


def test_an_owner_who_treats_nobody_has_this_way_and_no_other(visit: Appointment, owner: User) -> None:
    client = browser(owner)
    assert client.get(record_at(visit)).status_code == 404
    client.post(emergency_at(visit), {"reason": WHY})
    assert client.get(record_at(visit)).status_code == 200


def test_without_a_reason_nothing_opens(clinic: Clinic, visit: Appointment, colleague: Client) -> None:
    for reason in ("", "  \n "):
        answer = colleague.post(emergency_at(visit), {"reason": reason})
        assert answer.status_code == 422
        assert html(answer).count("Write what has happened.") == 2  # beside the field and in the summary
    actor = Actor(user=clinic.practitioners[1].user)
    with pytest.raises(ReasonNeeded):
        operations.break_glass(actor=actor, emergency=Emergency(visit.patient_id, " "), now=visit.created_at)
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("reason", ["x" * 501, "a\x07b"])
def test_a_reason_that_cannot_be_kept_comes_back(visit: Appointment, colleague: Client, reason: str) -> None:
    answer = colleague.post(emergency_at(visit), {"reason": reason})
    assert answer.status_code == 422
    assert reason in html(answer)
    assert not EmergencyAccess.objects.exists()


def test_who_looks_after_the_patient_anyway_needs_no_emergency(visit: Appointment, doctor: Client) -> None:
    assert doctor.get(emergency_at(visit))["Location"] == record_at(visit)
    assert doctor.post(emergency_at(visit), {"reason": WHY})["Location"] == record_at(visit)
    assert not EmergencyAccess.objects.exists()
    assert not Envelope.objects.filter(kind="break_glass").exists()


# --- Saying who one is --------------------------------------------------------------------------------------------------


def factor_of(who: User) -> str:
    """A recovery code, as somebody without the phone at hand types it."""
    with asking(who):
        return Authenticator.objects.get(user=who, type="recovery_codes").wrap().get_unused_codes()[0]


def with_a_factor(who: User, at: float) -> Client:
    """Signed in with a second factor, and last said who one is at `at`."""
    set_up(who)
    client = browser(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": at, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


def test_who_has_a_second_factor_is_asked_for_it_first(clinic: Clinic, visit: Appointment, clock) -> None:
    client = with_a_factor(clinic.practitioners[1].user, time.time() - 301)
    answer = client.get(emergency_at(visit))
    assert answer["Location"].startswith("/account/second-factor/ask-again/?next=")
    secret = factor_of(clinic.practitioners[1].user)
    assert client.post(answer["Location"], {"code": secret})["Location"] == emergency_at(visit)
    assert client.get(emergency_at(visit)).status_code == 200


def test_who_has_just_said_who_they_are_is_not_asked_again(visit: Appointment, clock) -> None:
    fresh = with_a_factor(user(roles=("practitioner",)), time.time() - 60)
    assert fresh.get(emergency_at(visit)).status_code == 200


def test_when_that_was_too_long_ago_what_was_typed_stays_on_the_page(clinic: Clinic, visit: Appointment, clock) -> None:
    client = with_a_factor(clinic.practitioners[1].user, time.time() - 301)
    answer = client.post(emergency_at(visit), {"reason": WHY})
    assert answer.status_code == 422
    assert WHY in html(answer)
    assert "Say so again, then send this once more." in html(answer)
    assert WHY not in str(dict(client.session))
    assert not EmergencyAccess.objects.exists()


# --- The owner ----------------------------------------------------------------------------------------------------------


def test_every_owner_gets_a_letter_at_once_that_names_no_patient(
    clinic: Clinic, visit: Appointment, owner: User, colleague: Client, clock
) -> None:
    user(email="second@clinic.example", roles=("owner", "practitioner"))
    User.objects.filter(pk=user(email="gone@clinic.example", roles=("owner",)).pk).update(is_active=False)
    Envelope.objects.all().delete()
    colleague.post(emergency_at(visit), {"reason": WHY})
    access = EmergencyAccess.objects.get()
    envelope = Envelope.objects.get()
    assert (envelope.kind, envelope.subject, envelope.due_at) == ("break_glass", access.pk, access.during.lower)
    assert outbox.send_next(access.during.lower)
    (letter,) = mail.outbox
    assert letter.to == ["owner@clinic.example", "second@clinic.example"]
    assert letter.subject == "A record was opened in an emergency"
    assert "Dr B opened a record in an emergency on Monday 1 March 2027, 09:50 (London time)." in letter.body
    assert f"/workspace/emergencies/{access.pk}/" in letter.body
    for word in ("Pat", "Example", WHY, "Microneedling"):
        assert word not in letter.body.replace("example", "")


def test_without_an_owner_the_letter_is_dropped(visit: Appointment, colleague: Client, clock) -> None:
    Envelope.objects.all().delete()
    colleague.post(emergency_at(visit), {"reason": WHY})
    outbox.send_next(EmergencyAccess.objects.get().during.lower)
    assert Envelope.objects.get().state == Envelope.State.DROPPED


def test_the_owner_reads_the_list_and_a_reason_which_is_in_the_trail(
    visit: Appointment, owner: User, colleague: Client
) -> None:
    client = browser(owner)
    assert "No record has been opened in an emergency." in html(client.get("/workspace/emergencies/"))
    colleague.post(emergency_at(visit), {"reason": WHY})
    access, before = EmergencyAccess.objects.get(), TrailEntry.objects.count()
    listed = html(client.get("/workspace/emergencies/"))
    assert "Dr B opened the record of Pat Example, until 10:50." in listed
    assert WHY not in listed
    assert TrailEntry.objects.count() == before
    assert WHY in html(client.get(f"/workspace/emergencies/{access.pk}/"))
    assert list(TrailEntry.objects.filter(user=owner).values_list("fields", "why")) == [
        (["emergency_reason"], "looking into an emergency")
    ]


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    visit: Appointment, owner: User, clock, django_assert_num_queries
) -> None:
    client = browser(owner)
    for number in range(3):
        actor = Actor(user=user(roles=("practitioner",)))
        operations.break_glass(actor=actor, emergency=Emergency(visit.patient_id, WHY), now=visit.during.lower)
        client.get("/workspace/emergencies/")  # the session notes once a minute that somebody is there
        with django_assert_num_queries(4):  # session, user, list, clock
            assert len(client.get("/workspace/emergencies/").context["rows"]) == number + 1


def test_a_reason_is_sealed_where_it_stands(visit: Appointment, colleague: Client) -> None:
    colleague.post(emergency_at(visit), {"reason": WHY})
    with connection.cursor() as cursor:
        cursor.execute("select reason from patients_emergencyaccess")
        assert WHY.encode() not in bytes(cursor.fetchone()[0])
