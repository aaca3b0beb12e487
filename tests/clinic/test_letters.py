"""Letters and calendar files: true at sending, neutral, and on the right clock."""

from datetime import date
from uuid import uuid4

import pytest
from icalendar import Calendar

from clinic import letters
from clinic.scheduling import operations
from clinic.scheduling.calendar import calendar_file
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Booking, Choice, Wish
from tests.build import NOW, Clinic, patient
from treatments.acting import Actor

pytestmark = pytest.mark.django_db
TELLING = ("needling", "laser", "acne", "scar", "skin", "treat")


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def book(clinic: Clinic, *, day: date | None = None, **contact: str) -> Appointment:
    at = clinic.at("10:00", day=day) if day else clinic.at("10:00")
    booking = Booking(Choice(clinic.microneedling, clinic.place, at), patient(**contact))
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def cancel(clinic: Clinic, visit: Appointment) -> None:
    operations.transition(actor=Actor(user=clinic.reception), wish=Wish(visit.pk, "cancel"), now=NOW)


def test_a_confirmation_says_when_and_where_and_never_what_for(clinic: Clinic) -> None:
    visit = book(clinic, email="pat@example.org")
    letter = letters.compose("confirmation", visit.pk)
    assert letter is not None
    assert letter.to == ["pat@example.org"]
    assert "Monday 1 March 2027, 10:00 (London time)" in letter.body
    assert clinic.place.telephone in letter.body
    (name, content, kind) = letter.attachments[0]
    assert (name, kind) == ("visit.ics", "text/calendar; method=PUBLISH")
    whole = f"{letter.subject} {letter.body} {content}".lower()
    assert [word for word in TELLING if word in whole] == []


def test_a_letter_that_is_no_longer_true_is_not_written(clinic: Clinic) -> None:
    visit = book(clinic, email="pat@example.org")
    cancel(clinic, visit)
    assert letters.compose("confirmation", visit.pk) is None
    cancellation = letters.compose("cancellation", visit.pk)
    assert cancellation is not None
    assert "cancelled" in cancellation.subject


def test_a_patient_without_an_address_stops_nothing(clinic: Clinic) -> None:
    assert letters.compose("confirmation", book(clinic).pk) is None
    assert letters.compose("confirmation", uuid4()) is None


def test_a_calendar_entry_stands_in_utc_and_is_cancelled_under_the_same_uid(clinic: Clinic) -> None:
    visit = book(clinic, day=date(2027, 3, 29))  # the day after London's clocks went forward
    first = Calendar.from_ical(calendar_file(visit)).walk("VEVENT")[0]
    assert first["dtstart"].to_ical() == b"20270329T090000Z"
    cancel(clinic, visit)
    visit.refresh_from_db()
    second = Calendar.from_ical(calendar_file(visit)).walk("VEVENT")[0]
    assert (second["uid"], str(second["status"])) == (first["uid"], "CANCELLED")
    assert second["sequence"] > first["sequence"]


def test_an_address_cannot_smuggle_lines_into_a_calendar(clinic: Clinic) -> None:
    clinic.place.address = "1 Street\r\nATTACH:https://evil.example\nBEGIN:VALARM"
    clinic.place.save()
    visit = book(clinic)
    visit.location = clinic.place
    event = Calendar.from_ical(calendar_file(visit)).walk("VEVENT")[0]
    wanted = {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS"}
    assert set(event.keys()) == wanted
    assert event.subcomponents == []
