"""Booking by telephone: the same `book`, for patients with and without an e-mail address."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from clinic.messaging.models import Envelope
from clinic.scheduling.models import Appointment, Status
from clinic.workspace.queries.people import find_patients, take_apart
from patients.models import Patient
from tests.build import Clinic, location, patient, user
from tests.clinic.workspace.conftest import booked, browser

BOOK = "/workspace/book/"
NEW = "/workspace/book/new/"
DETAILS = {
    "given_name": "Nora",
    "family_name": "Vale",
    "birth_date_day": "3",
    "birth_date_month": "4",
    "birth_date_year": "1985",
    "phone": "020 7946 0555",
}


def wish(clinic: Clinic, who: Patient, /, **other: object) -> dict[str, object]:
    """The address of the page on which a time is chosen."""
    wanted = {"patient": who.pk, "treatment": clinic.microneedling.pk, "place": clinic.place.slug, "who": ""}
    return wanted | {"day": "2027-03-01"} | other


def sent(desk: Client, clinic: Clinic, who: Patient, /, clock: str = "11:00", **other: object):
    """The answer to the button that books."""
    data = wish(clinic, who) | {"start": clinic.at(clock).isoformat(), "key": str(uuid4())} | other
    return desk.post(BOOK, data)


def only_visit() -> Appointment:
    return Appointment.objects.get(patient__isnull=False)


@pytest.mark.parametrize(
    "text",
    [
        "Nora Vale",
        "vale nora",
        "Vale, No",
        "nora@example.org",
        "@EXAMPLE.ORG vale",
        "020 7946 0555",
        "+44 20 7946 0555",
        "79460555",
        "03/04/1985",
        "3.4.1985",
        "1985-04-03",
        "3 April 1985 nora",
        "vale 7946 0555",
    ],
)
def test_a_patient_is_found_by_whatever_the_caller_says(db: None, text: str) -> None:
    reception = user(roles=("receptionist",))
    nora = patient(given="Nora", family="Vale", email="nora@example.org", phone="+44 20 7946 0555")
    Patient.objects.filter(pk=nora.pk).update(birth_date=date(1985, 4, 3))
    patient(given="Nora", family="Other", phone="020 7946 0111")
    patient(given="Ned", family="Vale", phone="0151 496 0222")
    found = find_patients(reception, text)
    assert found == ([nora], False)


@pytest.mark.parametrize("text", ["", "   ", ",", "Nora Nobody", "31/31/1985"])
def test_nobody_is_found_for(db: None, text: str) -> None:
    patient(given="Nora", family="Vale")
    assert find_patients(user(roles=("receptionist",)), text).patients == []


def test_more_than_twenty_are_not_all_shown(db: None) -> None:
    for number in range(21):
        patient(given=f"Nora{number}")
    found = find_patients(user(roles=("receptionist",)), "nora")
    assert (len(found.patients), found.more) == (20, True)


def test_those_who_may_not_see_contacts_find_nobody(db: None) -> None:
    patient(given="Nora")
    assert find_patients(user(roles=("practitioner",)), "nora").patients == []


def test_what_was_typed_is_taken_apart() -> None:
    assert take_apart("pat 020 7946 0000 17/05/1990 pat@example.org") == (
        ["pat"],
        "pat@example.org",
        "079460000",
        date(1990, 5, 17),
    )


@pytest.mark.parametrize(("email", "said"), [("pat@example.org", "by e-mail"), ("", "read it out")])
def test_a_telephone_booking_from_the_search_to_the_visit(clinic: Clinic, desk: Client, email: str, said: str) -> None:
    who = patient(email=email, phone="020 7946 0123")
    assert str(who.pk) in desk.get(BOOK, {"q": "pat example"}).content.decode()
    assert "Show times" in desk.get(BOOK, {"patient": who.pk}).content.decode()
    page = desk.get(BOOK, wish(clinic, who))
    assert clinic.at("11:00") in page.context["times"]
    assert {start.minute % 15 for start in page.context["times"]} == {0}  # the patients' grid
    assert min(page.context["times"]) >= clinic.at("09:50")  # what has passed is not offered
    chosen = desk.get(BOOK, wish(clinic, who, start=clinic.at("11:00").isoformat()))
    assert "Book Monday 1 March 2027, 11:00" in chosen.content.decode()
    answer = sent(desk, clinic, who, key=str(chosen.context["book_form"]["key"].value()))
    visit = only_visit()
    assert answer["Location"] == f"/workspace/visits/{visit.pk}/"
    assert (visit.patient, visit.status, visit.during.lower) == (who, Status.BOOKED, clinic.at("11:00"))
    assert said in desk.get(answer["Location"]).content.decode()
    assert Envelope.objects.get().kind == "confirmation"


def test_sent_twice_it_is_one_visit(clinic: Clinic, desk: Client) -> None:
    who, key = patient(), str(uuid4())
    first, second = sent(desk, clinic, who, key=key), sent(desk, clinic, who, key=key)
    assert first["Location"] == second["Location"] == f"/workspace/visits/{only_visit().pk}/"


def test_the_practitioner_asked_for_is_the_one_booked(clinic: Clinic, desk: Client) -> None:
    second = clinic.practitioners[1]
    sent(desk, clinic, patient(), who=second.pk)
    assert only_visit().practitioner == second


def test_staff_are_not_bound_by_notice_and_horizon(clinic: Clinic, desk: Client) -> None:
    assert sent(desk, clinic, patient(), clock="10:00").status_code == 302  # in ten minutes
    page = desk.get(BOOK, wish(clinic, patient(), day="2028-03-06"))
    assert page.context["times"]


def test_a_time_that_was_just_taken_comes_back_with_the_three_nearest(clinic: Clinic, desk: Client) -> None:
    booked(clinic, "11:00")
    booked(clinic, "11:00", who=patient(given="Other"), practitioner=1)
    who = patient(given="Third")
    answer = sent(desk, clinic, who)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "just taken this time" in html
    nearest = answer.context["nearest"]
    assert len(nearest) == 3
    assert clinic.at("11:00") not in nearest
    assert all(f'name="start" value="{start.isoformat()}"' in html for start in nearest)
    again = sent(desk, clinic, who, start=nearest[0].isoformat(), key=answer.context["book_form"]["key"].value())
    assert again.status_code == 302


def test_a_patient_is_not_in_two_visits_at_once(clinic: Clinic, desk: Client) -> None:
    who = patient()
    booked(clinic, "11:00", who=who, treatment=clinic.consultation)
    consultation = {"treatment": clinic.consultation.pk}
    times = desk.get(BOOK, wish(clinic, who, **consultation)).context["times"]
    assert clinic.at("11:00") not in times
    assert clinic.at("11:45") in times
    answer = sent(desk, clinic, who, clock="11:15", **consultation)
    assert answer.status_code == 409
    assert "already has a visit" in answer.content.decode()
    assert clinic.at("11:15") not in answer.context["nearest"]


def test_resting_skin_needs_a_reason(clinic: Clinic, desk: Client) -> None:
    who = patient()
    booked(clinic, "10:00", who=who)
    soon = {"day": "2027-03-03", "start": (clinic.at("11:00") + timedelta(days=2)).isoformat()}
    page = desk.get(BOOK, wish(clinic, who, **soon)).content.decode()
    assert "The earliest day is Monday 29 March 2027" in page
    assert "Book it all the same, because" in page
    refused = sent(desk, clinic, who, **soon)
    assert refused.status_code == 409
    assert "needs time to heal" in refused.content.decode()
    assert min(refused.context["nearest"]).date() == date(2027, 3, 29)
    assert sent(desk, clinic, who, **soon, override="leaves the country").status_code == 302
    visit = Appointment.objects.order_by("during").last()
    assert visit.events.get().reason == "leaves the country"
    assert "Reason: leaves the country" in desk.get(f"/workspace/visits/{visit.pk}/").content.decode()


def test_a_blank_reason_is_told_once_and_linked(clinic: Clinic, desk: Client) -> None:
    who = patient()
    booked(clinic, "10:00", who=who)
    soon = {"day": "2027-03-03", "start": (clinic.at("11:00") + timedelta(days=2)).isoformat()}
    assert "Write why" not in sent(desk, clinic, who, **soon).content.decode()
    html = sent(desk, clinic, who, **soon, override="  ").content.decode()
    assert 'href="#book_override"' in html
    assert html.count("Write why, so that colleagues understand") == 2  # in the summary and at the field
    assert html.count('class="error-summary"') == 1


def test_a_reason_is_asked_for_only_where_it_can_be_sent(clinic: Clinic, desk: Client) -> None:
    who = patient()
    booked(clinic, "10:00", who=who, practitioner=1)
    booked(clinic, "14:00", who=patient(given="Other"))
    taken = wish(clinic, who, start=clinic.at("14:00").isoformat(), who=clinic.practitioners[0].pk)
    html = desk.get(BOOK, taken).content.decode()
    assert "just taken this time" in html
    assert "Book it all the same" not in html


def test_whoever_does_the_first_treatment_can_be_asked_for_at_once(clinic: Clinic, desk: Client) -> None:
    html = desk.get(BOOK, {"patient": patient().pk}).content.decode()
    assert all(practitioner.name in html for practitioner in clinic.practitioners)


def test_a_reason_that_was_typed_is_kept_when_the_time_is_taken(clinic: Clinic, desk: Client) -> None:
    who = patient()
    booked(clinic, "10:00", who=who, practitioner=1)
    booked(clinic, "14:00", who=patient(given="Other"))
    answer = sent(desk, clinic, who, clock="14:00", override="leaves <soon>", who=clinic.practitioners[0].pk)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "leaves &lt;soon&gt;</textarea>" in html
    assert all(start.date() < date(2027, 3, 29) for start in answer.context["nearest"])  # the reason counts for these too


def test_an_older_pages_time_is_answered_before_it_is_sent(clinic: Clinic, desk: Client) -> None:
    for practitioner in (0, 1):
        booked(clinic, "11:00", who=patient(given=f"P{practitioner}"), practitioner=practitioner)
    page = desk.get(BOOK, wish(clinic, patient(), start=clinic.at("11:00").isoformat()))
    assert page.status_code == 200
    assert "just taken this time" in page.content.decode()
    assert len(page.context["nearest"]) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"place": "nowhere"},
        {"who": "999999"},
        {"treatment": "999999"},
        {"start": "2027-03-01T11:00"},
        {"start": "soon"},
        {"key": "no key"},
    ],
)
def test_nothing_else_is_booked_than_what_was_sent(clinic: Clinic, desk: Client, other: dict[str, str]) -> None:
    assert sent(desk, clinic, patient(), **other).status_code == 409
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("query", ["?patient=x", "?patient=", "?start=x", "?treatment=x&place=y"])
def test_without_a_patient_the_page_asks_for_one(clinic: Clinic, desk: Client, query: str) -> None:
    assert "Find the patient" in desk.get(BOOK + query).content.decode()


@pytest.mark.parametrize("other", [{"day": "soon"}, {"who": "x"}, {"place": "x"}, {"start": "x"}, {"start": "2027-03-01"}])
def test_an_unreadable_address_falls_back(clinic: Clinic, desk: Client, other: dict[str, str]) -> None:
    page = desk.get(BOOK, wish(clinic, patient(), **other))
    assert page.status_code == 200
    assert page.context["start"] is None


def test_the_first_free_day_is_one_click_away(clinic: Clinic, desk: Client) -> None:
    answer = desk.get(BOOK, wish(clinic, patient(), day="2027-03-06", first=1))  # a Saturday
    assert "day=2027-03-08" in answer["Location"]


def test_a_place_that_does_not_offer_the_treatment_is_not_among_the_choices(clinic: Clinic, desk: Client) -> None:
    location(slug="harbour")
    page = desk.get(BOOK, wish(clinic, patient()))
    assert [place.slug for place in page.context["call"].places] == [clinic.place.slug]


def test_registering_goes_on_to_the_choice(clinic: Clinic, desk: Client) -> None:
    answer = desk.post(NEW, DETAILS)
    nora = Patient.objects.get(family_name="Vale")
    assert answer["Location"] == f"{BOOK}?patient={nora.pk}"
    assert (nora.birth_date, nora.email, nora.user, nora.possible_duplicate_of) == (date(1985, 4, 3), "", None, None)


def test_somebody_alike_is_asked_about_once(clinic: Clinic, desk: Client) -> None:
    desk.post(NEW, DETAILS)
    answer = desk.post(NEW, DETAILS | {"family_name": "vale"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Is it one of these?" in html
    assert 'value="020 7946 0555"' in html
    assert Patient.objects.count() == 1
    desk.post(NEW, DETAILS | {"sure": answer.context["form"]["sure"].value()})
    first, second = Patient.objects.order_by("created_at")
    assert second.possible_duplicate_of == first


def test_details_that_cannot_be_right_come_back_with_what_was_typed(clinic: Clinic, desk: Client) -> None:
    answer = desk.post(NEW, DETAILS | {"birth_date_month": "13", "email": "no address"})
    assert answer.status_code == 422
    assert 'value="Nora"' in answer.content.decode()
    assert not Patient.objects.exists()


def test_a_practitioner_without_the_desk_books_and_registers_nobody(clinic: Clinic, doctor: Client) -> None:
    assert sent(doctor, clinic, patient()).status_code == 403
    assert doctor.post(NEW, DETAILS).status_code == 403


def test_an_owner_works_the_desk_as_well(clinic: Clinic, clock) -> None:
    assert sent(browser(user(roles=("owner",))), clinic, patient()).status_code == 302
