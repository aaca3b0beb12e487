"""A whole new demo database, put in place only when it is complete: a killed build leaves nothing half done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from clinic.demo.build import build

ALIASES = ("default", "owner")


def start_over(today: date) -> None:
    """Replace the database, whatever it holds, by a migrated one with the demo clinic of `today`."""
    name = connections["owner"].settings_dict["NAME"]
    building = f"{name}_building"
    as_owner("drop database if exists {} with (force)", building)
    as_owner("create database {}", building)
    with pointed_at(building):
        call_command("migrate", verbosity=0)
        build(today)
    as_owner("drop database if exists {} with (force)", name)
    as_owner("alter database {} rename to {}", building, name)


def is_unused() -> bool:
    """Whether nobody has put anything into the database yet, not even its tables."""
    with connections["owner"].cursor() as cursor:
        return not connections["owner"].introspection.table_names(cursor)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Both aliases at another database of the same server."""
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    try:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name
        yield
    finally:
        for alias in ALIASES:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = before[alias]


def as_owner(statement: str, *names: str) -> None:
    """A statement about whole databases, outside of any transaction."""
    connections.close_all()
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
