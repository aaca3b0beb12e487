"""What a patient's answers mean for one booking. Pure: the same rules, answers, facts and day give the same outcome.

Administrative, never a diagnosis: the outcome says what happens to the booking, and patients see sentences, not tiers.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treatments.models import Rule

SEVERITY = ("", Rule.Tier.INFO, Rule.Tier.PREP, Rule.Tier.FLAG, Rule.Tier.BLOCK_UNTIL, Rule.Tier.BLOCK)
UNKNOWN = frozenset({"", "unsure", "prefer_not"})


@dataclass(frozen=True)
class Given:
    """An answer, and the local day on which it was given ("now" counts as that day)."""

    value: str
    on: date


@dataclass(frozen=True)
class Facts:
    """What is known without asking. `confirmed_phototype` is "I".."VI", or None when no clinician has confirmed one."""

    age: int
    confirmed_phototype: str | None
    jurisdiction: str


@dataclass(frozen=True)
class Fired:
    """A rule that holds. `tier` is as applied: an unknown answer softens a block to a flag. `earliest` is its own date.

    `question` and `answer` are "" where the rule looks at a fact, and `answer` where nothing was answered.
    """

    rule: Rule
    tier: str
    question: str = ""
    answer: str = ""
    earliest: date | None = None

    @property
    def is_softened(self) -> bool:
        """Whether the answer is unknown, so that the rule's own sentence would say too much."""
        return self.tier != self.rule.tier

    @property
    def patient_text(self) -> str:
        """The sentence for the patient, with the date filled in."""
        if self.is_softened:
            return _("A clinician will look at your answers before we confirm.")
        day = date_format(self.earliest, "j F Y") if self.earliest else ""
        return self.rule.patient_text.replace("{date}", day)


@dataclass(frozen=True)
class Outcome:
    """What one booking comes to: the worst tier, the first possible day, and why, worst first.

    `consultation_instead`: whether a consultation may be offered in its place (False when a block says it may not).
    """

    tier: str = ""
    earliest: date | None = None
    fired: tuple[Fired, ...] = ()
    consultation_instead: bool = True


def evaluate(
    rules: Iterable[Rule],
    answers: Mapping[str, Given],
    facts: Facts,
    treatment: str,
    on: date,
    in_front: Collection[str] = (),
    told: Mapping[str, Given] | None = None,
) -> Outcome:
    """The outcome of `rules` for a visit for `treatment` (its code) on the local day `on`.

    `in_front`: codes of the treatments for which the patient comes before; a rule that one of them answers
    (`satisfied_by`) no longer closes the booking, a clinician looks at it then.
    `told`: what a clinician was told about the same questions; it stands beside the answer, and the worse counts.
    A question that is not in `answers` counts as unknown, so leave out rules whose question was not due.
    Raises ValueError for a predicate or a unit outside the closed list of `Rule`.
    """
    concerned = (rule for rule in rules if treatment in rule.treatments and _is_law_in(rule, facts.jurisdiction))
    both = (_worse(rule, answers, told or {}, facts, treatment, on) for rule in concerned)
    found = (_softened(fired, in_front) for fired in both)
    fired = sorted((f for f in found if f), key=lambda f: (-SEVERITY.index(f.tier), f.rule.position, f.rule.code))
    blocks = [f.rule for f in fired if f.tier == Rule.Tier.BLOCK]
    return Outcome(
        tier=fired[0].tier if fired else "",
        earliest=max((f.earliest for f in fired if f.earliest), default=None),
        fired=tuple(fired),
        consultation_instead=all(rule.consultation_instead for rule in blocks),
    )


def after(day: date, wait: Mapping[str, Any]) -> date:
    """`day` plus a wait ({"value", "unit"}); months are calendar months, cut to the last day of the month."""
    match wait:
        case {"value": int(value), "unit": "day" | "week" as unit}:
            return day + timedelta(days=value * (7 if unit == "week" else 1))
        case {"value": int(value), "unit": "month"}:
            year, month = divmod(day.year * 12 + day.month - 1 + value, 12)
            return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    raise ValueError(f"unknown wait: {wait!r}")


def _is_law_in(rule: Rule, jurisdiction: str) -> bool:
    """["US"] means the country and all its parts ("US-CA"); an empty list means everywhere."""
    return not rule.jurisdiction or any(f"{jurisdiction}-".startswith(f"{place}-") for place in rule.jurisdiction)


def _worse(
    rule: Rule, answers: Mapping[str, Given], told: Mapping[str, Given], facts: Facts, treatment: str, on: date
) -> Fired | None:
    """What the answer fires or what a clinician was told does, whichever is worse or lasts longer."""
    sides = [answers, told] if rule.question in told else [answers]
    found = [fired for side in sides if (fired := _fired(rule, side, facts, treatment, on))]
    return max(found, key=lambda f: (SEVERITY.index(f.tier), f.earliest or date.min), default=None)


def _fired(rule: Rule, answers: Mapping[str, Given], facts: Facts, treatment: str, on: date) -> Fired | None:
    match rule.when:
        case {"answer": str(question), "in": list(codes), **rest} if not rest:
            return _by_answer(rule, question, answers.get(question), codes)
        case {"date": str(question), "wait": dict(wait), **rest} if rest.keys() <= {"overrides"}:
            own_wait = rule.when.get("overrides", {}).get(treatment, wait)
            return _by_date(rule, question, answers.get(question), own_wait, on)
        case {"fact": "age", "between": [int(youngest), int(oldest)], **rest} if not rest:
            return Fired(rule, rule.tier) if youngest <= facts.age <= oldest else None
        case {"fact": "confirmed_phototype", "in": list(types), **rest} if not rest:
            return Fired(rule, rule.tier) if (facts.confirmed_phototype or "unconfirmed") in types else None
    raise ValueError(f"rule {rule.code}: unknown predicate {rule.when!r}")


def _softened(fired: Fired | None, in_front: Collection[str]) -> Fired | None:
    closes = fired is not None and fired.tier in (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)
    if fired is None or not closes or fired.rule.satisfied_by not in in_front:
        return fired
    return replace(fired, tier=Rule.Tier.FLAG, earliest=None)


def _by_answer(rule: Rule, question: str, given: Given | None, codes: list[str]) -> Fired | None:
    value = given.value if given else ""
    if value in codes:
        return Fired(rule, rule.tier, question, value)
    return _unknown(rule, question, value) if value in UNKNOWN else None


def _by_date(rule: Rule, question: str, given: Given | None, wait: Mapping[str, Any], on: date) -> Fired | None:
    if given is None or given.value == "never":
        return _unknown(rule, question, "") if given is None else None
    day = _day(given)
    if day is None:
        return _unknown(rule, question, given.value)
    earliest = after(day, wait)
    if earliest <= on:
        return None
    return Fired(rule, rule.tier, question, given.value, earliest if rule.tier == Rule.Tier.BLOCK_UNTIL else None)


def _day(given: Given) -> date | None:
    """The day that was answered; None when it is not known, or when an older version asked in another way."""
    if given.value == "now":
        return given.on
    try:
        return date.fromisoformat(given.value)
    except ValueError:
        return None


def _unknown(rule: Rule, question: str, value: str) -> Fired | None:
    """Not knowing is never milder than no: where an answer could close the booking, a clinician looks first."""
    if rule.tier not in (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL):
        return None
    return Fired(rule, Rule.Tier.FLAG, question, value)
