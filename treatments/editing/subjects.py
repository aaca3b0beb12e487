"""Clinical content, one entry a kind: how it is read, and how it is edited, whole or row by row.

One more kind of content is one more entry here, with a form and a template that shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from treatments.editing.clinical_forms import PagesForm
from treatments.editing.kinds import Kind
from treatments.editing.matrix_forms import Intervals, MatrixForm, Prerequisites
from treatments.editing.question_forms import QuestionForm
from treatments.editing.row_forms import RowPageForm
from treatments.editing.rule_forms import RuleForm
from treatments.models import IntervalsVersion, Question, QuestionnaireVersion, Rule, RulesVersion, ScarWeightsVersion
from treatments.versions import Version

Groups = list[tuple[str, list[Any]]]


@dataclass(frozen=True)
class RowKind:
    """The rows of a draft, each edited on a page of its own. `groups`: the rows of a version as its index shows them."""

    child: str
    one: str | Promise
    add: str | Promise
    model: type[Question] | type[Rule]
    form: type[RowPageForm]
    groups: Callable[[Any], Groups]


@dataclass(frozen=True)
class Subject:
    """`sheet`: what is edited as one form; with `rows`, only what stands beside them."""

    code: str  # as in addresses
    title: str | Promise
    model: type[Version]
    shown_by: str  # the template of its content
    sheet: Kind | None = None
    rows: RowKind | None = None
    tried_at: str = ""  # the name of the address where a draft is tried out

    @property
    def is_edited(self) -> bool:
        """Whether there are pages that change it; what comes with a release is only read and approved."""
        return self.sheet is not None or self.rows is not None


def _by_page(version: QuestionnaireVersion) -> Groups:
    rows = list(version.questions.all())
    return [(page["title"], [row for row in rows if row.page == page["code"]]) for page in version.pages]


def _by_tier(version: RulesVersion) -> Groups:
    """The worst first, as they count."""
    order = list(Rule.Tier)
    rows = sorted(version.rules.all(), key=lambda rule: (order.index(Rule.Tier(rule.tier)), rule.position))
    return [
        (str(Rule.Tier(tier).label).capitalize(), list(same)) for tier, same in groupby(rows, key=lambda rule: rule.tier)
    ]


SUBJECTS = {
    subject.code: subject
    for subject in (
        Subject(
            "questions",
            _("Questions"),
            QuestionnaireVersion,
            "editing/shown/questions.html",
            Kind("questions", _("Pages"), QuestionnaireVersion, PagesForm, {}),
            RowKind("questions", _("question"), _("Add a question"), Question, QuestionForm, _by_page),
        ),
        Subject(
            "rules",
            _("Rules"),
            RulesVersion,
            "editing/shown/rules.html",
            rows=RowKind("rules", _("rule"), _("Add a rule"), Rule, RuleForm, _by_tier),
            tried_at="workspace:try_rules",
        ),
        Subject(
            "intervals",
            _("Healing intervals"),
            IntervalsVersion,
            "editing/shown/intervals.html",
            Kind(
                "intervals",
                _("Healing intervals"),
                IntervalsVersion,
                MatrixForm,
                {"intervals": Intervals, "prerequisites": Prerequisites},
            ),
        ),
        Subject("scar-weights", _("Scar weights"), ScarWeightsVersion, "editing/shown/scar_weights.html"),
    )
}
