"""What every test may use: real Postgres as the application's role, and whole databases for tests that commit."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import ProgrammingError, connection, connections
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker) -> Iterator[None]:
    """One migrated database a worker. The owner makes it; the tests run as the application."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    with django_db_blocker.unblock():
        _drop_what_killed_runs_left()
        for alias in ("owner", "default"):
            connections[alias].settings_dict["TEST"]["NAME"] = f"test_clinic_{worker}_{os.getpid()}"
        made = setup_databases(verbosity=0, interactive=False, aliases=["default", "owner"], serialized_aliases=[])
        with connection.cursor() as cursor:
            cursor.execute("select current_database(), current_user")
            name, user = cursor.fetchone()
        assert name.startswith("test_"), name
        assert user == connections["default"].settings_dict["USER"], user
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept meanwhile."""
    site.MEDIA_DIR = tmp_path_factory.mktemp("pictures")
    return site.MEDIA_DIR


@pytest.fixture(scope="session")
def template(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """The name of a migrated, empty database that nobody connects to."""
    name = f"{connections['owner'].settings_dict['NAME']}_template"
    with django_db_blocker.unblock():
        connections.close_all()
        source = connections["owner"].settings_dict["NAME"]
        _as_owner(f'drop database if exists "{name}" with (force)', f'create database "{name}" template "{source}"')
    yield name
    with django_db_blocker.unblock():
        _as_owner(f'drop database if exists "{name}" with (force)')


@pytest.fixture
def cloned(template: str, django_db_blocker) -> Iterator[str]:
    """A database of its own for a test that really commits: both aliases point at it, and it is dropped afterwards."""
    name, before = f"{template}_{uuid4().hex[:8]}", connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock():
        _as_owner(f'create database "{name}" template "{template}"')
        _point_at(name)
        cache.clear()
        try:
            yield name
        finally:
            _point_at(before)
            _drop(name)


def _drop(name: str) -> None:
    """A vacuum of the server's own may be at work there, which the owner may not end: it ends by itself."""
    for tries_left in reversed(range(20)):
        try:
            return _as_owner(f'drop database "{name}" with (force)')
        except ProgrammingError:
            if not tries_left:
                raise
            time.sleep(0.1)
    return None


def _drop_what_killed_runs_left() -> None:
    """Databases are named for the process that made them, so that two runs at once do not meet."""
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute("select datname from pg_database where datname ~ '^test_clinic_'")
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        maker = re.match(r"test_clinic_[a-z0-9]+_(\d+)", name)
        if maker and not _is_running(int(maker[1])):
            _as_owner(f'drop database if exists "{name}" with (force)')


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _point_at(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _as_owner(*statements: str) -> None:
    with connections["owner"]._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
