"""Not even the owner of the tables empties them once something is published."""

import pytest
from django.db import IntegrityError, connections

from tests import build

TABLES = ["treatmentversion", "concernversion", "step", "sideeffect", "reference", "concerntreatment", "concernreference"]


def test_the_owner_of_the_tables_may_not_truncate_them(cloned: str) -> None:
    build.knowledge()
    for table in TABLES:
        with pytest.raises(IntegrityError) as refusal, connections["owner"].cursor() as cursor:
            cursor.execute(f"truncate treatments_{table} cascade")
        assert refusal.value.__cause__.diag.constraint_name == "published_never_changes"
