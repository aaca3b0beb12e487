"""What rules would say that are not in force (yet): of example answers, and of visits that are booked. Stores nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from patients.items import Item, Look, from_question
from patients.models import Answer, Patient, Phototype, SunExposure
from patients.policies.screening import Facts, Given, Outcome, evaluate
from patients.policies.windows import is_due
from patients.queries.answers import counting, given
from patients.queries.known import told_in
from treatments.models import Question, Rule


@dataclass(frozen=True)
class Case:
    """One visit as the rules look at it. `since`: answers given from then on count for it, however old they are."""

    patient: Patient
    treatment: str
    on: date
    jurisdiction: str
    since: datetime
    in_front: frozenset[str]


def due(rules: Iterable[Rule], questions: Iterable[Question], on: date, now: datetime) -> list[Rule]:
    """The rules without those whose question will only be asked nearer to the visit."""
    later = {q.code for q in questions if not is_due(q.window, on, now)}
    return [rule for rule in rules if rule.question not in later]


def asked_for_example(questions: Iterable[Question], treatment: str) -> list[Item]:
    """The items that rules can read, of the questions before a treatment."""
    return [from_question(q) for q in questions if treatment in q.treatments and q.kind != Question.Kind.TEXT]


def usual_answer(item: Item) -> str:
    """“never”, “no”, or the first of several: what most examples start from."""
    codes = [option.code for option in item.options]
    return "never" if item.look is Look.DATE else "no" if "no" in codes else codes[0]


def rehearse(
    cases: Sequence[Case], rule_sets: Sequence[Sequence[Rule]], questions: Sequence[Question], now: datetime
) -> list[tuple[Outcome, ...]]:
    """For each case the outcome of each rule set, from the answers that still count. Three queries for any number of cases.

    Decrypts answers: only inside the `acting_as` of an operation, which says who learns what of the outcomes.
    """
    patients = {case.patient.pk for case in cases}
    read = _Read({rule.question for rules in rule_sets for rule in rules})
    known, besides = _answers_of(patients, read.questions), _Besides(_types_of(patients), _told_of(patients))
    return [_outcomes(case, rule_sets, questions, known.get(case.patient.pk, {}), besides, read, now) for case in cases]


class _Besides(NamedTuple):
    """What clinicians have confirmed and were told, by patient."""

    types: Mapping[UUID, str]
    told: Mapping[UUID, dict[str, Given]]


class _Read:
    """Answers to `questions`, each decrypted once."""

    def __init__(self, questions: Collection[str]) -> None:
        self.questions, self.known = questions, dict[UUID, Given]()

    def __call__(self, rows: Mapping[str, Answer]) -> dict[str, Given]:
        return {code: self._given(row) for code, row in rows.items()}

    def _given(self, row: Answer) -> Given:
        if row.pk not in self.known:
            self.known[row.pk] = given(row)
        return self.known[row.pk]


def _outcomes(
    case: Case,
    rule_sets: Sequence[Sequence[Rule]],
    questions: Sequence[Question],
    rows: Mapping[str, Answer],
    besides: _Besides,
    read: _Read,
    now: datetime,
) -> tuple[Outcome, ...]:
    asked = [q for q in questions if case.treatment in q.treatments]
    answers = read(counting(rows, {q.code: q.window for q in asked}, case.on, now, case.since))
    facts = Facts(case.patient.age_on(case.on), besides.types.get(case.patient.pk), case.jurisdiction)
    told = besides.told.get(case.patient.pk, {})
    return tuple(
        evaluate(due(rules, asked, case.on, now), answers, facts, case.treatment, case.on, case.in_front, told)
        for rules in rule_sets
    )


def _answers_of(patients: Collection[UUID], questions: Collection[str]) -> dict[UUID, dict[str, Answer]]:
    """{patient: {question: the newest answer}}, of some questions."""
    rows = Answer.objects.filter(patient__in=patients, question__in=questions).order_by("patient", "question", "-at", "-id")
    found: dict[UUID, dict[str, Answer]] = {}
    for row in rows.distinct("patient", "question"):
        found.setdefault(row.patient_id, {})[row.question] = row
    return found


def _types_of(patients: Collection[UUID]) -> dict[UUID, str]:
    """{patient: the newest skin type that a clinician confirmed}."""
    confirmed = Phototype.objects.filter(patient__in=patients, provenance=Phototype.Provenance.CLINICIAN_CONFIRMED)
    newest = confirmed.order_by("patient", "-at", "-id").distinct("patient")
    return {patient: Phototype.Type(kind).label for patient, kind in newest.values_list("patient", "type")}


def _told_of(patients: Collection[UUID]) -> dict[UUID, dict[str, Given]]:
    """{patient: what a clinician was told last about the sun}."""
    rows = SunExposure.objects.filter(patient__in=patients).order_by("patient", "-at", "-id").distinct("patient")
    return {row.patient_id: told_in(row.last, row.at) for row in rows}
