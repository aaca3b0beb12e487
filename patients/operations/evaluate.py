"""Putting the rules in force to a patient's answers, for one visit."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from patients.items import from_question
from patients.models import Answer, Evaluation, Patient
from patients.policies.screening import Facts, Fired, Outcome, evaluate
from patients.queries.answers import counting, given
from patients.queries.intake import asked_before
from patients.queries.known import Known, known_of
from patients.queries.rehearsal import due
from treatments.models import Question, Rule, RulesVersion, Treatment


@dataclass(frozen=True)
class _Judged:
    outcome: Outcome
    rules: RulesVersion | None
    questions: Mapping[str, Question]


def judge(
    patient: Patient,
    treatment: Treatment,
    on: date,
    jurisdiction: str,
    now: datetime,
    since: datetime | None = None,
    in_front: Collection[str] = (),
    known: Known | None = None,
) -> Outcome:
    """What the rules in force say of a visit on the local day `on`, from the answers that still count. Stores nothing.

    Rules about the last days before a visit are left out while it is too far away; the pre-visit check asks those.
    Any other answer that is missing counts as unknown. `since`: what counted then counts for this visit although 24 hours
    have passed (for a change of time, or a check shortly before). `in_front`: codes of the treatments for which the
    patient comes before. `known`: what was read already.
    """
    found = known or known_of(patient, now)
    return _judged(found, patient, treatment, on, jurisdiction, now, since, in_front).outcome


def evaluate_in(
    patient: Patient,
    treatment: Treatment,
    on: date,
    jurisdiction: str,
    now: datetime,
    since: datetime | None = None,
    in_front: Collection[str] = (),
) -> Evaluation:
    """`judge`, stored for good: inside the transaction of the booking that it belongs to."""
    found = _judged(known_of(patient, now), patient, treatment, on, jurisdiction, now, since, in_front)
    fired = [_as_data(f, found.questions) for f in found.outcome.fired]
    return Evaluation.objects.create(
        patient=patient,
        treatment=treatment,
        rules=found.rules,
        at=now,
        on=on,
        tier=found.outcome.tier,
        earliest=found.outcome.earliest,
        document=json.dumps({"fired": fired}),
    )


def _judged(
    known: Known,
    patient: Patient,
    treatment: Treatment,
    on: date,
    jurisdiction: str,
    now: datetime,
    since: datetime | None,
    in_front: Collection[str],
) -> _Judged:
    questions, rules = asked_before(known.questionnaire, treatment.code), known.rules
    answers = counting(known.answers, {q.code: q.window for q in questions}, on, now, since)
    asked = due(rules.rules.all(), questions, on, now) if rules else []
    facts = Facts(patient.age_on(on), known.phototype, jurisdiction)
    outcome = evaluate(asked, _given(answers), facts, treatment.code, on, in_front, known.told)
    if rules is None and treatment.kind == Treatment.Kind.PROCEDURE:
        outcome = Outcome(tier=Rule.Tier.FLAG)  # no clinician has approved any rules yet, so one looks at each booking
    return _Judged(outcome, rules, {q.code: q for q in questions})


def _given(answers: Mapping[str, Answer]) -> dict[str, Any]:
    return {code: given(row) for code, row in answers.items()}


def _as_data(fired: Fired, questions: Mapping[str, Question]) -> dict[str, str]:
    """A fired rule as staff read it later, whatever the questions and rules say by then."""
    item = from_question(questions[fired.question]) if fired.question in questions else None
    return {
        "rule": fired.rule.code,
        "tier": fired.tier,
        "patient_text": fired.patient_text,
        "staff_text": fired.rule.staff_text,
        "question": item.text if item else fired.question,
        "code": fired.question,
        "answer": item.words(fired.answer) if item else fired.answer,
        "earliest": fired.earliest.isoformat() if fired.earliest else "",
    }
