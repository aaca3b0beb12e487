"""One filled world a worker; each race gets a copy of it."""

from collections.abc import Iterator
from copy import copy

import pytest
from django.db import connections

from tests.build import Clinic, filled
from tests.races.harness import everybody_left

_made: dict[str, Clinic] = {}


@pytest.fixture(scope="session")
def template(template: str, django_db_blocker) -> Iterator[str]:
    """Instead of the empty database: a clinic with three of everything."""
    with django_db_blocker.unblock(), filled(template, practitioners=3, rooms=3, pens=3) as (name, clinic):
        _made[name] = clinic
        yield name


@pytest.fixture
def clinic(template: str, cloned: str) -> Iterator[Clinic]:
    yield copy(_made[template])
    connections.close_all()
    everybody_left(cloned)
