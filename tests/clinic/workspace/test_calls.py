"""The desk's list of patients who asked to be called, and its number on the day."""

import pytest
from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import CallBack
from clinic.scheduling.operations import CallWish
from tests.build import NOW, Clinic, patient
from tests.clinic.workspace.conftest import someone
from treatments.acting import Actor

CALLS = "/workspace/call-backs/"


@pytest.fixture
def call(clinic: Clinic) -> CallBack:
    """Asked for on Friday at nine, so due on Friday at five; it is Monday now."""
    wish = CallWish(patient(email="pat@example.org"), clinic.place, "020 7946 0009")
    return operations.ask_for_call(actor=Actor(user=clinic.reception), wish=wish, now=NOW)


def test_the_day_says_how_many_and_that_they_are_overdue(call: CallBack, desk: Client, doctor: Client) -> None:
    html = desk.get("/workspace/").content.decode()
    assert "1 patient asked to be called" in html
    assert "1 overdue" in html
    assert "asked to be called" not in doctor.get("/workspace/").content.decode()


def test_the_list_says_whom_to_call_until_when(call: CallBack, desk: Client) -> None:
    html = desk.get(CALLS).content.decode()
    for words in ("Pat Example", "020 7946 0009", "overdue", "By Friday 26 February 2027, 17:00 (London time)"):
        assert words in html


def test_the_list_takes_as_many_queries_for_three_as_for_one(
    clinic: Clinic, call: CallBack, desk: Client, django_assert_num_queries
) -> None:
    desk.get(CALLS)  # the session notes once a minute that somebody is there
    for number in range(3):
        with django_assert_num_queries(3):  # session, user, calls
            assert len(desk.get(CALLS).context["calls"]) == number + 1
        wish = CallWish(patient(given=f"Pat {number}"), clinic.place, "020 7946 0009")
        operations.ask_for_call(actor=Actor(user=clinic.reception), wish=wish, now=NOW)


def test_nobody_to_call_is_said(clinic: Clinic, desk: Client) -> None:
    assert "Nobody waits for a call." in desk.get(CALLS).content.decode()


def test_called_closes_it(call: CallBack, desk: Client) -> None:
    told = desk.post(f"{CALLS}{call.pk}/", {"outcome": "reached", "note": "will book", "tries": 0}, follow=True)
    assert "Pat Example: done." in told.content.decode()
    assert desk.get(f"{CALLS}{call.pk}/").status_code == 404


def test_nobody_reached_moves_it_and_a_second_click_changes_nothing(call: CallBack, desk: Client) -> None:
    sent = {"outcome": "missed", "note": "", "tries": 0}
    told = desk.post(f"{CALLS}{call.pk}/", sent, follow=True).content.decode()
    assert "is to be called again by Monday 1 March 2027, 17:00" in told
    assert "Tried once" in told
    assert "A colleague has called meanwhile." in desk.post(f"{CALLS}{call.pk}/", sent, follow=True).content.decode()
    assert CallBack.objects.get().tries == 1


def test_nothing_chosen_is_said_and_the_note_is_kept(call: CallBack, desk: Client) -> None:
    answer = desk.post(f"{CALLS}{call.pk}/", {"note": "half a note", "tries": 0})
    assert answer.status_code == 422
    assert "Say whether you have spoken." in answer.content.decode()
    assert "half a note" in answer.content.decode()


@pytest.mark.parametrize("role", ["practitioner", "content_admin"])
def test_others_do_not_see_it(call: CallBack, clock: object, role: str) -> None:
    for path in (CALLS, f"{CALLS}{call.pk}/"):
        assert someone(role).get(path).status_code == 403
