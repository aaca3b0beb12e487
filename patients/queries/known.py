"""All that a screening looks at, read at once: the questions and rules in force, and what is known of the patient."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from patients.models import Answer, Patient, Phototype
from treatments import sql
from treatments.models import QuestionnaireVersion, RulesVersion
from treatments.queries import published

KNOWN = sql.Prepared((Path(__file__).parent / "known.sql").read_text(), patient="uuid", now="timestamptz")
COLUMNS = ("id", "at", "version_id", "question", "value")


class Known(NamedTuple):
    """`phototype`: "I".."VI", confirmed by a clinician, never the patient's own. `answers`: {code: the newest answer}."""

    questionnaire: QuestionnaireVersion | None
    rules: RulesVersion | None
    phototype: str | None
    answers: Mapping[str, Answer]


def known_of(patient: Patient, now: datetime) -> Known:
    """One query; nothing is decrypted before its value is read."""
    found = KNOWN.rows({"patient": patient.pk, "now": now})
    questionnaire, rules, phototype = found[0][:3]
    answers = (Answer.from_db("default", COLUMNS, row[3:]) for row in found if row[3])
    return Known(
        published(QuestionnaireVersion, questionnaire) if questionnaire else None,
        published(RulesVersion, rules) if rules else None,
        Phototype.Type(phototype).label if phototype else None,
        {answer.question: answer for answer in answers},
    )
