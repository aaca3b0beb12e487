"""Notes of closures, once in clear: the migration seals what stands there, and can give it back."""

import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from clinic.scheduling.models import Closure
from tests import build
from tests.scheduling.test_constraints import span

BEFORE, AFTER = "0002_guards", "0003_closure_notes_sealed"


def migrate(name: str) -> None:
    executor = MigrationExecutor(connections["owner"])
    executor.migrate([("scheduling", name)])


def stored() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("select reason from scheduling_closure order by id")
        return [bytes(reason) for (reason,) in cursor.fetchall()]


@pytest.mark.django_db
def test_a_note_is_stored_sealed_and_reads_as_it_was_written() -> None:
    made = Closure.objects.create(location=build.location(), during=span(build.NOW), reason="painters")
    assert b"painters" not in stored()[0]
    assert Closure.objects.get(pk=made.pk).reason == "painters"


def test_notes_that_stood_in_clear_are_carried_over_and_back(cloned: str) -> None:
    place = build.location()
    for note in ("painters", ""):
        Closure.objects.create(location=place, during=span(build.NOW), reason=note)
    migrate(BEFORE)
    with connections["owner"].cursor() as cursor:
        cursor.execute("select reason from scheduling_closure order by id")
        assert cursor.fetchall() == [("painters",), ("",)]
    migrate(AFTER)
    assert all(reason.startswith(b"k1.") for reason in stored())
    assert [row.reason for row in Closure.objects.order_by("pk")] == ["painters", ""]
