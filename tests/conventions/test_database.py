"""What the database is, and what the application's role can never do in it."""

from importlib.util import find_spec

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from clinic.accounts.privileges import ONLY_GROWS

pytestmark = pytest.mark.django_db

ONLY_GROWING = {
    "patients_answer",
    "patients_emergencyaccess",
    "patients_consent",
    "patients_consentconfirmation",
    "patients_consentreading",
    "patients_consentwithdrawal",
    "patients_evaluation",
    "patients_photo",
    "patients_photoremoval",
    "patients_phototype",
    "patients_purposeconsent",
    "patients_scarassessment",
    "patients_scarfinding",
    "patients_scargrade",
    "patients_sunexposure",
    "patients_trailentry",
    "scheduling_appointmentevent",
}
OUR_TABLES = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
FORBIDDEN = {
    "make a table": "create table public.mine (id int)",
    "make a schema": "create schema mine",
    "make a function": "create function public.mine() returns int language sql as 'select 1'",
    "make a role": "create role mine",
    "drop a table": "drop table scheduling_claim",
    "drop a constraint": "alter table scheduling_claim drop constraint one_claim",
    "drop a trigger": "drop trigger only_grows on scheduling_appointmentevent",
    "put triggers to sleep": "alter table scheduling_appointmentevent disable trigger all",
    "pass for a replica, whose triggers sleep": "set session_replication_role = replica",
    "replace a guard": "create or replace function guard_claims() returns trigger language plpgsql as 'begin end'",
    "become the owner": f"set role {settings.DATABASES['owner']['USER']}",
}


def ask(sql: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def test_the_driver_is_psycopg2_because_django_silently_prefers_the_other() -> None:
    assert not is_psycopg3
    assert find_spec("psycopg") is None


def test_the_server_is_new_enough_and_compares_numbers_in_gist() -> None:
    assert connection.cursor().connection.server_version >= 150000
    assert ask("select 1 from pg_extension where extname = 'btree_gist'") == [(1,)]


def test_the_application_is_an_ordinary_role_that_owns_nothing() -> None:
    flags = "rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
    assert ask(f"select {flags} from pg_roles where rolname = current_user") == [(False,) * 5]
    assert ask("select count(*) from pg_class where pg_get_userbyid(relowner) = current_user") == [(0,)]
    assert ask("select rolname from pg_roles where pg_has_role(current_user, oid, 'member')") == ask("select current_user")


def test_these_tables_only_grow() -> None:
    assert {table for (table,) in ask(ONLY_GROWS)} == ONLY_GROWING


@pytest.mark.parametrize("table", sorted(ONLY_GROWING))
@pytest.mark.parametrize("change", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
def test_the_application_cannot_rewrite_what_only_grows(table: str, change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ask(change.format(table))
    assert ask("select has_any_column_privilege(%s, 'UPDATE')", table) == [(False,)]


def test_the_application_empties_no_table() -> None:
    tables = ask(f"select t from ({OUR_TABLES}) as x (t) where has_table_privilege(t, 'TRUNCATE')")
    assert tables == []


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_application_cannot(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        ask(statement)
