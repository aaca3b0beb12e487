"""Two editors who press "save" at the same moment: one draft, one winner, nothing overwritten."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connections

from tests import build
from treatments import operations
from treatments.acting import Actor
from treatments.models import Rule, RulesVersion, TreatmentVersion
from treatments.versions import content_hash, row_hash

pytestmark = pytest.mark.race


def at_once(*works: Callable[[], object]) -> None:
    """All of them in threads of their own that start together."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_editors_at_the_same_moment_one_wins(cloned: str) -> None:
    build.knowledge()
    live = TreatmentVersion.objects.get(treatment__code="microneedling")
    seen, ends = content_hash(live), list[str]()

    def save(words: str) -> None:
        try:
            actor = Actor(task=words)
            operations.save_draft(actor=actor, of=live, seen=seen, values={"cost": words}, children={}, now=build.NOW)
            ends.append(words)
        except operations.DraftChanged:
            ends.append("refused")

    at_once(*(partial(save, f"editor {number}") for number in range(6)))
    assert len(ends) == 6
    assert ends.count("refused") == 5
    assert TreatmentVersion.objects.get(treatment=live.treatment, published_at=None).cost in ends


def test_editors_of_different_rules_at_the_same_moment_all_win_in_one_draft(cloned: str) -> None:
    build.knowledge()
    live = RulesVersion.objects.get()
    rules = list(live.rules.all()[:6])

    def save(rule: Rule) -> None:
        asked = {"of": live, "child": "rules", "code": rule.code, "seen": row_hash(rule), "after": None, "now": build.NOW}
        operations.save_row(actor=Actor(task=rule.code), values={"staff_text": "Said anew."}, **asked)

    at_once(*(partial(save, rule) for rule in rules))
    draft = RulesVersion.objects.get(published_at=None)
    said = draft.rules.filter(staff_text="Said anew.").values_list("code", flat=True)
    assert set(said) == {rule.code for rule in rules}
    assert draft.rules.count() == live.rules.count()


def test_of_editors_of_one_rule_at_the_same_moment_one_wins(cloned: str) -> None:
    build.knowledge()
    live = RulesVersion.objects.get()
    rule, ends = live.rules.all()[0], list[str]()

    def save(words: str) -> None:
        asked = {"of": live, "child": "rules", "code": rule.code, "seen": row_hash(rule), "after": "", "now": build.NOW}
        try:
            operations.save_row(actor=Actor(task=words), values={"staff_text": words}, **asked)
            ends.append(words)
        except operations.DraftChanged:
            ends.append("refused")

    at_once(*(partial(save, f"editor {number}") for number in range(6)))
    assert (len(ends), ends.count("refused")) == (6, 5)
    assert RulesVersion.objects.get(published_at=None).rules.get(code=rule.code).staff_text in ends
