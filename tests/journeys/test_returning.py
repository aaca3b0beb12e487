"""Somebody who has been here before: asked only what has expired, and once more shortly before the visit."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment, Status
from patients.models import Answer, Patient
from patients.queries import intake
from patients.tickets import Ticket
from tests.build import Clinic
from tests.journeys import acts
from tests.journeys.day import around_noon, booked, on_day
from tests.journeys.people import returning

PageOf = Callable[[User], Page]
DAY = timedelta(days=1)


@pytest.fixture
def clinic(open_clinic: Clinic) -> Clinic:
    return around_noon(open_clinic)


@pytest.fixture
def robin(clinic: Clinic) -> Patient:
    return returning(clinic.place, "robin@example.org", open_page="")


@pytest.fixture
def later() -> Iterator[None]:
    """Two days on: what counts for one session has expired."""
    with time_machine.travel(timezone.now() + 2 * DAY, tick=True):
        yield


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [rule["id"] for rule in found if {"wcag2a", "wcag2aa", "wcag22aa"} & {*rule["tags"]}]


def test_all_as_last_time(clinic: Clinic, robin: Patient, later: None, page_of: PageOf) -> None:
    ticket = Ticket("microneedling", timezone.localdate() + 9 * DAY, clinic.place.jurisdiction, "/visits/")
    page, answers = page_of(robin.user), Answer.objects.count()
    open_pages = [found for found in intake.pages(robin, ticket, timezone.now()) if not found.is_answered]
    page.goto(ticket.url())
    for found in open_pages:
        expect(page.get_by_role("heading", name="Still the same?")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="All as last time").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(found.title)
    page.wait_for_url("**/visits/")
    assert Answer.objects.count() == answers + sum(len(found.questions) for found in open_pages)


def test_the_check_of_the_last_days_sends_a_visit_to_a_clinician(
    clinic: Clinic, robin: Patient, later: None, page_of: PageOf
) -> None:
    visit = booked(clinic, robin, on_day(clinic, 1), treatment=clinic.microneedling, ago=60 * 47)
    assert visit.status == Status.BOOKED
    page = page_of(robin.user)
    page.goto(f"/visits/{visit.pk}/")
    expect(page.get_by_role("heading", name="A few questions before your visit")).to_be_visible()
    page.get_by_role("link", name="Answer now").click()
    assert violations(page) == []
    acts.answer_all(page, infection="Yes")
    after = Appointment.objects.get(pk=visit.pk)
    assert (after.status, after.during) == (Status.PENDING, visit.during)
    page.goto(f"/visits/{visit.pk}/")
    expect(page.get_by_text("A few questions before your visit")).to_have_count(0)
    assert violations(page) == []
