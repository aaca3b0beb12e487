"""The rules in force and their draft side by side, on an example and on the visits that are booked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinic.scheduling.models import Location
from patients.items import Item
from patients.policies.screening import Facts, Given, Outcome, evaluate
from patients.queries.rehearsal import asked_for_example
from treatments.models import Question, QuestionnaireVersion, RulesVersion
from treatments.queries import clinical_versions, treatments_with_names


class Page(NamedTuple):
    title: str
    items: list[Item]


@dataclass(frozen=True)
class Trial:
    """What can be tried for one treatment. `pages`: its questions in the draft, and those that are only in force."""

    treatment: str
    live: RulesVersion | None
    draft: RulesVersion | None
    pages: list[Page]
    jurisdictions: list[str]
    in_front: list[tuple[str, str]]

    def outcomes(
        self, answers: Mapping[str, Given], facts: Facts, on: date, in_front: Collection[str]
    ) -> list[tuple[str, Outcome]]:
        """What the version in force says, and what the draft says, each with its title."""
        versions = [(_("In force"), self.live), (_("The draft"), self.draft)]
        return [
            (title, evaluate(version.rules.all(), answers, facts, self.treatment, on, in_front))
            for title, version in versions
            if version
        ]


def treatments_to_try() -> list[tuple[str, str]]:
    return [(t.code, getattr(t, "name", "") or t.code) for t in treatments_with_names()]


def trial(treatment: str, now: datetime) -> Trial:
    """Everything about one treatment, a fixed number of queries."""
    live, draft = clinical_versions(RulesVersion, now)
    answering = {rule.satisfied_by for version in (live, draft) if version for rule in version.rules.all()}
    places = Location.objects.filter(active=True).order_by("jurisdiction").values_list("jurisdiction", flat=True)
    return Trial(
        treatment=treatment,
        live=live,
        draft=draft,
        pages=_pages(treatment, now),
        jurisdictions=list(dict.fromkeys(places)),
        in_front=[(code, name) for code, name in treatments_to_try() if code in answering],
    )


def _pages(treatment: str, now: datetime) -> list[Page]:
    versions = [version for version in reversed(clinical_versions(QuestionnaireVersion, now)) if version]
    titles = {page["code"]: page["title"] for version in reversed(versions) for page in version.pages}
    questions: dict[str, Question] = {}
    for version in versions:
        questions = {q.code: q for q in version.questions.all()} | questions  # what the draft says goes first
    pages = [Page(title, asked_for_example(_on(questions, code), treatment)) for code, title in titles.items()]
    return [page for page in pages if page.items]


def _on(questions: Mapping[str, Question], page: str) -> list[Question]:
    return [question for question in questions.values() if question.page == page]
