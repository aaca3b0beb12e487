"""The clinic's knowledge files are complete, consistent and worded administratively."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from treatments.models.consent import PASSAGES

KNOWLEDGE = Path(__file__).parents[2] / "treatments" / "knowledge"
DRAWINGS = Path(__file__).parents[2] / "clinic" / "templates" / "drawings"
PROCEDURES = ["microneedling", "rf_microneedling", "nafl", "afl", "pdl"]
LASERS = ["nafl", "afl", "pdl"]
MINUTES_WITH_PATIENT = {
    "microneedling": 90, "rf_microneedling": 120, "nafl": 105, "afl": 120, "pdl": 60,
    "consultation": 45, "test_patch": 30, "follow_up": 20,
}  # fmt: skip
NUMBING_MINUTES = {
    "microneedling": (20, 60), "rf_microneedling": (45, 60), "nafl": (45, 60), "afl": (60, 60), "pdl": (0, 30),
}  # fmt: skip
DEVICE_KINDS = {"", "needling_pen", "nafl_laser", "afl_laser", "pdl_laser", "rf_needling"}
TIERS = {"block", "block_until", "flag", "prep", "info"}
WINDOWS = {"once", "each_session", "within_7d", "within_48h"}
KINDS = {"yes_no_unsure", "choice", "date_or_never", "text"}
ORIGINS = {
    "age_under_18", "age_18_21_us", "pregnant", "breastfeeding", "isotretinoin_current", "isotretinoin_recent",
    "keloid_history", "keloid_family", "active_infection", "active_acne_inflamed", "cold_sore_now",
    "cold_sore_history", "bleeding_disorder", "anticoagulant", "immunosuppressed", "radiotherapy_face",
    "skin_cancer_area", "diabetes", "connective_tissue", "koebner_skin", "sun_recent", "sunburn_now", "self_tan",
    "pdt_drug", "photosens_caution", "photosens_other", "anaesthetic_allergy", "anaesthetic_caution",
    "metal_allergy", "pacemaker", "metal_implant_face", "retinoid_topical", "peel_recent", "toxin_recent",
    "filler_recent", "surgery_recent", "phototype_iv_vi", "phototype_unconfirmed", "pih_history", "epilepsy_light",
    "tattoo_area", "body_image", "smoker", "reaction_previous",
}  # fmt: skip
COMPARED = [
    "cost", "invasiveness", "speed_of_results", "duration_of_results", "side_effects_summary", "downtime",
    "sensitive_skin", "darker_skin",
]  # fmt: skip
NOT_FOR_PATIENTS = {
    "sources",
    "references",
    "url",
    "staff_text",
    "clinician_text",
    "caveat",
    "goodman_baron",
    "goodman_baron_quantitative",
}
FORBIDDEN = re.compile(r"\b(unsuitable|you have|we recommend|safe|safely|safer|stop taking)\b", re.IGNORECASE)


def load(name: str) -> dict[str, Any]:
    return yaml.safe_load((KNOWLEDGE / f"{name}.yaml").read_text(encoding="utf-8"))


FILES = ("catalogue", "screening", "phototype", "scars", "photos", "consent")
CATALOGUE, SCREENING, PHOTOTYPE, SCARS, PHOTOS, CONSENT = (load(name) for name in FILES)
TREATMENTS = {treatment["code"]: treatment for treatment in CATALOGUE["treatments"]}
QUESTIONS = {question["code"]: question for question in SCREENING["questions"]}
RULES = SCREENING["rules"]

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["code"])
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question["code"])
each_treatment = pytest.mark.parametrize("treatment", TREATMENTS.values(), ids=lambda treatment: treatment["code"])
each_variant = pytest.mark.parametrize("variant", PHOTOTYPE["variants"], ids=lambda variant: variant["id"])
DOCUMENTS = [CATALOGUE, SCREENING, PHOTOTYPE, SCARS, PHOTOS, CONSENT]
each_file = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: list(file)[1])


def patient_texts(node: Any) -> Iterator[str]:
    """Yield every string that a patient may read."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from patient_texts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in NOT_FOR_PATIENTS:
                yield from patient_texts(value)


