"""Sealing everything anew under the current key, store by store, while the site is running.

A store is whatever keeps sealed content: one encrypted column, the second factors, a folder of files. Each entry of the
setting `SEALED_STORES` is the dotted name of a function without arguments that yields stores; code that keeps sealed
content elsewhere than in an EncryptedTextField adds one of its own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction
from django.utils.module_loading import import_string
from psycopg2 import sql

from patients.encryption import EncryptedTextField, current_prefix, reseal

OWNER = "owner"  # tables that only grow let only their owner through, and only for this

COUNT = """
select convert_from(substring({column} for position('.'::bytea in {column}) - 1), 'utf-8'), count(*)
from {table} where {column} is not null group by 1
"""
# Rows that somebody is writing are left for the next round: nobody is waited for, so nobody meets in a deadlock.
TAKE = """
select {key}, {row}, {column} from {table}
where {column} is not null and substring({column} for %(length)s) <> %(current)s and {key} > %(after)s
order by {key} limit %(size)s for no key update skip locked
"""
KEEP = "update {table} set {column} = %s where {key} = %s and {column} = %s"


class Store(Protocol):
    """`name` is what the operator reads, such as "patients_answer.value"."""

    name: str

    def count(self) -> Counter[str]:
        """How many sealed values each key has, by key id."""

    def reseal(self, size: int) -> Iterator[int]:
        """One round through what is under other keys, `size` at a time, each time committed; yields how many were done.

        May leave out what is being written at that moment. Raises SealBroken for what does not open.
        """


def stores() -> list[Store]:
    """All that the setting names, in its order."""
    return [store for name in settings.SEALED_STORES for store in import_string(name)()]


def columns() -> Iterator["Column"]:
    """Every EncryptedTextField of every model."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield Column(model, field)


@dataclass(frozen=True)
class Column:
    model: type[models.Model]
    field: EncryptedTextField

    @property
    def name(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def count(self) -> Counter[str]:
        with connections[OWNER].cursor() as cursor:
            cursor.execute(self._sql(COUNT))
            return Counter(dict(cursor.fetchall()))

    def reseal(self, size: int) -> Iterator[int]:
        after: Any = None
        while True:
            with transaction.atomic(using=OWNER):
                rows = self._take(after, size)
                for key, row, stored in rows:
                    self._keep(key, bytes(stored), reseal(stored, self.field.place_for(row)))
            if not rows:
                return
            after = rows[-1][0]
            yield len(rows)

    def _take(self, after: Any, size: int) -> list[tuple[Any, Any, Any]]:
        """The next rows in the order of their keys, locked."""
        current = current_prefix()
        query = TAKE if after is not None else TAKE.replace("and {key} > %(after)s", "")
        with connections[OWNER].cursor() as cursor:
            cursor.execute("select set_config('clinic.reencrypting', %s, true)", [self.field.column])
            cursor.execute(self._sql(query), {"length": len(current), "current": current, "after": after, "size": size})
            return list(cursor.fetchall())

    def _keep(self, key: Any, was: bytes, becomes: bytes) -> None:
        with connections[OWNER].cursor() as cursor:
            cursor.execute(self._sql(KEEP), [becomes, key, was])

    def _sql(self, text: str) -> sql.Composed:
        meta = self.model._meta
        names = {"table": meta.db_table, "column": self.field.column, "key": meta.pk.column, "row": self.field.row}
        return sql.SQL(text).format(**{name: sql.Identifier(value) for name, value in names.items()})
