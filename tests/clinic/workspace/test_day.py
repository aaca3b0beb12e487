"""The day at a location: who comes, what may be done now, and by whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.html import escape

from clinic.scheduling.models import Appointment, Claim, Location, Status
from tests.build import MONDAY, Clinic, location, patient
from tests.clinic.workspace.conftest import booked, browser, moved, someone, status_of

TODAY = "/workspace/"


def buttons(client: Client, visit: Appointment) -> set[str]:
    """The verbs that the day offers for a visit."""
    page = client.get(TODAY)
    cards = [card for column in page.context["columns"] for card in column.cards if card.visit.pk == visit.pk]
    assert len(cards) == 1
    moves = cards[0].moves
    html = page.content.decode()
    assert all(f'value="{verb}"' in html or f"verb={verb}&" in html for verb in (*moves.first, *moves.more))
    return {*moves.first, *moves.more}


def test_anonymous_visitors_sign_in_first(client: Client) -> None:
    answer = client.get(TODAY)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in/?next=/workspace/")


@pytest.mark.parametrize("roles", [(), ("content_admin",)])
@pytest.mark.parametrize("path", ["", "review/", "book/", "book/new/"])
def test_patients_and_content_admins_are_refused(db: None, roles: tuple[str, ...], path: str) -> None:
    assert someone(*roles).get(TODAY + path).status_code == 403


@pytest.mark.parametrize(("role", "path"), [("receptionist", "review/"), ("practitioner", "book/")])
def test_each_role_has_its_own_pages(db: None, role: str, path: str) -> None:
    assert someone(role).get(TODAY + path).status_code == 403


@pytest.mark.parametrize("roles", [(), ("content_admin",)])
def test_others_can_neither_see_nor_move_a_visit(clinic: Clinic, roles: tuple[str, ...]) -> None:
    visit, client = booked(clinic), someone(*roles)
    assert client.get(f"/workspace/visits/{visit.pk}/").status_code == 403
    assert moved(client, visit, "cancel").status_code == 403
    assert status_of(visit) == Status.BOOKED


def test_the_day_shows_who_comes_where_and_to_whom(clinic: Clinic, desk: Client) -> None:
    booked(clinic, who=patient(given="Amira", family="Haddad"))
    booked(clinic, "14:00", who=patient(given="Jonas", family="Berg"), practitioner=1)
    page = desk.get(TODAY)
    assert [(column.practitioner.name, len(column.cards)) for column in page.context["columns"]] == [
        ("Dr A", 1),
        ("Dr B", 1),
    ]
    html = page.content.decode()
    for words in ("Monday 1 March 2027", "London time", "10:00–11:30", "Amira Haddad", "Microneedling · Room", "booked"):
        assert words in html


def test_a_practitioners_own_column_comes_first(clinic: Clinic, colleague: Client) -> None:
    booked(clinic)
    booked(clinic, "14:00", who=patient(given="Jonas"), practitioner=1)
    assert [column.practitioner.name for column in colleague.get(TODAY).context["columns"]] == ["Dr B", "Dr A"]


@pytest.mark.parametrize("query", ["?place=nowhere&day=yesterday", "?day=9999-99-99", "?day=0001-01-01", "?place=&day="])
def test_an_unreadable_address_means_the_first_location_today(clinic: Clinic, desk: Client, query: str) -> None:
    context = desk.get(TODAY + query).context
    assert (context["place"], context["day"]) == (clinic.place, MONDAY)


def test_another_day_and_location(clinic: Clinic, desk: Client) -> None:
    other = location(slug="harbour", zone="Europe/Lisbon")
    context = desk.get(f"{TODAY}?place=harbour&day=2027-03-02").context
    assert (context["place"], context["day"], context["columns"]) == (other, MONDAY + timedelta(days=1), [])


def test_an_empty_day_says_so_and_what_next(clinic: Clinic, desk: Client) -> None:
    assert "Book the first one" in desk.get(TODAY).content.decode()
    booked(clinic)
    sunday = desk.get(f"{TODAY}?day=2027-02-28").content.decode()
    assert "Nobody is booked on this day" in sunday
    assert f'href="?place={clinic.place.slug}&amp;day=2027-03-01"' in sunday


def test_without_an_open_location_the_page_says_so(clinic: Clinic, desk: Client) -> None:
    Location.objects.update(active=False)
    assert "No location is open" in desk.get(TODAY).content.decode()


def test_the_queries_are_as_many_for_twelve_visits_as_for_one(
    clinic: Clinic, desk: Client, django_assert_num_queries
) -> None:
    queries = 9  # session, user, locations, visits, their consents; how many wait, are near, are to be called, are closed
    desk.get(TODAY)  # the session notes once a minute that somebody is there
    times = [(clock, who) for clock in ("10:00", "11:00", "12:00", "13:00", "14:00", "15:00") for who in (0, 1)]
    for number, (clock, who) in enumerate(times):
        booked(clinic, clock, who=patient(given=f"P{number}"), practitioner=who, treatment=clinic.consultation)
        if number in (0, 11):
            with django_assert_num_queries(queries):
                page = desk.get(TODAY)
            assert sum(len(column.cards) for column in page.context["columns"]) == number + 1


def test_reception_marks_an_arrival_and_takes_it_back(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    assert buttons(desk, visit) == {"arrive", "cancel", "wrong-entry"}
    answer = moved(desk, visit, "arrive")
    assert answer["Location"] == f"/workspace/?place=high-street&day=2027-03-01#visit-{visit.pk}"
    assert status_of(visit) == Status.ARRIVED
    assert buttons(desk, visit) == {"undo-arrive", "wrong-entry", "not-treated"}
    moved(desk, visit, "undo-arrive")
    assert status_of(visit) == Status.BOOKED


def test_the_practitioner_starts_and_completes(clinic: Clinic, desk: Client, doctor: Client, clock) -> None:
    visit = booked(clinic)
    moved(desk, visit, "arrive")
    clock.move_to(clinic.at("10:02"))
    assert "start" in buttons(doctor, visit)
    assert "start" not in buttons(desk, visit)
    moved(doctor, visit, "start")
    clock.move_to(clinic.at("10:13"))
    assert "complete" in buttons(doctor, visit)
    moved(doctor, visit, "complete")
    assert status_of(visit) == Status.FULFILLED
    assert buttons(doctor, visit) == {"reopen"}
    assert buttons(desk, visit) == set()


def test_somebody_who_does_not_come_gives_the_time_back(clinic: Clinic, desk: Client, clock) -> None:
    visit = booked(clinic)
    assert "noshow" not in buttons(desk, visit)
    clock.move_to(clinic.at("10:03"))
    moved(desk, visit, "noshow")
    assert status_of(visit) == Status.NOSHOW
    assert not Claim.objects.exists()
    moved(desk, visit, "came-after-all")
    assert status_of(visit) == Status.ARRIVED
    assert Claim.objects.exists()


def test_a_cancelled_visit_keeps_its_card_and_loses_its_claims(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    moved(desk, visit, "cancel")
    assert not Claim.objects.exists()
    assert buttons(desk, visit) == {"undo-cancel"}
    moved(desk, visit, "undo-cancel")
    assert (status_of(visit), Claim.objects.exists()) == (Status.BOOKED, True)


def test_the_same_move_by_a_second_person_is_refused_with_what_happened(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    moved(desk, visit, "arrive")
    answer = moved(browser(clinic.reception), visit, "arrive")
    assert answer.status_code == 409
    assert "Last change: Arrived, by Rec Eption, Monday 1 March 2027, 09:50." in answer.content.decode()
    assert answer.context["day"] == MONDAY
    assert visit.events.filter(verb="arrive").count() == 1


@pytest.mark.parametrize("verb", ["arrive", "cancel", "wrong-entry"])
def test_another_practitioners_visit_is_not_ones_own_to_move(clinic: Clinic, colleague: Client, verb: str) -> None:
    visit = booked(clinic)
    assert buttons(colleague, visit) == set()
    answer = moved(colleague, visit, verb, reason="because")
    assert answer.status_code == 403
    assert escape("not yours to do") in answer.content.decode()
    assert status_of(visit) == Status.BOOKED


def test_reception_neither_starts_nor_acknowledges(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    moved(desk, visit, "arrive")
    assert moved(desk, visit, "start").status_code == 403
    assert moved(desk, visit, "acknowledge", page="review").status_code in (403, 404)
    assert status_of(visit) == Status.ARRIVED


def test_a_wrong_entry_asks_why_first(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    address = f"/workspace/visits/{visit.pk}/move/"
    assert "Reason" in desk.get(address, {"verb": "wrong-entry", "page": "today"}).content.decode()
    assert moved(desk, visit, "wrong-entry", reason="  ").status_code == 422
    assert status_of(visit) == Status.BOOKED
    assert moved(desk, visit, "wrong-entry", reason="typed twice").status_code == 302
    assert status_of(visit) == Status.ENTERED_IN_ERROR
    assert visit.events.get(verb="wrong-entry").reason == "typed twice"


def test_cancelling_is_asked_about_first_and_the_answer_names_the_patient(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    day = desk.get(TODAY).content.decode()
    assert f"/workspace/visits/{visit.pk}/move/?verb=cancel&amp;page=today" in day
    assert 'value="cancel"' not in day
    asked = desk.get(f"/workspace/visits/{visit.pk}/move/", {"verb": "cancel", "page": "today"}).content.decode()
    assert "There is no e-mail address: telephone the patient." in asked
    answer = moved(desk, visit, "cancel")
    assert "Pat Example, 10:00: cancelled" in desk.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("verb", ["", "arrive", "no-such-verb", "acknowledge"])
def test_only_moves_that_are_asked_about_have_a_page(clinic: Clinic, desk: Client, verb: str) -> None:
    assert desk.get(f"/workspace/visits/{booked(clinic).pk}/move/", {"verb": verb}).status_code == 404


def test_an_unknown_verb_or_visit_is_not_found(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    assert moved(desk, visit, "explode").status_code == 404
    missing = patient().pk
    assert moved(desk, missing, "arrive").status_code == 404
    assert desk.get(f"/workspace/visits/{missing}/").status_code == 404


def test_moving_needs_the_csrf_token(clinic: Clinic, clock) -> None:
    visit, client = booked(clinic), Client(enforce_csrf_checks=True)
    client.force_login(clinic.reception)
    assert moved(client, visit, "cancel").status_code == 403
    assert status_of(visit) == Status.BOOKED