def references(node: Any) -> Iterator[dict[str, str]]:
    """Yield every reference, wherever it is listed."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"references", "sources"}:
                yield from value.values() if isinstance(value, dict) else value
            else:
                yield from references(value)


def subject(rule: dict[str, Any]) -> dict[str, Any] | None:
    """Return the question that a rule reads, or None where it reads a fact."""
    code = rule["when"].get("answer") or rule["when"].get("date")
    return QUESTIONS[code] if code else None


def answers(question: dict[str, Any]) -> set[str]:
    """Return the codes that an answer to the question may have."""
    codes = {
        "yes_no_unsure": {"yes", "no", "unsure"},
        "choice": {option["code"] for option in question.get("options", [])},
        "date_or_never": {"never"} | ({"now"} if question["allow_now"] else set()),
        "text": set(),
    }[question["kind"]]
    return codes | ({"prefer_not"} if question["optional"] else set())


@each_file
def test_no_verdict_is_worded(document: dict[str, Any]) -> None:
    assert [text for text in patient_texts(document) if FORBIDDEN.search(text)] == []


@each_file
def test_every_reference_has_a_title_and_an_address_or_none(document: dict[str, Any]) -> None:
    for reference in references(document):
        assert reference["title"]
        assert re.fullmatch(r"(https?://\S+)?", reference["url"])


@each_treatment
def test_the_patient_is_there_for_the_usual_length(treatment: dict[str, Any]) -> None:
    present = sum(step["minutes"] for step in treatment["steps"] if step["patient_present"])
    assert present == MINUTES_WITH_PATIENT[treatment["code"]]


@each_treatment
def test_steps_begin_with_setting_up_and_end_with_clean_down(treatment: dict[str, Any]) -> None:
    first, *inner, last = treatment["steps"]
    assert all(step["patient_present"] for step in inner)
    for step in (first, last):
        assert not step["patient_present"]
        assert step["minutes"] in {5, 10}
    for step in treatment["steps"]:
        assert step["minutes"] % 5 == 0
        assert step["room"]
        assert step["device_kind"] in DEVICE_KINDS
        assert step["title"]
        assert step["text"]


@pytest.mark.parametrize("code", PROCEDURES)
def test_numbing_needs_the_room_but_not_the_practitioner(code: str) -> None:
    (numbing,) = [step for step in TREATMENTS[code]["steps"] if step["title"] == "Numbing cream"]
    shortest, longest = NUMBING_MINUTES[code]
    assert shortest <= numbing["minutes"] <= longest
    assert not numbing["practitioner"]


@pytest.mark.parametrize("code", PROCEDURES)
def test_every_procedure_can_be_compared(code: str) -> None:
    assert all(TREATMENTS[code][row] for row in COMPARED)


@each_treatment
def test_figures_of_a_treatment_are_in_order(treatment: dict[str, Any]) -> None:
    assert len(treatment["summary"]) <= 240
    assert 1 <= treatment["sessions_min"] <= treatment["sessions_max"]
    least, usual, most = (treatment[f"interval_{name}_days"] for name in ("min", "typical_from", "typical_to"))
    assert least <= usual <= most
    assert treatment["downtime_min_days"] <= treatment["downtime_max_days"]
    for effect in treatment["side_effects"]:
        assert effect["permanence"] in {"temporary", "usually_temporary", "rarely_permanent"}


def test_there_are_eight_treatments_and_four_concerns_about_them() -> None:
    assert set(TREATMENTS) == set(MINUTES_WITH_PATIENT)
    assert len({treatment["slug"] for treatment in TREATMENTS.values()}) == 8
    assert [concern["slug"] for concern in CATALOGUE["concerns"]] == [
        "acne-scars", "fine-lines", "pores-and-texture", "surgery-and-burn-scars",
    ]  # fmt: skip
    for concern in CATALOGUE["concerns"]:
        assert {link["code"] for link in concern["treatments"]} <= set(TREATMENTS)


def test_every_pair_of_procedures_has_one_interval_in_each_direction() -> None:
    pairs = Counter((interval["before"], interval["after"]) for interval in CATALOGUE["intervals"])
    assert pairs == Counter((before, after) for before in PROCEDURES for after in PROCEDURES)
    assert all(interval["days"] > 0 and interval["reason"] for interval in CATALOGUE["intervals"])


def test_a_consultation_comes_before_all_but_microneedling_and_skin_type_and_test_patch_before_lasers() -> None:
    first = Counter((row["treatment"], row["kind"], row.get("first")) for row in CATALOGUE["prerequisites"])
    expected = {(code, "visit", "consultation") for code in ["rf_microneedling", *LASERS]}
    expected |= {(laser, "confirmed_phototype", None) for laser in LASERS}
    expected |= {(laser, "visit", "test_patch") for laser in LASERS}
    assert first == Counter(expected)
    patches = [row for row in CATALOGUE["prerequisites"] if row.get("first") == "test_patch"]
    assert all(row["phototypes"] == ["IV", "V", "VI"] and row["lead_days"] == 28 for row in patches)


@pytest.mark.parametrize("code", PROCEDURES)
def test_an_interval_to_the_same_treatment_is_its_own_minimum(code: str) -> None:
    (own,) = [i["days"] for i in CATALOGUE["intervals"] if i["before"] == i["after"] == code]
    assert own == TREATMENTS[code]["interval_min_days"]


def test_all_topics_are_covered() -> None:
    assert len(ORIGINS) == 44
    assert {rule["origin"] for rule in RULES} == ORIGINS
    assert len({rule["code"] for rule in RULES}) == len(RULES)


@each_rule
def test_a_rule_is_complete(rule: dict[str, Any]) -> None:
    assert rule["tier"] in TIERS
    assert rule["window"] in WINDOWS
    assert rule["confidence"] in {"high", "medium", "low"}
    assert set(rule["treatments"]) <= set(TREATMENTS)
    assert rule["patient_text"]
    assert rule["staff_text"]
    assert rule["sources"]


@each_rule
def test_a_predicate_is_of_the_closed_list(rule: dict[str, Any]) -> None:
    when = rule["when"]
    assert set(when) in (
        {"answer", "in"}, {"date", "wait"}, {"date", "wait", "overrides"}, {"fact", "in"}, {"fact", "between"},
    )  # fmt: skip
    for wait in [when["wait"], *when.get("overrides", {}).values()] if "date" in when else []:
        assert wait["unit"] in {"day", "week", "month"}
        assert wait["value"] > 0
    assert set(when.get("overrides", {})) <= set(rule["treatments"])
    assert when.get("fact", "age") in {"age", "confirmed_phototype"}


@each_rule
def test_a_rule_reads_a_question_that_is_asked_for_its_treatments(rule: dict[str, Any]) -> None:
    if question := subject(rule):
        assert set(rule["treatments"]) <= set(question["treatments"])
        assert rule["window"] == question["window"]
        assert set(rule["when"].get("in", [])) <= answers(question)
        assert ("date" in rule["when"]) <= (question["kind"] == "date_or_never")


@each_rule
def test_the_words_of_a_rule_fit_its_tier(rule: dict[str, Any]) -> None:
    assert (rule["tier"] == "block_until") == ("{date}" in rule["patient_text"])
    if rule["tier"] == "block" and subject(rule):
        assert "we'd like to talk to you before booking" in rule["patient_text"]
    if rule["tier"] == "flag":
        assert "before we confirm" in rule["patient_text"]


@each_rule
def test_a_block_on_a_choice_offers_not_sure(rule: dict[str, Any]) -> None:
    question = subject(rule)
    if rule["tier"] == "block" and question and question["kind"] == "choice":
        assert "unsure" in answers(question)


def test_blood_thinners_are_to_be_kept_on() -> None:
    (rule,) = [rule for rule in RULES if rule["code"] == "anticoagulant"]
    assert "keep taking your prescribed medicines" in rule["patient_text"]


def test_only_age_closes_the_consultation_too() -> None:
    assert [rule["code"] for rule in RULES if not rule["consultation_instead"]] == ["age_under_18"]


@each_question
def test_a_question_is_complete_and_read_by_a_rule(question: dict[str, Any]) -> None:
    assert question["kind"] in KINDS
    assert question["window"] in WINDOWS
    assert question["text"].endswith("?")
    assert all(isinstance(code, str) for code in answers(question))
    assert question in [subject(rule) for rule in RULES]
    assert question["optional"] == (question["code"] == "pregnant")
    assert question["staff_only"] == (question["code"] == "body_image")


@pytest.mark.parametrize("code", PROCEDURES)
def test_a_page_holds_two_to_four_questions(code: str) -> None:
    sizes = Counter(question["group"] for question in QUESTIONS.values() if code in question["treatments"])
    assert set(sizes) <= {group["code"] for group in SCREENING["groups"]}
    assert {group: size for group, size in sizes.items() if not 2 <= size <= 4} == {}


def test_questions_follow_the_order_of_the_pages() -> None:
    pages = [group["code"] for group in SCREENING["groups"]]
    order = [pages.index(question["group"]) for question in QUESTIONS.values()]
    assert order == sorted(order)
    assert set(order) == set(range(len(pages)))


@each_variant
def test_bands_leave_no_gap_and_no_overlap(variant: dict[str, Any]) -> None:
    scores = [score for band in variant["bands"] for score in range(band["min"], band["max"] + 1)]
    assert scores == list(range(variant["max"] + 1))
    assert [band["type"] for band in variant["bands"]] == ["I", "II", "III", "IV", "V", "VI"]


@each_variant
def test_the_items_of_a_variant_add_up_to_its_maximum(variant: dict[str, Any]) -> None:
    highest = {item["code"]: max(o["score"] for o in item["options"]) for item in PHOTOTYPE["questions"]}
    assert sum(highest[item] for item in variant["items"]) == variant["max"]


def test_each_skin_type_has_words_and_a_code() -> None:
    assert [(kind["type"], kind["ncit"]) for kind in PHOTOTYPE["types"]] == [
        ("I", "C74569"), ("II", "C74570"), ("III", "C74571"), ("IV", "C74572"), ("V", "C74573"), ("VI", "C74574"),
    ]  # fmt: skip
    for item in PHOTOTYPE["questions"]:
        assert [option["score"] for option in item["options"]] == [0, 1, 2, 3, 4]


def test_scars_are_described_for_patients_and_clinicians() -> None:
    assert [kind["code"] for kind in SCARS["types"]] == [
        "ice_pick", "boxcar", "rolling", "hypertrophic", "keloid", "macular_red", "macular_dark", "macular_light",
    ]  # fmt: skip
    assert all(kind["patient_text"] and kind["clinician_text"] for kind in SCARS["types"])
    assert {kind["family"] for kind in SCARS["types"]} == {"atrophic", "raised", "colour"}
    assert [grade["grade"] for grade in SCARS["goodman_baron"]] == [1, 2, 3, 4]
    assert (SCARS["bother"]["min"], SCARS["bother"]["max"]) == (0, 10)


def test_the_weights_of_a_count_come_to_the_maximum_that_was_published() -> None:
    table = SCARS["goodman_baron_quantitative"]
    assert sum(weight["points"] * table["bands"][weight["unit"]][-1][1] for weight in table["weights"]) == table["max"] == 84
    assert all(bands == sorted(bands) and bands[0] == [1, 1] for bands in table["bands"].values())
    assert table["confidence"] == "low"


def test_five_views_are_drawn_and_said() -> None:
    assert [view["code"] for view in PHOTOS["views"]] == ["front", "left_oblique", "right_oblique", "left", "right"]
    for view in PHOTOS["views"]:
        assert view["text"]
        assert view["sources"]
        assert (DRAWINGS / f"head_{view['drawing']}.html").is_file()
        assert view["mirrored"] is view["code"].startswith("right")
    assert len(PHOTOS["manners"]) == 5
    assert all(manner["sources"] for manner in PHOTOS["manners"])


each_consent = pytest.mark.parametrize("text", CONSENT["consents"], ids=lambda text: text["treatment"])


def test_everything_done_to_the_skin_has_a_consent_text() -> None:
    assert [text["treatment"] for text in CONSENT["consents"]] == [*PROCEDURES, "test_patch"]


@each_consent
def test_a_consent_text_says_all_that_has_to_be_talked_about(text: dict[str, Any]) -> None:
    assert all(text[name].strip() for name in ("title", *PASSAGES))
    assert "Doing nothing is one" in text["alternatives"]
    assert "without giving a reason" in text["withdrawal"]
    assert any("General Medical Council" in reference["title"] for reference in text["references"])


@each_consent
def test_a_consent_text_promises_nothing_and_hides_no_lasting_harm(text: dict[str, Any]) -> None:
    assert re.search(r"nobody can promise|does not rule it out", text["limits"])
    assert re.search(r"lasting|rarely (stays|permanent)", text["serious_risks"])


@each_consent
def test_the_figures_of_a_consent_text_are_those_of_the_treatment(text: dict[str, Any]) -> None:
    treatment = TREATMENTS[text["treatment"]]
    if treatment["kind"] == "procedure":
        assert f"{treatment['interval_min_days']} days apart" in text["sessions"]
        words = ["One", "Two", "Three", "four", "five", "six"]
        assert text["sessions"].startswith(
            f"{words[treatment['sessions_min'] - 1]} to {words[treatment['sessions_max'] - 1]} sessions"
        )
