"""Every rule of the clinic has cases that fire it and cases that do not, on the very boundary. The cases are generated."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from patients.policies.screening import Facts, Given, Outcome, evaluate
from tests.patients.test_screening import ADULT, QUESTIONS, RULES, TODAY, waited
from treatments.models import Question, Rule
from treatments.operations.load import read
from treatments.policies import answers_of, misfits

HERE = "US-CA"  # the law of a place where every rule of the clinic holds
ASKED = {
    code: Question(**{name: value for name, value in entry.items() if name != "group"}) for code, entry in QUESTIONS.items()
}


class Case(NamedTuple):
    rule: Rule
    treatment: str
    fires: bool
    said: dict[str, str]
    facts: Facts = ADULT
    on: date = TODAY

    def __str__(self) -> str:
        return f"{self.rule.code}-{self.treatment}-{'fires' if self.fires else 'quiet'}-{self.said or self.facts}"

    @property
    def outcome(self) -> Outcome:
        answers = {code: Given(value, TODAY) for code, value in self.said.items()}
        return evaluate([self.rule], answers, self.facts, self.treatment, self.on)


def cases(rule: Rule, treatment: str) -> Iterator[Case]:
    """Each answer that fires and each that does not; the last day that fires and the first that does not; and so on."""
    match rule.when:
        case {"answer": code, "in": codes}:
            known = set(answers_of(ASKED[code])) - {"unsure", "prefer_not"} | set(codes)
            yield from (Case(rule, treatment, value in codes, {code: value}) for value in sorted(known))
        case {"date": code, "wait": wait, **rest}:
            free = waited(TODAY, rest.get("overrides", {}).get(treatment, wait))
            said = {code: TODAY.isoformat()}
            yield Case(rule, treatment, True, said, on=free - timedelta(days=1))
            yield Case(rule, treatment, False, said, on=free)
            yield Case(rule, treatment, False, {code: "never"})
        case {"fact": "age", "between": [youngest, oldest]}:
            for age in (youngest - 1, youngest, oldest, oldest + 1):
                yield Case(rule, treatment, youngest <= age <= oldest, {}, Facts(age, "II", HERE))
        case {"fact": "confirmed_phototype", "in": types}:
            for kind in (None, "I", "II", "III", "IV", "V", "VI"):
                yield Case(rule, treatment, (kind or "unconfirmed") in types, {}, Facts(36, kind, HERE))


CASES = [case for rule in RULES for treatment in rule.treatments for case in cases(rule, treatment)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_fires_up_to_its_boundary_and_not_beyond(case: Case) -> None:
    outcome = case.outcome
    if case.fires:
        assert (outcome.tier, [fired.rule for fired in outcome.fired]) == (case.rule.tier, [case.rule])
    else:
        assert outcome == Outcome()


@pytest.mark.parametrize("case", [case for case in CASES if case.fires and case.rule.tier == "block_until"], ids=str)
def test_an_earliest_day_is_the_first_on_which_the_rule_is_quiet(case: Case) -> None:
    assert case.outcome.earliest == case.on + timedelta(days=1)


def test_every_rule_has_both_kinds_of_cases_before_each_of_its_treatments() -> None:
    wanted = {
        (entry["code"], treatment, fires)
        for entry in read("screening")["rules"]
        for treatment in entry["treatments"]
        for fires in (True, False)
    }
    assert {(case.rule.code, case.treatment, case.fires) for case in CASES} == wanted


def test_rules_and_questions_of_the_clinic_fit_together() -> None:
    assert misfits(RULES, ASKED) == []


def test_what_does_not_fit_is_named() -> None:
    """The negative control: without a question, an answer or a treatment the rules that need it are found."""
    without = {code: question for code, question in ASKED.items() if code != "pregnant"}
    assert misfits(RULES, without) == ["The rule “pregnant” reads the question “pregnant”, which is not there."]
