"""Trying out a draft of the rules: on an example, and on the visits that are booked, without telling whose they are."""

from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Booking, Choice
from clinic.workspace.words import few_words
from patients.models import Evaluation, Patient, TrailEntry
from tests.build import NOW, Clinic, user
from tests.clinic.workspace.conftest import browser, someone
from tests.patients.world import answer_all, confirm_phototype, person, ticket
from treatments.acting import Actor
from treatments.models import QuestionnaireVersion, RulesVersion
from treatments.operations import save_row
from treatments.versions import row_hash

TRY, VISITS = "/workspace/rules/try/", "/workspace/rules/visits/"
BEFORE = NOW - timedelta(days=1)


@pytest.fixture
def clinic(db: None) -> Clinic:
    return Clinic(practitioners=2, rooms=2, pens=2, screening=True, now=BEFORE)


@pytest.fixture
def admin(clinic: Clinic) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield someone("content_admin")


@pytest.fixture
def reviewer(clinic: Clinic, admin: Client) -> Client:
    return browser(clinic.practitioners[0].user)


def draft_with(code: str, **values: Any) -> RulesVersion:
    """A draft of the rules in which one of them is different."""
    versions = RulesVersion.objects.drafts()
    stands = versions.first() or RulesVersion.objects.get()
    rule = stands.rules.get(code=code)
    said = {"of": stands, "child": "rules", "code": code, "seen": row_hash(rule), "values": values}
    return save_row(actor=Actor(user=user(roles=("content_admin",))), after=None, now=NOW, **said)


def booked(clinic: Clinic, clock: str, given: str, **said: str) -> tuple[Patient, Appointment]:
    """Somebody who answered everything and then booked, a few days ahead; reception did it."""
    patient = person(given=given)
    answer_all(patient, ticket(), NOW, **said)
    choice = Choice(clinic.microneedling, clinic.place, clinic.at(clock))
    booking = Booking(choice, patient, override="telephone")
    return patient, operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def tried(client: Client, treatment: str = "microneedling", **changes: Any) -> HttpResponse:
    """The example as the page offers it, sent with `changes`."""
    where = f"{TRY}?treatment={treatment}"
    form = client.get(where).context["form"]
    data: dict[str, Any] = {}
    for field in form:
        widget = field.field.widget
        if hasattr(widget, "decompress"):
            parts = widget.decompress(field.value())
            data |= {field.html_name + name: part for name, part in zip(widget.widgets_names, parts, strict=True) if part}
        elif field.value():
            data[field.html_name] = field.value()
    return client.post(where, data | changes)


def said_of(page: HttpResponse) -> list[tuple[str, str]]:
    assert page.status_code == 200
    return [(title, words) for title, words, _outcome, _fired in page.context["outcomes"]]


def text_of(page: HttpResponse) -> str:
    return unescape(page.content.decode())


def test_an_example_is_put_to_the_rules_in_force_and_to_the_draft(admin: Client) -> None:
    draft_with("breastfeeding", tier="block", patient_text="We'd like to talk to you before booking.")
    assert said_of(tried(admin)) == [("In force", "booked at once"), ("The draft", "booked at once")]
    page = tried(admin, answer_breastfeeding="yes")
    assert said_of(page) == [("In force", "waits for a clinician"), ("The draft", "talk first")]
    for words in ("The draft says something else.", "We'd like to talk to you before booking.", "breastfeeding"):
        assert words in text_of(page)


def test_an_example_has_a_day_an_age_a_law_and_a_skin_type(admin: Client) -> None:
    draft_with("age_18_21_us", jurisdiction=[], when={"fact": "age", "between": [18, 25]})
    assert said_of(tried(admin, age="25"))[1] == ("The draft", "waits for a clinician")
    assert said_of(tried(admin, age="26"))[1] == ("The draft", "booked at once")
    assert said_of(tried(admin, age="17"))[0] == ("In force", "talk first")
    assert said_of(tried(admin, "nafl", phototype=""))[0] == ("In force", "talk first")
    assert said_of(tried(admin, "nafl", phototype="", in_front=["consultation"]))[0] == ("In force", "waits for a clinician")


def test_an_earliest_day_is_told(admin: Client) -> None:
    draft_with("peel_recent", when={"date": "peel_recent", "wait": {"value": 8, "unit": "week"}})
    days = {"answer_peel_recent": "date", "answer_peel_recent_day": "26", "answer_peel_recent_month": "1"}
    page = tried(admin, **days, answer_peel_recent_year="2027")
    assert said_of(page) == [("In force", "booked at once"), ("The draft", "offered from Tuesday 23 March 2027 on")]


def test_what_is_left_open_is_not_known(admin: Client) -> None:
    assert said_of(tried(admin, answer_pregnant=""))[0] == ("In force", "waits for a clinician")


