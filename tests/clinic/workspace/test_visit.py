"""One visit: administrative facts and the history, to each role what is its own."""

from uuid import uuid4

from django.test import Client

from clinic.scheduling import operations
from tests.build import NOW, Clinic, patient, user
from tests.clinic.workspace.conftest import booked, moved
from treatments.acting import Actor


def text(client: Client, visit) -> str:
    answer = client.get(f"/workspace/visits/{visit.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_history_says_when_who_what_and_why(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    moved(desk, visit, "arrive", page="visit")
    moved(desk, visit, "wrong-entry", page="visit", reason="booked twice")
    lines = desk.get(f"/workspace/visits/{visit.pk}/").context["story"]
    told = [(line.what, line.who, line.before, line.after, line.reason) for line in lines]
    assert told == [
        ("Marked as a wrong entry", "Rec Eption", "arrived", "wrong entry", "booked twice"),
        ("Arrived", "Rec Eption", "booked", "arrived", ""),
        ("Booked at the clinic", "Rec Eption", "", "booked", ""),
    ]
    html = text(desk, visit)
    for words in ("Reason: booked twice", "booked → arrived", "Monday 1 March 2027, 09:50", "London time", "£180"):
        assert words in html


def test_contacts_are_for_reception_only(clinic: Clinic, desk: Client, colleague: Client) -> None:
    visit = booked(clinic, who=patient(email="pat@example.org", phone="020 7946 0123"))
    assert "pat@example.org" in text(desk, visit)
    html = text(colleague, visit)
    assert "Pat Example" in html
    assert "pat@example.org" not in html
    assert "7946 0123" not in html


def test_a_patients_address_is_not_told_in_the_history(clinic: Clinic, colleague: Client) -> None:
    account = user(email="secret@example.org")
    visit = booked(clinic, who=patient(user=account))
    wish = operations.Wish(visit.pk, "cancel", "my reasons")
    operations.transition(actor=Actor(user=account), wish=wish, now=NOW)
    html = text(colleague, visit)
    assert "by the patient" in html
    assert "secret@example.org" not in html


def test_the_system_is_named_as_such(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    operations.transition(actor=Actor(task="check"), wish=operations.Wish(visit.pk, "reopen-review"), now=NOW)
    html = text(desk, visit)
    assert "To be looked at again" in html
    assert "by the system" in html


def test_a_hold_is_nobodys_visit_yet(clinic: Clinic, desk: Client) -> None:
    choice = operations.Choice(clinic.microneedling, clinic.place, clinic.at("10:00"))
    held = operations.hold(holder="x", address=None, choice=choice, key=uuid4(), now=NOW)
    assert desk.get(f"/workspace/visits/{held.pk}/").status_code == 404


def test_a_refused_move_comes_back_on_the_visits_page(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    moved(desk, visit, "cancel", page="visit")
    answer = moved(desk, visit, "arrive", page="visit")
    assert answer.status_code == 409
    assert "Last change: Cancelled, by Rec Eption" in answer.content.decode()
    assert answer.context["story"]
