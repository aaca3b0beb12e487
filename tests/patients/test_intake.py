"""Which pages a patient meets before which visit."""

from datetime import timedelta

import pytest

from patients.queries import intake
from tests import build
from tests.patients.world import VISIT, answer_all, answer_page, confirm_phototype, person, screening, ticket

pytestmark = pytest.mark.django_db
NOW = build.NOW
ON_DAY = ticket(on=NOW.date())
HEALTH = ["about_you", "your_health", "medicines"]
SKIN = ["skin-genetic", "skin-reaction", "skin-habits"]
SCARS = ["scars-where", "scars-today"]


@pytest.fixture(autouse=True)
def _questions_and_rules() -> None:
    screening()


@pytest.fixture
def pat():
    return person()


def codes(patient, visit, now=NOW) -> list[str]:
    return [page.code for page in intake.pages(patient, visit, now)]


def open_codes(patient, visit, now=NOW) -> set[str]:
    return {item.code for page in intake.pages(patient, visit, now) for item in page.questions}


def test_needling_asks_its_own_questions_then_skin_type_then_scars(pat):
    own = ["numbing", "healing", "the_area", "earlier_treatments", "every_day"]
    assert codes(pat, ticket()) == [*HEALTH, *own, *SKIN, *SCARS]


def test_laser_also_asks_about_light_and_in_the_last_week_about_sun(pat):
    own = ["light", "numbing", "healing", "the_area", "earlier_treatments", "sun", "every_day"]
    assert codes(pat, ticket("nafl")) == [*HEALTH, *own, *SKIN, *SCARS]
    assert "sun" not in codes(pat, ticket("nafl", on=NOW.date() + timedelta(days=8)))


def test_the_skin_just_now_is_asked_only_when_the_visit_is_two_days_away(pat):
    assert "skin_now" in codes(pat, ticket(on=NOW.date() + timedelta(days=2)))
    assert "skin_now" not in codes(pat, ticket(on=NOW.date() + timedelta(days=3)))


@pytest.mark.parametrize("treatment", ["consultation", "test_patch", "follow_up", "unheard-of"])
def test_a_visit_that_no_rule_asks_about_asks_nothing(pat, treatment):
    assert codes(pat, ticket(treatment, on=NOW.date())) == []
    assert intake.is_complete(pat, ticket(treatment, on=NOW.date()), NOW)


def test_no_page_asks_more_than_four_questions(pat):
    sizes = {
        len(page.items)
        for code in ("rf_microneedling", "afl")
        for page in intake.pages(pat, ticket(code, on=NOW.date()), NOW)
    }
    assert sizes <= {1, 2, 3, 4}


def test_a_saved_page_is_answered_and_the_next_one_is_next(pat):
    answer_page(pat, "about_you", ticket(), NOW)
    assert intake.next_page(pat, ticket(), NOW) == "your_health"
    assert intake.progress(intake.pages(pat, ticket(), NOW)) == (1, 13)


def test_somebody_who_answered_everything_is_asked_nothing_the_same_day(pat):
    answer_all(pat, ON_DAY, NOW)
    assert intake.is_complete(pat, ON_DAY, NOW + timedelta(hours=1))


def test_other_treatments_ask_only_what_is_new(pat):
    answer_all(pat, ticket(), NOW)
    assert open_codes(pat, ticket("rf_microneedling")) == {"pacemaker", "metal_implant_face"}


def test_a_later_session_asks_again_what_may_have_changed_and_nothing_else(pat):
    answer_all(pat, ticket(), NOW)
    later = NOW + timedelta(days=28)
    asked = open_codes(pat, ticket(on=VISIT + timedelta(days=28)), later)
    assert asked == {
        "pregnant", "breastfeeding", "diabetes", "immunosuppressed", "isotretinoin", "retinoid_topical", "anticoagulant",
        "koebner_skin", "skin_cancer_area", "peel_recent", "toxin_recent", "filler_recent", "surgery_recent",
        "scar-visibility", "scar-bother",
    }  # fmt: skip


def test_an_answered_page_shows_all_its_questions_for_changing(pat):
    answer_page(pat, "medicines", ticket(), NOW, isotretinoin="2026-01-05")
    page = next(page for page in intake.pages(pat, ticket(), NOW) if page.code == "medicines")
    assert page.is_answered
    assert [item.code for item in page.shown] == ["isotretinoin", "retinoid_topical", "anticoagulant", "bleeding_disorder"]
    assert page.answers["isotretinoin"].value == "2026-01-05"


def test_a_half_answered_page_shows_only_the_open_questions(pat):
    answer_page(pat, "medicines", ticket(), NOW)
    later = NOW + timedelta(days=30)
    page = next(page for page in intake.pages(pat, ticket(on=VISIT + timedelta(days=30)), later) if page.code == "medicines")
    assert [item.code for item in page.shown] == ["isotretinoin", "retinoid_topical", "anticoagulant"]


def test_a_skin_type_that_a_clinician_confirmed_is_not_asked_for(pat):
    confirm_phototype(pat, "IV", NOW)
    assert not set(codes(pat, ticket())) & set(SKIN)


def test_the_newest_answer_is_the_latest_one(pat):
    answer_page(pat, "about_you", ticket(), NOW, pregnant="prefer_not")
    answer_page(pat, "about_you", ticket(), NOW + timedelta(minutes=5), pregnant="no")
    given = intake.latest_answers(pat)["pregnant"]
    assert (given.value, given.on) == ("no", NOW.date())


def test_answers_belong_to_one_patient(pat):
    answer_all(pat, ticket(), NOW)
    assert intake.latest_answers(person()) == {}


def test_facts_are_the_age_on_the_day_of_the_visit_and_the_newest_confirmed_type(pat):
    answer_all(pat, ticket(), NOW)  # a type of the patient's own, which never counts as confirmed
    birthday = VISIT.replace(month=5, day=17)
    ages = [pat.age_on(day) for day in (birthday - timedelta(days=1), birthday)]
    assert ages == [36, 37]
    assert intake.known_of(pat, NOW).phototype is None
    confirm_phototype(pat, "III", NOW)
    confirm_phototype(pat, "V", NOW + timedelta(days=1))
    assert intake.known_of(pat, NOW).phototype == "V"


def test_the_number_of_queries_does_not_grow_with_the_answers(pat, django_assert_num_queries):
    intake.pages(pat, ticket(), NOW)  # the published questions are read once
    with django_assert_num_queries(2):  # all that is known, and the treatment
        intake.pages(pat, ticket(), NOW)
    answer_all(pat, ticket(), NOW)
    with django_assert_num_queries(2):
        intake.pages(pat, ticket(), NOW)
