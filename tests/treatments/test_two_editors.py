"""Two editors who press "save" at the same moment: one draft, one winner, nothing overwritten."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from tests import build
from treatments import operations
from treatments.acting import Actor
from treatments.models import TreatmentVersion
from treatments.versions import content_hash

pytestmark = pytest.mark.race


def test_of_editors_at_the_same_moment_one_wins(cloned: str) -> None:
    build.knowledge()
    live = TreatmentVersion.objects.get(treatment__code="microneedling")
    seen, start, ends = content_hash(live), Barrier(6), []

    def save(words: str) -> None:
        start.wait()
        try:
            actor = Actor(task=words)
            operations.save_draft(actor=actor, of=live, seen=seen, values={"cost": words}, children={}, now=build.NOW)
            ends.append(words)
        except operations.DraftChanged:
            ends.append("refused")
        finally:
            connections.close_all()

    threads = [Thread(target=save, args=[f"editor {number}"]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 6
    assert ends.count("refused") == 5
    assert TreatmentVersion.objects.get(treatment=live.treatment, published_at=None).cost in ends
