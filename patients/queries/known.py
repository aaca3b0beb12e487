"""All that a screening looks at, read at once: the questions and rules in force, and what is known of the patient."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from patients.items import NEVER
from patients.models import Answer, Patient, Phototype
from patients.policies.screening import Given
from treatments import sql
from treatments.models import QuestionnaireVersion, RulesVersion
from treatments.queries import published

KNOWN = sql.Prepared((Path(__file__).parent / "known.sql").read_text(), patient="uuid", now="timestamptz")
SUN = "sun_recent"  # the question about the last sun
OWN = 5  # columns that stand before those of an answer
COLUMNS = ("id", "at", "version_id", "question", "value")


class Known(NamedTuple):
    """`phototype`: "I".."VI", confirmed by a clinician, never the patient's own. `answers`: {code: the newest answer}.

    `told`: what a clinician was told last about the same things; it stands beside the answers.
    """

    questionnaire: QuestionnaireVersion | None
    rules: RulesVersion | None
    phototype: str | None
    answers: Mapping[str, Answer]
    told: Mapping[str, Given]


def known_of(patient: Patient, now: datetime) -> Known:
    """One query; nothing is decrypted before its value is read."""
    found = KNOWN.rows({"patient": patient.pk, "now": now})
    questionnaire, rules, phototype, last_sun, told_at = found[0][:OWN]
    answers = (Answer.from_db("default", COLUMNS, row[OWN:]) for row in found if row[OWN])
    return Known(
        published(QuestionnaireVersion, questionnaire) if questionnaire else None,
        published(RulesVersion, rules) if rules else None,
        Phototype.Type(phototype).label if phototype else None,
        {answer.question: answer for answer in answers},
        told_in(last_sun, told_at) if told_at else {},
    )


def told_in(last: date | None, at: datetime) -> dict[str, Given]:
    """What a clinician was told of the last sun (None: never), as an answer to the question about it."""
    return {SUN: Given(last.isoformat() if last else NEVER, timezone.localdate(at))}
