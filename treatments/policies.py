"""Whether rules and questions fit together, and whether a sentence may be said to a patient. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from treatments.models import Question, Rule

NEVER_SAID = ("unsuitable", "safe", "safely", "you have", "we recommend")
_FORBIDDEN = re.compile(r"\b(" + "|".join(words.replace(" ", r"\s+") for words in NEVER_SAID) + r")\b", re.IGNORECASE)


def forbidden_in(text: str) -> str:
    """The first words of `text` that sound like a diagnosis or a verdict; "" when it is administrative throughout."""
    found = _FORBIDDEN.search(text)
    return found[0] if found else ""


def answers_of(question: Question) -> dict[str, str]:
    """{code: words} of the answers that a rule may look for. A day and a free text are no codes."""
    known = {
        Question.Kind.YES_NO_UNSURE: {"yes": _("Yes"), "no": _("No"), "unsure": _("I'm not sure")},
        Question.Kind.CHOICE: {option["code"]: option["label"] for option in question.options},
        Question.Kind.DATE_OR_NEVER: {"never": _("Never"), "unsure": _("I'm not sure")},
    }
    answers = dict(known.get(Question.Kind(question.kind), {}))
    answers |= {"now": _("Now")} if question.allow_now else {}
    return answers | ({"prefer_not": _("I'd rather not say")} if question.optional else {})


class Misfit(NamedTuple):
    """`where` the rule goes wrong: "question", "codes" or "treatments"."""

    where: str
    words: str


def misfit(rule: Rule, question: Question | None) -> Misfit | None:
    """Why `rule` cannot be read from the question that it asks for; None when it can."""
    said = {"rule": rule.code, "question": rule.question}
    if not rule.question:
        return None
    if question is None:
        return Misfit("question", _("The rule “%(rule)s” reads the question “%(question)s”, which is not there.") % said)
    if "date" in rule.when and question.kind != Question.Kind.DATE_OR_NEVER:
        words = _("The rule “%(rule)s” counts from a day, and “%(question)s” does not ask for one.")
        return Misfit("question", words % said)
    if lost := [code for code in rule.when.get("in", ()) if code not in answers_of(question)]:
        words = _("The rule “%(rule)s” looks for an answer that “%(question)s” does not have: %(codes)s.")
        return Misfit("codes", words % {**said, "codes": ", ".join(lost)})
    if early := [code for code in rule.treatments if code not in question.treatments]:
        words = _("The rule “%(rule)s” needs “%(question)s” asked before these treatments too: %(codes)s.")
        return Misfit("treatments", words % {**said, "codes": ", ".join(early)})
    return None


def misfits(rules: Iterable[Rule], questions: Mapping[str, Question]) -> list[str]:
    """What does not fit between `rules` and `questions` ({code: question}), a sentence each."""
    found = (misfit(rule, questions.get(rule.question)) for rule in rules)
    return [each.words for each in found if each]
