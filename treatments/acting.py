"""Every change is somebody's: `acting_as` opens the one transaction of an operation and says whose it is.

It stands in the lowest app because the operations of all three use it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from clinic.accounts.models import User


@dataclass(frozen=True)
class Actor:
    """A user, a holder (the hash of a browser's token), or a named task of the system; exactly one of them.

    `name` is unique among all actors, and is what idempotency keys are kept under.
    """

    user: "User | None" = None
    holder: str = ""
    task: str = ""

    def __post_init__(self) -> None:
        if [bool(self.user), bool(self.holder), bool(self.task)].count(True) != 1:
            raise ValueError("an actor is a user, a holder or a task")

    @property
    def name(self) -> str:
        if self.user:
            return f"user:{self.user.pk}"
        return f"holder:{self.holder}" if self.holder else f"task:{self.task}"

    def may(self, permission: str) -> bool:
        """Tasks may do what they are written to do; holders may only hold."""
        return bool(self.task) or (self.user is not None and self.user.has_perm(permission))


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """One durable transaction, known to the database as `actor` until it ends. Never nests (RuntimeError)."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set constraints all deferred; select set_config('clinic.actor', %s, true)", [actor.name])
        yield actor
