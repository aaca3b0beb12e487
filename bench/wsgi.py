"""The site as production serves it, with each answer telling how many queries it took, session and user apart."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from clinic.wsgi import application as site

APART = ('FROM "django_session"', 'FROM "accounts_user"')


class Count:
    """Queries of one request. Those that say who asks are counted apart; saving the session is not."""

    def __init__(self) -> None:
        self.queries = self.apart = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if any(table in sql for table in APART):
            self.apart += 1
        else:
            self.queries += 1
        return execute(sql, params, many, context)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    count = Count()

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        told = [("X-Queries", str(count.queries)), ("X-Queries-Apart", str(count.apart))]
        return start_response(status, [*headers, *told], *more)

    with connection.execute_wrapper(count):
        return site(environ, start)
