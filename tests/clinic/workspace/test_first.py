"""Reception books what must come first: the page warns, leads to it, and takes a reason."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from clinic.scheduling.models import Appointment
from patients.models import Patient
from tests.build import MONDAY, patient
from tests.clinic.workspace.conftest import browser
from tests.scheduling.laser import Laser
from treatments.models import Treatment

BOOK = "/workspace/book/"
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def laser(db: None) -> Iterator[Laser]:
    made = Laser()
    with time_machine.travel(made.at("09:50"), tick=False):
        yield made


@pytest.fixture
def desk(laser: Laser) -> Client:
    return browser(laser.reception)


@pytest.fixture
def pat(db: None) -> Patient:
    return patient()


def asked(desk: Client, laser: Laser, who: Patient, treatment: Treatment, **more: str) -> HttpResponse:
    address = {"patient": who.pk, "treatment": treatment.pk, "place": laser.place.slug, "day": TUESDAY.isoformat()}
    return desk.get(BOOK, address | more)


def send(desk: Client, laser: Laser, who: Patient, **more: str) -> HttpResponse:
    start = laser.at("10:00", day=TUESDAY).isoformat()
    fields = {"patient": who.pk, "treatment": laser.nafl.pk, "place": laser.place.slug, "who": "", "key": uuid4()}
    return desk.post(BOOK, fields | {"day": TUESDAY.isoformat(), "start": start, **more})


def test_the_page_says_what_comes_first_and_leads_to_it(desk: Client, laser: Laser, pat: Patient) -> None:
    page = asked(desk, laser, pat, laser.nafl)
    html = page.content.decode()
    assert "Before this visit comes a consultation, at least 7 days earlier." in html
    assert "Book a consultation first" in html
    ((_what, address),) = page.context["missing"]
    assert desk.get(address).context["call"].version.treatment == laser.consultation


def test_it_is_booked_only_with_a_reason(desk: Client, laser: Laser, pat: Patient) -> None:
    refused = send(desk, laser, pat)
    assert refused.status_code == 409
    assert "Before this visit comes a consultation" in refused.content.decode()
    assert not Appointment.objects.exists()
    assert send(desk, laser, pat, override="seen in another clinic").status_code == 302
    assert Appointment.objects.get().events.get().reason == "seen in another clinic"


def test_once_the_first_is_booked_the_page_gives_the_earliest_day(desk: Client, laser: Laser, pat: Patient) -> None:
    laser.book(pat, laser.consultation, TUESDAY)
    html = asked(desk, laser, pat, laser.nafl).content.decode()
    assert "The earliest day is Tuesday 9 March 2027." in html
    assert "consultation first" not in html
    assert laser.book(pat, laser.nafl, TUESDAY + timedelta(days=7))


def test_a_course_says_what_comes_first_and_puts_it_in_front_with_one_press(laser: Laser, desk: Client) -> None:
    address = f"/workspace/patients/{patient().pk}/course/"
    asked = {"what_1": laser.nafl.pk, "times_1": 2, "place": laser.place.slug, "first": "2027-03-02"}
    asked["patient"] = address.split("/")[3]
    page = desk.get(address, asked)
    assert "Comes first: A consultation, at least 7 days earlier." in page.content.decode()
    assert "Nothing is free" not in page.content.decode()
    sessions = [session for _, session in desk.get(f"{address}?{page.context['first_query']}").context["rows"]]
    assert [session.treatment.code for session in sessions] == ["consultation", "nafl", "nafl"]
    assert sessions[1].start.date() - sessions[0].start.date() >= timedelta(days=7)
