"""The rules are pure: what they say depends on the answers, the facts, the treatment and the day, and on nothing else."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.policies.screening import SEVERITY, Facts, Given, Outcome, after, evaluate
from treatments.models import Rule
from treatments.operations.load import read

SCREENING = read("screening")
QUESTIONS = {question["code"]: question for question in SCREENING["questions"]}
RULES = [
    Rule(position=position, **{name: value for name, value in entry.items() if name != "window"})
    for position, entry in enumerate(SCREENING["rules"], start=1)
]
TREATMENTS = ["microneedling", "rf_microneedling", "nafl", "afl", "pdl", "consultation", "test_patch", "follow_up"]
ADULT = Facts(age=36, confirmed_phototype="II", jurisdiction="US-CA")
TODAY = date(2027, 1, 15)
UNKNOWN = ["", "unsure", "prefer_not"]


def rule(when: dict[str, object], *, tier: str = "block", **fields: object) -> Rule:
    made = {"treatments": ["microneedling"], "position": 1, "code": "made", "patient_text": "Because {date}.", **fields}
    return Rule(tier=tier, when=when, **made)


def options(question: str) -> list[str]:
    entry = QUESTIONS[question]
    match entry["kind"]:
        case "choice":
            return [option["code"] for option in entry["options"]]
        case "date_or_never":
            return ["never", "now", "2026-12-31", "2020-02-29"]
    return ["yes", "no"]


def answers(**values: str) -> dict[str, Given]:
    return {code: Given(value, TODAY) for code, value in values.items() if value}


def of(one: Rule, facts: Facts = ADULT, *, on: date = TODAY, treatment: str = "", **values: str) -> Outcome:
    return evaluate([one], answers(**values), facts, treatment or one.treatments[0], on)


def waited(day: date, wait: dict[str, object]) -> date:
    """`day` plus `wait`, in another way than the code: only for days that every month has."""
    if wait["unit"] == "month":
        months = day.month - 1 + wait["value"]
        return day.replace(year=day.year + months // 12, month=months % 12 + 1)
    return day + timedelta(days=wait["value"] * {"day": 1, "week": 7}[wait["unit"]])


@pytest.mark.parametrize("one", [r for r in RULES if r.tier in ("block", "block_until")], ids=lambda one: one.code)
@pytest.mark.parametrize("unknown", UNKNOWN)
def test_not_knowing_the_answer_to_a_rule_that_could_close_the_booking_asks_a_clinician(one, unknown):
    question = one.when.get("answer") or one.when.get("date")
    if question is None:
        assert one.when["fact"]
    elif unknown in one.when.get("in", ()):
        assert of(one, **{question: unknown}).tier == one.tier
    else:
        assert of(one, **{question: unknown}).tier == "flag"


@pytest.mark.parametrize("one", [r for r in RULES if set(r.treatments) != set(TREATMENTS)], ids=lambda one: one.code)
def test_a_rule_says_nothing_about_treatments_that_it_does_not_name(one):
    other = next(code for code in TREATMENTS if code not in one.treatments)
    question = one.when.get("answer") or one.when.get("date") or "none"
    assert of(one, treatment=other, **{question: "unsure"}) == Outcome()


def test_severity_is_per_treatment():
    said = answers(active_acne="inflamed")
    acne = [one for one in RULES if one.when.get("answer") == "active_acne"]
    assert [evaluate(acne, said, ADULT, code, TODAY).tier for code in ("microneedling", "afl", "pdl")] == [
        "block",
        "block",
        "flag",
    ]


def test_an_adult_who_answers_no_to_everything_may_book():
    said = {
        code: Given("never" if q["kind"] == "date_or_never" else options(code)[0], TODAY) for code, q in QUESTIONS.items()
    }
    said |= {code: Given("no", TODAY) for code, q in QUESTIONS.items() if q["kind"] == "yes_no_unsure"}
    for treatment in TREATMENTS:
        assert evaluate(RULES, said, Facts(36, "II", "GB-ENG"), treatment, TODAY) == Outcome()


def test_somebody_under_18_is_not_even_offered_a_consultation():
    outcome = evaluate(RULES, {}, Facts(17, "II", "GB-ENG"), "consultation", TODAY)
    assert (outcome.tier, outcome.consultation_instead) == ("block", False)


def test_every_other_block_leaves_the_consultation_open():
    assert of(rule({"answer": "q", "in": ["yes"]}), q="yes").consultation_instead


def test_a_softened_block_does_not_close_the_consultation():
    closing = rule({"answer": "q", "in": ["yes"]}, consultation_instead=False)
    assert of(closing).consultation_instead
    assert not of(closing, q="yes").consultation_instead


@pytest.mark.parametrize(("place", "law"), [("US", True), ("US-CA", True), ("GB-ENG", False), ("USX", False), ("", False)])
def test_the_law_of_a_country_holds_in_all_its_parts_and_nowhere_else(place, law):
    american = rule({"fact": "age", "between": [0, 99]}, jurisdiction=["US"])
    assert bool(of(american, Facts(20, None, place)).fired) is law


def test_the_earliest_day_is_the_latest_of_all_waits():
    waits = [
        rule({"date": f"q{n}", "wait": {"value": n, "unit": "week"}}, tier="block_until", code=f"w{n}") for n in (2, 6, 4)
    ]
    said = {f"q{n}": Given("2027-01-10", TODAY) for n in (2, 4, 6)}
    outcome = evaluate(waits, said, ADULT, "microneedling", TODAY)
    assert (outcome.tier, outcome.earliest) == ("block_until", date(2027, 2, 21))


def test_the_patient_reads_the_day_in_full():
    wait = rule({"date": "q", "wait": {"value": 4, "unit": "week"}}, tier="block_until")
    (fired,) = of(wait, q="2027-01-10").fired
    assert fired.patient_text == "Because 7 February 2027."


def test_a_softened_rule_does_not_speak_as_if_it_knew():
    (fired,) = of(rule({"answer": "q", "in": ["yes"]}, patient_text="Because of your answer about q"), q="unsure").fired
    assert fired.patient_text == "A clinician will look at your answers before we confirm."


def test_now_counts_as_the_day_of_the_answer():
    wait = rule({"date": "q", "wait": {"value": 14, "unit": "day"}}, tier="block_until")
    said = {"q": Given("now", date(2027, 1, 1))}
    assert evaluate([wait], said, ADULT, "microneedling", date(2027, 1, 14)).earliest == date(2027, 1, 15)
    assert evaluate([wait], said, ADULT, "microneedling", date(2027, 1, 15)) == Outcome()


def test_an_answer_from_before_the_question_was_about_a_day_counts_as_unknown():
    assert of(rule({"date": "q", "wait": {"value": 1, "unit": "day"}}), q="yes").tier == "flag"


def test_a_treatment_may_have_a_wait_of_its_own():
    one = rule(
        {"date": "q", "wait": {"value": 1, "unit": "week"}, "overrides": {"afl": {"value": 2, "unit": "week"}}},
        tier="block_until",
        treatments=["afl", "pdl"],
    )
    assert [of(one, treatment=code, q="2027-01-14").earliest for code in ("afl", "pdl")] == [
        date(2027, 1, 28),
        date(2027, 1, 21),
    ]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 12, 1), 1, date(2028, 1, 1)),
    ],
)
def test_months_are_calendar_months_cut_to_the_last_day(day, months, expected):
    assert after(day, {"value": months, "unit": "month"}) == expected


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"answer": "q"},
        {"answer": "q", "in": ["yes"], "unless": "no"},
        {"date": "q", "wait": {"value": 1, "unit": "fortnight"}},
        {"date": "q", "before": "2027-01-01"},
        {"fact": "age", "in": [20]},
        {"fact": "height", "between": [0, 200]},
        {"fact": "confirmed_phototype", "between": [1, 3]},
    ],
    ids=str,
)
def test_a_predicate_outside_the_closed_list_is_an_error_and_never_silence(when):
    with pytest.raises(ValueError, match=r"unknown"):
        of(rule(when), q="2027-01-10")


# --- Properties ---------------------------------------------------------------------------------------------------

ASKED = sorted({code for one in RULES if (code := one.when.get("answer") or one.when.get("date"))})

waits = st.builds(
    lambda value, unit: {"value": value, "unit": unit}, st.integers(1, 60), st.sampled_from(["day", "week", "month"])
)
some_codes = st.lists(
    st.sampled_from(["yes", "no", "unsure", "never", "now", "inflamed", "bought"]), min_size=1, unique=True
)
some_types = st.lists(st.sampled_from(["I", "II", "III", "IV", "V", "VI", "unconfirmed"]), min_size=1, unique=True)
some_predicates = st.one_of(
    st.builds(lambda code, codes: {"answer": code, "in": codes}, st.sampled_from(ASKED), some_codes),
    st.builds(lambda code, wait: {"date": code, "wait": wait}, st.sampled_from(ASKED), waits),
    st.builds(
        lambda code, wait, own: {"date": code, "wait": wait, "overrides": {"afl": own}}, st.sampled_from(ASKED), waits, waits
    ),
    st.builds(lambda *ages: {"fact": "age", "between": sorted(ages)}, st.integers(0, 100), st.integers(0, 100)),
    st.builds(lambda types: {"fact": "confirmed_phototype", "in": types}, some_types),
)
made_rules = st.builds(
    Rule,
    code=st.integers(1, 99).map("made-{}".format),
    position=st.integers(1, 60),
    tier=st.sampled_from(Rule.Tier.values),
    when=some_predicates,
    treatments=st.lists(st.sampled_from(TREATMENTS), min_size=1, unique=True),
    jurisdiction=st.sampled_from([[], ["US"], ["GB"], ["US-NY", "GB-ENG"]]),
    satisfied_by=st.sampled_from(["", "consultation"]),
    consultation_instead=st.booleans(),
)
any_rule = st.sampled_from(RULES) | made_rules  # the clinic's own, and whatever the pages of rules let somebody write
some_rules = st.lists(any_rule, unique_by=lambda one: one.code, max_size=12)
some_facts = st.builds(
    Facts, st.integers(0, 100), st.sampled_from([None, "I", "III", "IV", "VI"]), st.sampled_from(["GB-ENG", "US", "US-NY"])
)
some_days = st.dates(date(2026, 6, 1), date(2027, 12, 31))


@st.composite
def some_answers(draw: st.DrawFn) -> dict[str, Given]:
    codes = draw(st.lists(st.sampled_from(ASKED), unique=True))
    values = {code: draw(st.sampled_from([*options(code), *UNKNOWN]) | some_days.map(str)) for code in codes}
    return {code: Given(value, draw(some_days)) for code, value in values.items()}


in_front = st.sampled_from([(), ("consultation",), ("consultation", "test_patch")])
worlds = st.tuples(some_answers(), some_facts, st.sampled_from(TREATMENTS), some_days, in_front)


@settings(max_examples=150)
@given(some_rules, any_rule, worlds)
def test_one_more_rule_never_relaxes(rules, another, world):
    before, now = evaluate(rules, *world), evaluate([*rules, another], *world)
    assert SEVERITY.index(now.tier) >= SEVERITY.index(before.tier)
    assert (now.earliest or date.min) >= (before.earliest or date.min)
    assert now.consultation_instead <= before.consultation_instead


@settings(max_examples=150)
@given(some_rules.flatmap(lambda rules: st.tuples(st.just(rules), st.permutations(rules))), worlds)
def test_the_order_of_the_rules_does_not_matter(orders, world):
    assert evaluate(orders[0], *world) == evaluate(orders[1], *world)


@settings(max_examples=150)
@given(st.sampled_from(ASKED), st.sampled_from(UNKNOWN), worlds)
def test_not_knowing_is_never_milder_than_no(question, unknown, world):
    said, *rest = world
    fired_by = {code for one in RULES if one.when.get("answer") == question for code in one.when["in"]}
    no = (
        "never"
        if "never" in options(question)
        else next(o for o in reversed(options(question)) if o not in fired_by | {"unsure"})
    )
    known = evaluate(RULES, said | {question: Given(no, TODAY)}, *rest)
    others = {code: answer for code, answer in said.items() if code != question}
    unsure = evaluate(RULES, others | ({question: Given(unknown, TODAY)} if unknown else {}), *rest)
    assert SEVERITY.index(unsure.tier) >= SEVERITY.index(known.tier)


@settings(max_examples=150)
@given(some_rules, worlds)
def test_the_worst_tier_wins(rules, world):
    outcome = evaluate(rules, *world)
    assert outcome.tier == max((f.tier for f in outcome.fired), key=SEVERITY.index, default="")
    assert outcome.earliest == max((f.earliest for f in outcome.fired if f.tier == "block_until"), default=None)


def weight(outcome: Outcome) -> tuple[int, date]:
    return SEVERITY.index(outcome.tier), outcome.earliest or date.min


@settings(max_examples=150)
@given(some_rules, st.lists(made_rules, max_size=4), st.lists(made_rules, max_size=4), worlds)
def test_two_versions_that_treat_a_visit_alike_by_what_only_one_of_them_has_treat_it_alike(common, old, new, world):
    alone = [weight(evaluate(rules, *world)) for rules in (old, new)]
    whole = [weight(evaluate([*common, *rules], *world)) for rules in (old, new)]
    assert alone[0] != alone[1] or whole[0] == whole[1]
