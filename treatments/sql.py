"""Plain SQL where a page or a lock waits for it: Django takes longer to put a query together than Postgres to answer."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Model

Parameters = Mapping[str, Any] | Sequence[Any]
Row = tuple[Any, ...]
AnyModel = TypeVar("AnyModel", bound=Model)
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # what each connection has prepared


def run(sql: str, parameters: Parameters = ()) -> None:
    """A statement without an answer."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def rows(sql: str, parameters: Parameters = ()) -> list[Row]:
    """All rows of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Row] = cursor.fetchall()
    return found


def row(sql: str, parameters: Parameters = ()) -> Row | None:
    """The first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: Row | None = cursor.fetchone()
    return found


def columns(alias: str, model: type[Model]) -> str:
    """ "a.id, a.name, …": what `instance` reads."""
    return ", ".join(f"{alias}.{name}" for name in _columns(model))


def instance(model: type[AnyModel], values: Iterator[Any]) -> AnyModel:
    """The next row of `model` among the values of a joined one."""
    names = _columns(model)
    return model.from_db("default", names, list(islice(values, len(names))))


def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


class Prepared:
    """A query that Postgres plans once for each connection. `types`: {name of a parameter: its type}, all of them.

    Worth it where planning takes longer than the answer: a search for free times is planned in 1.1 ms and done in 0.5.
    """

    def __init__(self, query: str, **types: str) -> None:
        self.name = f"clinic_{sha256(query.encode()).hexdigest()[:16]}"
        numbered = query % {parameter: f"${number}" for number, parameter in enumerate(types, 1)}
        self.definition = f"prepare {self.name} ({', '.join(types.values())}) as {numbered}"
        self.call = f"execute {self.name} ({', '.join(f'%({parameter})s' for parameter in types)})"

    def rows(self, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows of the answer."""
        self._prepare()
        return rows(self.call, parameters)

    def _prepare(self) -> None:
        """A connection keeps it for as long as it lives, also when the transaction in which it was prepared fails."""
        connection.ensure_connection()
        known = _known.setdefault(connection.connection, set())
        if self.name not in known:
            with connection.wrap_database_errors, connection.connection.cursor() as cursor:
                cursor.execute(self.definition)
            known.add(self.name)
