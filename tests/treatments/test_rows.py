"""Questions and rules, edited one by one: each page saves into the draft, and what is typed is never lost."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import build
from tests.treatments.rows import (
    CLINICAL,
    MODELS,
    NEW_QUESTION,
    NEW_RULE,
    PAGES,
    PUBLISHED,
    QUESTIONS,
    RULES,
    address,
    change,
    errors,
    filled,
    stored,
    text_of,
)
from treatments import operations
from treatments.acting import Actor, acting_as
from treatments.models import Question, QuestionnaireVersion, Rule, RulesVersion
from treatments.policies import forbidden_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]


@pytest.fixture
def admin(client: Client) -> Client:
    build.knowledge(now=PUBLISHED)
    client.force_login(build.user(roles=("content_admin",)))
    return client


@pytest.fixture
def clinician(admin: Client) -> Client:
    client = Client()
    client.force_login(build.user(roles=("practitioner",)))
    return client


@pytest.mark.parametrize("kind", MODELS)
def test_every_page_of_every_row_can_be_sent_back_untouched_and_then_nothing_has_changed(admin: Client, kind: str) -> None:
    for page in PAGES:
        assert admin.get(f"{CLINICAL}{kind}/{page}").status_code == 200
    for row in MODELS[kind][1].objects.all():
        answer = change(admin, kind, row.code)
        assert answer.status_code == 302, (row.code, answer.context["form"].errors)
    assert admin.get(f"{CLINICAL}{kind}/").context["changes"] == []


def test_a_changed_question_is_marked_compared_approved_and_published(admin: Client, clinician: Client) -> None:
    assert change(admin, "questions", "diabetes", text="Do you live with any diabetes?").url == f"{QUESTIONS}edit/"
    index = text_of(admin.get(f"{QUESTIONS}edit/"))
    assert index.count("status-pending") == 1
    assert "<ins>" in admin.get(QUESTIONS).content.decode()
    early = admin.post(f"{QUESTIONS}publish/", {"seen": admin.get(QUESTIONS).context["seen"], "why": "clearer"})
    assert early.status_code == 409
    clinician.post(f"{QUESTIONS}approve/", {"seen": clinician.get(QUESTIONS).context["seen"]})
    admin.post(f"{QUESTIONS}publish/", {"seen": admin.get(QUESTIONS).context["seen"], "why": "clearer"})
    live = QuestionnaireVersion.objects.live(timezone.now()).get()
    assert (live.number, live.questions.get(code="diabetes").text) == (2, "Do you live with any diabetes?")
    assert "clearer" in text_of(admin.get(f"{QUESTIONS}history/"))


def test_what_was_published_is_taken_back_by_a_new_version(admin: Client) -> None:
    change(admin, "rules", "pregnant", tier="flag")
    doctor = Actor(user=build.user(roles=("practitioner",)))
    draft = RulesVersion.objects.get(published_at=None)
    operations.approve(actor=doctor, draft=draft, now=timezone.now())
    operations.publish(actor=doctor, draft=draft, why="milder", now=timezone.now())
    assert "What it said otherwise" in text_of(admin.get(f"{RULES}history/1/"))
    assert admin.post(f"{RULES}history/1/back/").url == RULES
    assert stored("rules", "pregnant").tier == "block"
    again = admin.post(f"{RULES}history/1/back/", follow=True)
    assert "There is a draft already." in text_of(again)


def test_intervals_are_taken_back_and_discarded_like_the_others(admin: Client) -> None:
    intervals = f"{CLINICAL}intervals/"
    assert admin.get(f"{intervals}history/").status_code == 200
    admin.post(f"{intervals}history/1/back/")
    assert admin.get(intervals).context["draft"] is not None
    admin.post(f"{intervals}discard/")
    assert admin.get(intervals).context["draft"] is None
    assert admin.post(f"{intervals}discard/").status_code == 302  # twice is once


def test_a_draft_that_is_all_there_is_stays(client: Client) -> None:
    with acting_as(Actor(task="loading")):
        operations.load_knowledge()
    client.force_login(build.user(roles=("content_admin",)))
    assert "Nothing is published yet" in text_of(client.post(f"{RULES}discard/", follow=True))
    assert RulesVersion.objects.count() == 1


@pytest.mark.parametrize(("kind", "new"), [("questions", NEW_QUESTION), ("rules", NEW_RULE)])
def test_a_row_is_added_moved_and_removed(admin: Client, kind: str, new: dict[str, Any]) -> None:
    assert change(admin, kind, "", **new).status_code == 302
    rows = list(getattr(stored(kind, "hay_fever").version, kind).values_list("code", "position"))
    assert [position for _code, position in rows] == list(range(1, len(rows) + 1))
    change(admin, kind, "hay_fever", after="")
    assert stored(kind, "hay_fever").position == 1
    change(admin, kind, "hay_fever", after="diabetes" if kind == "questions" else "pregnant")
    codes = list(getattr(stored(kind, "hay_fever").version, kind).values_list("code", flat=True))
    assert codes.index("hay_fever") == codes.index("diabetes" if kind == "questions" else "pregnant") + 1
    seen = admin.get(address(kind, "hay_fever")).context["seen"]
    admin.post(f"{address(kind, 'hay_fever')}remove/", {"seen": seen})
    assert admin.get(f"{CLINICAL}{kind}/").context["changes"] == []
    assert admin.get(address(kind, "hay_fever")).status_code == 404


def test_the_code_of_a_row_cannot_be_changed(admin: Client) -> None:
    change(admin, "questions", "diabetes", code="sugar")
    assert not Question.objects.filter(code="sugar").exists()
    assert stored("questions", "diabetes")


def test_waits_and_ages_are_settings(admin: Client) -> None:
    change(admin, "rules", "age_under_18", oldest="20")
    change(admin, "rules", "isotretinoin_recent", wait_value="8", wait_unit="week", overrides="afl | 12 months")
    assert stored("rules", "age_under_18").when == {"fact": "age", "between": [0, 20]}
    assert stored("rules", "isotretinoin_recent").when == {
        "date": "isotretinoin",
        "wait": {"value": 8, "unit": "week"},
        "overrides": {"afl": {"value": 12, "unit": "month"}},
    }
    change(admin, "rules", "phototype_iv_vi", types=["V", "VI"])
    assert stored("rules", "phototype_iv_vi").when == {"fact": "confirmed_phototype", "in": ["V", "VI"]}


def test_a_rule_may_come_to_look_at_something_else(admin: Client) -> None:
    asked = {"about": "date", "question": "cold_sore", "codes": "", "wait_value": "3", "wait_unit": "day"}
    assert change(admin, "rules", "pregnant", **asked).status_code == 302
    assert stored("rules", "pregnant").when == {"date": "cold_sore", "wait": {"value": 3, "unit": "day"}}


def test_the_sentences_of_the_clinic_say_nothing_that_is_never_said(admin: Client) -> None:
    assert [rule.code for rule in Rule.objects.all() if forbidden_in(rule.patient_text)] == []


def test_two_editors_of_one_row_see_each_other_and_overwrite_nothing(admin: Client) -> None:
    mine = filled(admin.get(address("questions", "diabetes"))) | {"help": "Mine."}
    change(admin, "questions", "diabetes", help="Theirs.")
    page = admin.post(address("questions", "diabetes"), mine)
    assert page.status_code == 409
    assert "Somebody changed this after you opened the page." in errors(page)
    assert stored("questions", "diabetes").help == "Theirs."
    assert page.context["form"]["help"].value() == "Mine."
    (shown,) = page.context["theirs"]
    assert [(piece.kind, piece.text) for piece in shown.pieces] == [("del", "Theirs."), ("ins", "Mine.")]
    assert admin.post(address("questions", "diabetes"), filled(page)).status_code == 302
    assert stored("questions", "diabetes").help == "Mine."


def test_two_editors_of_different_rows_do_not_stand_in_each_others_way(admin: Client) -> None:
    mine = filled(admin.get(address("rules", "pregnant"))) | {"staff_text": "Mine."}
    change(admin, "rules", "smoker", staff_text="Theirs.")
    assert admin.post(address("rules", "pregnant"), mine).status_code == 302
    assert (stored("rules", "pregnant").staff_text, stored("rules", "smoker").staff_text) == ("Mine.", "Theirs.")


def test_a_row_that_was_removed_meanwhile_comes_back_only_on_purpose(admin: Client) -> None:
    mine = filled(admin.get(address("rules", "smoker"))) | {"staff_text": "Mine."}
    admin.post(f"{address('rules', 'smoker')}remove/", {"seen": mine["seen"]})
    page = admin.post(address("rules", "smoker"), mine)
    assert page.status_code == 409
    assert not Rule.objects.filter(code="smoker", version__published_at=None).exists()
    assert admin.post(address("rules", "smoker"), filled(page)).status_code == 302
    assert stored("rules", "smoker").staff_text == "Mine."


def test_a_row_that_was_changed_meanwhile_is_not_removed(admin: Client) -> None:
    seen = admin.get(address("rules", "smoker")).context["seen"]
    change(admin, "rules", "smoker", staff_text="Theirs.")
    answer = admin.post(f"{address('rules', 'smoker')}remove/", {"seen": seen}, follow=True)
    assert "Somebody changed this after you opened the page." in text_of(answer)
    assert stored("rules", "smoker").staff_text == "Theirs."


@pytest.mark.parametrize("seen", ["", "nonsense"])
def test_a_form_without_its_hash_overwrites_nothing(admin: Client, seen: str) -> None:
    assert change(admin, "rules", "smoker", staff_text="Mine.", seen=seen).status_code == 409
    assert not RulesVersion.objects.drafts().exists()


def test_a_question_that_rules_read_is_not_removed(admin: Client) -> None:
    seen = admin.get(address("questions", "diabetes")).context["seen"]
    answer = admin.post(f"{address('questions', 'diabetes')}remove/", {"seen": seen}, follow=True)
    assert "These rules read this question: diabetes_not_controlled, diabetes_controlled." in text_of(answer)
    assert not QuestionnaireVersion.objects.drafts().exists()


def test_rules_that_read_a_question_which_is_only_a_draft_wait_for_it(admin: Client) -> None:
    doctor = Actor(user=build.user(roles=("practitioner",)))
    change(admin, "questions", "", **NEW_QUESTION)
    change(admin, "rules", "", **NEW_RULE | {"question": "hay_fever", "codes": "yes"})  # it may be written already
    draft, asked = RulesVersion.objects.get(published_at=None), QuestionnaireVersion.objects.get(published_at=None)
    for version in (draft, asked):
        operations.approve(actor=doctor, draft=version, now=timezone.now())
    assert "do not fit together yet" in text_of(admin.get(RULES))
    page = admin.post(f"{RULES}publish/", {"seen": admin.get(RULES).context["seen"], "why": "more"})
    assert "reads the question “hay_fever”, which is not there." in errors(page)
    for code in ("questions", "rules"):
        where = f"{CLINICAL}{code}/"
        assert admin.post(f"{where}publish/", {"seen": admin.get(where).context["seen"], "why": "more"}).status_code == 302
    assert RulesVersion.objects.live(timezone.now()).get() == draft


def pages_sheet(client: Client, pages: str) -> HttpResponse:
    where = f"{QUESTIONS}edit/about/"
    return client.post(where, {"pages": pages, "seen": client.get(where).context["seen"]})


def test_pages_are_named_and_put_in_order(admin: Client) -> None:
    shown = admin.get(f"{QUESTIONS}edit/about/").context["sheet"].form["pages"].value()
    lines = reversed(shown.splitlines())
    assert pages_sheet(admin, "\n".join(["more | Something more", *lines])).url == f"{QUESTIONS}edit/"
    draft = QuestionnaireVersion.objects.get(published_at=None)
    assert [page["code"] for page in draft.pages][:2] == ["more", "every_day"]
    assert draft.questions.count() == Question.objects.filter(version__number=1).count()


def test_a_page_with_questions_stays(admin: Client) -> None:
    page = pages_sheet(admin, "about_you | About you")
    assert page.status_code == 422
    assert "Move the questions first." in errors(page)
    assert page.context["sheet"].form["pages"].value() == "about_you | About you"


@pytest.mark.parametrize("kind", MODELS)
def test_pages_ask_the_same_few_questions_however_many_rows(admin: Client, kind: str, django_assert_max_num_queries) -> None:
    first = MODELS[kind][1].objects.filter(version__number=1)[0].code
    for page in (f"{CLINICAL}{kind}/edit/", address(kind, first), address(kind)):
        admin.get(page)
        with django_assert_max_num_queries(16):
            admin.get(page)


@settings(max_examples=25)
@given(which=st.integers(0, 10_000), text=st.text(st.characters(exclude_categories=["Cs"])))
@pytest.mark.parametrize(
    ("kind", "code"), [("questions", "diabetes"), ("rules", "isotretinoin_recent"), ("rules", "pregnant")]
)
def test_any_text_in_any_field_is_saved_or_comes_back(admin: Client, kind: str, code: str, which: int, text: str) -> None:
    sent = filled(admin.get(address(kind, code)))
    names = sorted(set(sent) - {"seen"})
    name = names[which % len(names)]
    answer = admin.post(address(kind, code), sent | {name: text})
    assert answer.status_code in {302, 422}
    if answer.status_code == 422:
        shown = answer.context["form"][name].value()
        assert (shown[0] if isinstance(shown, list) else shown) == (True if name == "consultation_instead" else text)


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("practitioner",)])
def test_others_may_not_edit(client: Client, roles: tuple[str, ...]) -> None:
    client.force_login(build.user(roles=roles))
    for page in (f"{RULES}edit/", address("rules"), address("rules", "pregnant"), f"{QUESTIONS}edit/about/"):
        assert client.get(page).status_code == 403
        assert client.post(page).status_code == 403


@pytest.mark.parametrize(
    "page",
    [
        "rules/edit/row/nothing/",
        "rules/edit/about/",
        "intervals/edit/add/",
        "other/edit/",
        "other/history/",
        "rules/history/9/",
    ],
)
def test_what_is_not_there_is_not_found(admin: Client, page: str) -> None:
    assert admin.get(f"{CLINICAL}{page}").status_code == 404


@pytest.mark.parametrize("page", ["questions/edit/", "rules/edit/add/", "rules/edit/row/pregnant/"])
def test_before_anything_is_loaded_there_is_nothing_to_edit(client: Client, page: str) -> None:
    client.force_login(build.user(roles=("content_admin",)))
    assert client.get(f"{CLINICAL}{page}").status_code == 404