def test_a_question_of_the_draft_may_be_answered_before_it_is_published(admin: Client) -> None:
    live = QuestionnaireVersion.objects.get()
    row = {"text": "Hay fever?", "kind": "yes_no_unsure", "page": "your_health", "treatments": ["microneedling"]}
    said = {"of": live, "child": "questions", "code": "hay_fever", "seen": "", "values": row}
    save_row(actor=Actor(task="test"), after=None, now=NOW, **said)
    draft_with("smoker", when={"answer": "hay_fever", "in": ["yes"]}, tier="flag")
    assert said_of(tried(admin, answer_hay_fever="yes"))[1] == ("The draft", "waits for a clinician")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"age": "-1"}, "age"),
        ({"age": ""}, "age"),
        ({"on_month": "13"}, "on"),
        ({"jurisdiction": "MOON"}, "jurisdiction"),
        ({"answer_pregnant": "perhaps"}, "answer_pregnant"),
        ({"answer_peel_recent": "", "answer_peel_recent_day": "31", "answer_peel_recent_month": "2"}, "answer_peel_recent"),
    ],
)
def test_a_bad_example_is_told_and_comes_back(admin: Client, changes: dict[str, str], field: str) -> None:
    page = tried(admin, **changes, answer_smoker="daily")
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert text_of(page).count("error-summary") == 1
    assert page.context["form"]["answer_smoker"].value() == "daily"


def test_nothing_of_an_example_is_kept(admin: Client) -> None:
    tried(admin, answer_pregnant="yes")
    assert not Evaluation.objects.exists()


def test_without_a_draft_the_rules_in_force_are_tried_alone(admin: Client) -> None:
    assert said_of(tried(admin)) == [("In force", "booked at once")]
    assert "There is no draft of the rules at the moment." in text_of(admin.get(VISITS))


def test_an_unknown_treatment_is_not_found(admin: Client) -> None:
    assert admin.get(f"{TRY}?treatment=botox").status_code == 404


def test_a_reviewer_sees_which_visits_a_draft_would_touch_and_how(clinic: Clinic, reviewer: Client) -> None:
    booked(clinic, "10:00", "Stricter", breastfeeding="yes")
    booked(clinic, "12:00", "Milder", pregnant="yes")
    booked(clinic, "14:00", "Untouched")
    draft_with("breastfeeding", tier="block")
    draft_with("pregnant", tier="info")
    page = reviewer.get(VISITS)
    text = text_of(page)
    assert page.context["counts"] == ["1", "1"]
    assert "3 visits to come" in text
    assert "Now: waits for a clinician. With the draft: talk first." in text
    assert "Now: talk first. With the draft: booked at once, with advice." in text
    assert [name in text for name in ("Stricter Example", "Milder Example", "Untouched Example")] == [True, True, False]


def test_a_later_day_is_stricter_and_an_earlier_one_milder(clinic: Clinic, reviewer: Client) -> None:
    booked(clinic, "10:00", "Peeled", peel_recent="2027-02-20")
    for weeks, counts in ((8, ["1", "0"]), (3, ["0", "1"]), (4, ["0", "0"])):
        draft_with("peel_recent", when={"date": "peel_recent", "wait": {"value": weeks, "unit": "week"}})
        assert reviewer.get(VISITS).context["counts"] == counts


def test_facts_and_visits_in_front_count_as_they_do_when_booking(clinic: Clinic, reviewer: Client) -> None:
    patient, _visit = booked(clinic, "14:00", "Known")
    confirm_phototype(patient, "V", NOW)
    microneedling = {"treatments": ["microneedling"], "satisfied_by": "consultation"}
    draft_with("phototype_iv_vi", tier="block", **microneedling)
    assert [one.after.tier for one in reviewer.get(VISITS).context["preview"].touched] == ["block"]
    choice = Choice(clinic.consultation, clinic.place, clinic.at("10:00"))
    operations.book(actor=Actor(user=clinic.reception), booking=Booking(choice, patient), key=uuid4(), now=NOW)
    assert [one.after.tier for one in reviewer.get(VISITS).context["preview"].touched] == ["flag"]


def test_others_than_reviewers_read_numbers_and_no_small_ones(clinic: Clinic, admin: Client) -> None:
    booked(clinic, "10:00", "Somebody", breastfeeding="yes")
    draft_with("breastfeeding", tier="block")
    page = admin.get(VISITS)
    assert page.context["counts"] == ["fewer than 5", "0"]
    assert page.context["visits"] == []
    assert "Somebody" not in text_of(page)


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5")])
def test_small_numbers_are_told_to_reviewers_only(count: int, words: str) -> None:
    assert few_words(count, exact=False) == words
    assert few_words(count, exact=True) == str(count)


def test_looking_changes_nothing_and_opens_no_record(clinic: Clinic, reviewer: Client) -> None:
    _patient, visit = booked(clinic, "10:00", "Kept", breastfeeding="yes")
    draft_with("breastfeeding", tier="block")
    before = (TrailEntry.objects.count(), Evaluation.objects.count())
    reviewer.get(VISITS)
    assert (TrailEntry.objects.count(), Evaluation.objects.count()) == before
    again = Appointment.objects.get(pk=visit.pk)
    assert (again.status, again.evaluation_id) == (visit.status, visit.evaluation_id)


def test_three_visits_take_as_many_queries_as_one(clinic: Clinic, reviewer: Client, django_assert_num_queries: Any) -> None:
    booked(clinic, "10:00", "One", breastfeeding="yes")
    draft_with("breastfeeding", tier="block")
    reviewer.get(VISITS)
    with django_assert_num_queries(20):
        reviewer.get(VISITS)
    for clock, given in (("12:00", "Two"), ("14:00", "Three")):
        booked(clinic, clock, given, breastfeeding="yes")
    with django_assert_num_queries(20):
        assert len(reviewer.get(VISITS).context["visits"]) == 3


@pytest.mark.parametrize("roles", [(), ("receptionist",)])
def test_others_do_not_come_in(admin: Client, roles: tuple[str, ...]) -> None:
    client = someone(*roles)
    assert [client.get(page).status_code for page in (TRY, VISITS)] == [403, 403]
