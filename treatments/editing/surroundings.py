"""What the forms of questions and rules need to know beside their own row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils.functional import cached_property

from treatments import queries
from treatments.models import Question, QuestionnaireVersion, Rule, RulesVersion
from treatments.versions import Version

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Surroundings:
    """`rows`: those among which the edited one stands. Questions and rules are the draft's, else those in force."""

    rows: Sequence[Any]
    questionnaire: QuestionnaireVersion | None
    known: Mapping[str, Question]  # of the draft, and those that are only in force
    rules: Sequence[Rule]

    @classmethod
    def of(cls, version: Version, child: str, now: datetime) -> Self:
        """Around the rows of `version`. Some ten queries, however many rows there are."""
        asked = [found for found in reversed(queries.clinical_versions(QuestionnaireVersion, now)) if found]
        ruled = [found for found in reversed(queries.clinical_versions(RulesVersion, now)) if found]
        return cls(
            rows=list(getattr(version, child).all()),
            questionnaire=asked[0] if asked else None,
            known={question.code: question for found in reversed(asked) for question in found.questions.all()},
            rules=list(ruled[0].rules.all()) if ruled else [],
        )

    @cached_property
    def treatments(self) -> Choices:
        return [(t.code, getattr(t, "name", "") or t.code) for t in queries.treatments_with_names()]

    @property
    def pages(self) -> Choices:
        return [(page["code"], page["title"]) for page in self.questionnaire.pages] if self.questionnaire else []

    def readers(self, question: str) -> list[Rule]:
        """The rules that read a question."""
        return [rule for rule in self.rules if rule.question == question]
