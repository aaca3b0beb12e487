"""“Still the same?”: what was said before a former visit, shown again and given again with one button."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from patients.models import Answer, Patient, TrailEntry
from patients.queries import intake
from tests.build import NOW
from tests.patients.world import VISIT, answer_all, answer_page, person, screening, ticket, user_of

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=40)
NEXT = ticket(on=VISIT + timedelta(days=42))  # inside the week, inside the 48 hours


@pytest.fixture
def pat(db: None) -> Patient:
    screening()
    who = person()
    answer_all(who, ticket(), NOW, active_acne="unsure")
    return who


@pytest.fixture
def browser(pat: Patient, client: Client):
    with time_machine.travel(LATER, tick=False):
        client.force_login(user_of(pat))
        yield client


def first(pat: Patient) -> intake.Page:
    """The first page with something open, as the patient meets it."""
    return next(page for page in intake.pages(pat, NEXT, LATER) if not page.is_answered)


def test_only_what_has_expired_is_asked_again_with_what_was_said(pat: Patient, browser: Client) -> None:
    page = first(pat)
    assert {item.code for item in page.questions} < set(Answer.objects.values_list("question", flat=True))
    assert page.asks_again
    html = browser.get(NEXT.url(page.code)).content.decode()
    assert "Still the same?" in html
    assert all(question in html for question, _answer, _at in page.said_before)
    assert "26 February 2027" in html


def test_one_button_gives_the_same_answers_anew(pat: Patient, browser: Client) -> None:
    page = first(pat)
    before = {code: row.value for code, row in page.before.items()}
    response = browser.post(NEXT.url(page.code), {"seen": page.seen})
    assert response.status_code == 302
    again = next(found for found in intake.pages(pat, NEXT, LATER) if found.code == page.code)
    assert again.is_answered
    assert {code: again.answers[code].value for code in before} == before
    assert all(again.answers[code].at == LATER for code in before)


def test_a_whole_intake_is_repeated_page_by_page_and_is_complete_then(pat: Patient, browser: Client) -> None:
    for _ in range(20):
        code = intake.next_page(pat, NEXT, LATER)
        if code is None:
            break
        page = first(pat)
        assert (page.code, page.asks_again) == (code, True)
        browser.post(NEXT.url(code), {"seen": page.seen})
    assert intake.is_complete(pat, NEXT, LATER)


def test_nothing_is_filled_in_beforehand_so_a_change_is_answered_in_full(pat: Patient, browser: Client) -> None:
    form = browser.get(NEXT.url(first(pat).code)).context["form"]
    assert form.initial == {}


def test_what_was_not_shown_is_not_repeated(pat: Patient, browser: Client) -> None:
    page = first(pat)
    answer_page(pat, page.code, ticket(), NOW + timedelta(minutes=5))  # on another device, and expired again by now
    count = Answer.objects.count()
    response = browser.post(NEXT.url(page.code), {"seen": page.seen}, follow=True)
    assert "Your answers have changed meanwhile." in response.content.decode()
    assert Answer.objects.count() == count


@pytest.mark.parametrize("seen", ["", "x", "\x00"])
def test_nonsense_repeats_nothing(pat: Patient, browser: Client, seen: str) -> None:
    count = Answer.objects.count()
    assert browser.post(NEXT.url(first(pat).code), {"seen": seen}).status_code == 302
    assert Answer.objects.count() == count


def test_a_page_with_a_question_that_was_never_answered_is_asked_in_full(pat: Patient, browser: Client) -> None:
    code = next(iter(first(pat).before))
    stranger = person(given="New", email="new@example.org")
    page = next(p for p in intake.pages(stranger, NEXT, LATER) if code in {item.code for item in p.questions})
    assert not page.asks_again
    browser.force_login(user_of(stranger))
    assert "Still the same?" not in browser.get(NEXT.url(page.code)).content.decode()


def test_showing_what_was_said_is_in_the_trail(pat: Patient, browser: Client) -> None:
    before = TrailEntry.objects.count()
    browser.get(NEXT.url(first(pat).code))
    assert TrailEntry.objects.count() == before + 1
