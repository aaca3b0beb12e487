"""What the application's database role may do: read and write rows, and only add to tables that only grow."""

from django.conf import settings
from django.db import connections
from psycopg2 import sql

ONLY_GROWS = "select tgrelid::regclass::text from pg_trigger where tgname = 'only_grows'"


def grant() -> None:
    """Grant by what stands in the database: a table with the `only_grows` trigger gets no UPDATE and no DELETE."""
    if settings.ONE_DATABASE_ROLE:
        return
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql.SQL("grant usage on schema public to {}").format(role))
        cursor.execute(sql.SQL("grant select, insert, update, delete on all tables in schema public to {}").format(role))
        cursor.execute(sql.SQL("grant usage on all sequences in schema public to {}").format(role))
        cursor.execute(ONLY_GROWS)
        for (table,) in cursor.fetchall():
            revoke = sql.SQL("revoke update, delete on {} from {}")
            cursor.execute(revoke.format(sql.Identifier(table), role))
