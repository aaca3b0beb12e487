"""What the pages of questions and rules refuse: told beside the field and on top, and nothing typed is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests import build
from tests.conftest import _as_owner, _drop
from tests.treatments.rows import MODELS, NEW_QUESTION, NEW_RULE, PUBLISHED, change, errors

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]
LONG = "x" * 10_000
BAD_QUESTIONS = [
    ("", {"code": ""}, "code", "This field is required."),
    ("", {"code": "two words"}, "code", "Enter a valid “slug”"),
    ("", {"code": "diabetes"}, "code", "This code is taken."),
    ("", {"text": ""}, "text", "This field is required."),
    ("", {"text": LONG}, "text", "at most 400 characters"),
    ("", {"text": "bell \x07"}, "text", "Some characters cannot be kept."),
    ("", {"text": "null \x00"}, "text", "Null characters are not allowed."),
    ("", {"treatments": []}, "treatments", "This field is required."),
    ("", {"treatments": ["botox"]}, "treatments", "Select a valid choice."),
    ("", {"page": "nowhere"}, "page", "Select a valid choice."),
    ("", {"after": "nothing_like_it"}, "after", "Select a valid choice."),
    ("", {"kind": "choice"}, "options", "Write at least two answers, one a line."),
    ("", {"kind": "choice", "options": "one | One"}, "options", "Write at least two answers, one a line."),
    ("", {"kind": "choice", "options": "one | One\none | Two"}, "options", "“one” is there twice."),
    ("", {"kind": "choice", "options": "a b | One\nc | Two"}, "options", "“a b” is no code"),
    ("", {"kind": "choice", "options": "one"}, "options", "“one” is no “code | words”."),
    ("", {"kind": "choice", "options": f"one | {LONG}"}, "options", "Shorten “one |"),
    ("", {"kind": "choice", "options": "one | O\x1fne\ntwo | Two"}, "options", "Some characters cannot be kept."),
    ("", {"kind": "choice", "options": "\n".join(f"a{n} | A" for n in range(41))}, "options", "Keep it to 40 lines."),
    ("", {"options": "one | One"}, "options", "Leave this empty, or choose “one of several” above."),
    ("", {"allow_now": "on"}, "allow_now", "Only a date can be “now”."),
    ("diabetes", {"kind": "text", "options": ""}, "kind", "Ask in another way under a new code."),
    ("diabetes", {"options": "no | No\nyes | Yes"}, "options", "kept under these codes: controlled, not_controlled"),
    ("cold_sore", {"allow_now": None}, "allow_now", "Answers are kept under these codes: now"),
    ("pregnant", {"optional": None}, "optional", "Answers are kept under these codes: prefer_not"),
    ("pacemaker", {"treatments": ["nafl"]}, "treatments", "The rule “pacemaker” needs “pacemaker” asked before"),
]  # fmt: skip
BAD_RULES = [
    ("", {"code": "pregnant"}, "code", "This code is taken."),
    ("", {"patient_text": ""}, "patient_text", "This field is required."),
    ("", {"patient_text": LONG}, "patient_text", "under 6000 characters"),
    ("", {"staff_text": "bell \x07"}, "staff_text", "Some characters cannot be kept."),
    ("", {"patient_text": "You  HAVE an illness."}, "patient_text", "Patients never read “You  HAVE”"),
    ("", {"patient_text": "This is not safe."}, "patient_text", "Patients never read “safe”"),
    ("", {"patient_text": "We recommend laser."}, "patient_text", "Patients never read “We recommend”"),
    ("", {"patient_text": "You are unsuitable."}, "patient_text", "Patients never read “unsuitable”"),
    ("", {"patient_text": "From {date} on."}, "patient_text", "Only a rule with an earliest date knows a {date}."),
    ("", {"about": ""}, "about", "This field is required."),
    ("", {"question": ""}, "question", "Fill this in: the rule looks at an answer."),
    ("", {"question": "never_asked"}, "question", "Select a valid choice."),
    ("", {"codes": ""}, "codes", "Fill this in: the rule looks at an answer."),
    ("", {"codes": "controlled, maybe"}, "codes", "looks for an answer that “diabetes” does not have: maybe."),
    ("", {"codes": "controlled, controlled"}, "codes", "“controlled” is there twice."),
    ("", {"question": "cold_sore", "codes": "2027-01-01"}, "codes", "does not have: 2027-01-01."),
    ("", {"youngest": "18"}, "youngest", "Leave this empty: the rule looks at an answer."),
    ("", {"types": ["V"]}, "types", "Leave this empty: the rule looks at an answer."),
    ("", {"treatments": ["microneedling", "consultation"]}, "treatments", "before these treatments too: consultation."),
    ("", {"tier": "block_until"}, "tier", "An earliest date needs a rule about the time since a day."),
    ("", {"jurisdiction": "Scotland"}, "jurisdiction", "“Scotland” is no such place"),
    ("", {"sources": "A study | javascript:alert(1)"}, "sources", "Enter a valid URL."),
    ("", {"adds": "botox"}, "adds", "Select a valid choice."),
    ("age_under_18", {"youngest": "19"}, "oldest", "This must not be less than 19"),
    ("age_under_18", {"oldest": ""}, "oldest", "Fill this in: the rule looks at the age."),
    ("age_under_18", {"oldest": "-1"}, "oldest", "greater than or equal to 0"),
    ("phototype_iv_vi", {"types": ["VII"]}, "types", "Select a valid choice."),
    ("phototype_iv_vi", {"types": []}, "types", "Fill this in: the rule looks at the confirmed skin type."),
    ("peel_recent", {"wait_value": "0"}, "wait_value", "greater than or equal to 1"),
    ("peel_recent", {"wait_value": "521"}, "wait_value", "Keep this to 520 at most."),
    ("peel_recent", {"wait_value": "99999999999999999999"}, "wait_value", "Keep this to 520 at most."),
    ("peel_recent", {"wait_unit": "year"}, "wait_unit", "Select a valid choice."),
    ("peel_recent", {"question": "diabetes"}, "question", "does not ask for one."),
    ("peel_recent", {"patient_text": "A little later."}, "patient_text", "Say the earliest day: write {date}"),
    ("peel_recent", {"overrides": "afl | soon"}, "overrides", "“afl | soon” is no “treatment | number unit”."),
    ("peel_recent", {"overrides": "botox | 3 days"}, "overrides", "Treatments are: "),
    ("peel_recent", {"overrides": "follow_up | 3 days"}, "overrides", "The rule is not about these treatments: follow_up"),
]  # fmt: skip
BAD = [("questions", *case) for case in BAD_QUESTIONS] + [("rules", *case) for case in BAD_RULES]
NAMES = [f"{case[0]}-{case[3]}-{number}" for number, case in enumerate(BAD)]


@pytest.fixture(scope="module")
def opened(template: str, django_db_blocker: Any) -> Iterator[Client]:
    """One world for all that is refused: nothing is written in it."""
    name = f"{template}_rows"
    with django_db_blocker.unblock():
        _as_owner(f'create database "{name}" template "{template}"')
        with build.pointed_at(name):
            build.knowledge(now=PUBLISHED)
            client = Client()
            client.force_login(build.user(roles=("content_admin",)))
            yield client
        _drop(name)


@pytest.mark.parametrize(
    ("kind", "code", "changes", "field", "words"),
    BAD,
    ids=[f"{kind}-{n}-{field}" for n, (kind, _c, _s, field, _w) in enumerate(BAD)],
)
def test_bad_input_is_told_beside_the_field_and_on_top_and_nothing_typed_is_lost(
    opened: Client, kind: str, code: str, changes: dict[str, Any], field: str, words: str
) -> None:
    new = {} if code else NEW_QUESTION if kind == "questions" else NEW_RULE
    page = change(opened, kind, code, **{**new, "help" if kind == "questions" else "staff_text": "Typed.", **changes})
    assert page.status_code == 422
    assert words in errors(page)
    form = page.context["form"]
    assert words in " ".join(form.errors[field])
    assert f'id="{form[field].auto_id}_error"' in page.content.decode()
    typed = "help" if kind == "questions" else "staff_text"
    assert form[typed].value() == changes.get(typed, "Typed.")
    for name, value in changes.items():
        assert form[name].value() == (False if value is None else True if value == "on" else value), name
    assert not MODELS[kind][0].objects.drafts().exists()
