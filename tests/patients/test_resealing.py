"""A new key takes over everything while people go on writing, however often it is stopped in the middle."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from io import StringIO
from pathlib import Path
from threading import current_thread, main_thread
from time import monotonic, sleep
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.test import override_settings
from psycopg2 import sql

from clinic.scheduling.models import Appointment, WaitlistEntry
from patients.encryption import SealBroken, seal
from patients.models import Answer
from patients.resealing import KEEP, Column, Store, stores
from tests.factors import asking
from tests.patients.sealed import by_key, everything, filled, new_key, ring
from tests.races.harness import pause_until, rows
from tests.scheduling.test_constraints import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(cloned: str) -> World:
    return filled()


@pytest.fixture
def key() -> bytes:
    return new_key()


def reencrypt(**options: object) -> str:
    said = StringIO()
    call_command("reencrypt", stdout=said, **options)
    return said.getvalue()


def started(folder: Path, key: bytes, *, batch: int) -> subprocess.Popen:
    """`manage.py reencrypt` as an operator runs it, in a process of its own, on the database of the test."""
    keys = {kid: value.hex() for kid, value in ring("k2", k2=key)["keys"].items()}
    (folder / "keyring.json").write_text(json.dumps({"current": "k2", "keys": keys}))
    name = connections["owner"].settings_dict["NAME"]
    urls = {v: os.environ[v].rsplit("/", 1)[0] + f"/{name}" for v in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    site = {"SITE_URL": "https://book.example.org", "ALLOWED_HOSTS": "book.example.org", "EMAIL_URL": "smtp://localhost"}
    clean = {name: value for name, value in os.environ.items() if name != "LOCAL"}
    environment = {**clean, **urls, **site, "KEYRING_FILE": str(folder / "keyring.json")}
    environment["MEDIA_DIR"] = str(settings.MEDIA_DIR)
    command = [sys.executable, "manage.py", "reencrypt", "--batch", str(batch)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_every_store_has_something_or_these_tests_prove_nothing(world: World) -> None:
    assert [store.name for store in stores() if not store.count()] == []


def test_everything_is_sealed_anew_and_then_needs_the_old_key_no_more(world: World, key: bytes) -> None:
    before, sealed = everything(), by_key()
    assert set(sealed) == {"k1"}
    with override_settings(KEYRING=ring("k2", k2=key)):
        assert f"Under the current key, k2: {sealed['k1']}. Under other keys: 0." in reencrypt(batch=7)
        assert by_key() == {"k2": sealed["k1"]}
    with override_settings(KEYRING={"current": "k2", "keys": {"k2": key}}):
        assert everything() == before
        assert all(opened(row) for row in Authenticator.objects.select_related("user"))


def opened(row: Authenticator) -> list[str]:
    with asking(row.user):
        return [decrypt(value) for name, value in row.data.items() if name in {"secret", "seed"}]


def test_a_second_run_changes_nothing(world: World, key: bytes) -> None:
    with override_settings(KEYRING=ring("k2", k2=key)):
        reencrypt()
        before = raw("select value from patients_answer order by id")
        assert "#" not in reencrypt()
        assert raw("select value from patients_answer order by id") == before


def raw(query: str) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [bytes(value) for (value,) in cursor.fetchall()]


def test_counting_alone_changes_nothing(world: World, key: bytes) -> None:
    before = by_key()
    with override_settings(KEYRING=ring("k2", k2=key)):
        assert f"Under the current key, k2: 0. Under other keys: {before['k1']}." in reencrypt(count=True)
    assert by_key() == before


def test_killed_in_the_middle_it_goes_on_where_it_was(world: World, key: bytes, tmp_path: Path) -> None:
    before, all_of_them = everything(), by_key()["k1"]
    process = started(tmp_path, key, batch=1)
    until = monotonic() + 60
    while not by_key()["k2"] and monotonic() < until:
        sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with override_settings(KEYRING=ring("k2", k2=key)):
        half = by_key()
        assert 0 < half["k2"] < all_of_them, half
        assert everything() == before  # both keys are in the ring
    again = started(tmp_path, key, batch=50)
    said, wrong = again.communicate(timeout=60)
    assert again.returncode == 0, wrong
    assert f"Under the current key, k2: {all_of_them}. Under other keys: 0." in said
    with override_settings(KEYRING={"current": "k2", "keys": {"k2": key}}):
        assert everything() == before


class Unlocked(Column):
    """Reads without locking."""

    def _sql(self, text: str) -> sql.Composed:
        return super()._sql(text.replace(" for no key update skip locked", ""))


class Blind(Column):
    """Writes without looking whether it is still what was read."""

    def _keep(self, key: Any, was: bytes, becomes: bytes) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(self._sql(KEEP.replace(" and {column} = %s", "")), [becomes, key])


class Careless(Unlocked, Blind):
    """Neither."""


GATE = """
create function gate() returns trigger language plpgsql as $$ begin
    if current_setting('clinic.reencrypting', true) = 'note' then perform pg_advisory_xact_lock(77); end if;
    return null;
end $$;
create trigger gate before update on scheduling_waitlistentry for each statement execute function gate();
"""
WAITING = """
select count(*) from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()
"""  # the owner's sessions too, of which the application sees nothing else
NOTE = WaitlistEntry._meta.get_field("note")


def edited_in_between(store: Column) -> str:
    """The note after the store has read it, a colleague (under the old key) has written it, and the store has gone on.

    A gate in the clone's table, which the test holds, makes the moment certain. Who is made to wait writes later.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(GATE)
    written = seal_under_k1("the edit", f"scheduling_waitlistentry.note.{WaitlistEntry.objects.get().pk}")
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(77)")
            resealing = pool.submit(one_round_of, store)
            pause_until(lambda: rows(WAITING) == 1)
            editing = pool.submit(write_note, written)
            pause_until(lambda: editing.done() or rows(WAITING) == 2)
        resealing.result(10), editing.result(10)
    return WaitlistEntry.objects.get().note


def write_note(sealed: bytes) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("update scheduling_waitlistentry set note = %s", [sealed])
    finally:
        connections.close_all()


@pytest.mark.parametrize("store", [Column, Unlocked, Blind])
def test_no_edit_is_lost_between_reading_and_writing_and_one_guard_is_enough(world: World, key: bytes, store: type) -> None:
    with override_settings(KEYRING=ring("k2", k2=key)):
        assert edited_in_between(store(WaitlistEntry, NOTE)) == "the edit"


def test_without_either_guard_the_edit_is_lost(world: World, key: bytes) -> None:
    """The negative control: the test above can fail."""
    with override_settings(KEYRING=ring("k2", k2=key)):
        assert edited_in_between(Careless(WaitlistEntry, NOTE)) != "the edit"


def test_a_row_that_is_being_written_is_left_out_not_waited_for_and_taken_the_next_time(world: World, key: bytes) -> None:
    entry = WaitlistEntry.objects.get()
    with override_settings(KEYRING=ring("k2", k2=key)), ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            written = seal_under_k1("the edit", f"scheduling_waitlistentry.note.{entry.pk}")
            cursor.execute("update scheduling_waitlistentry set note = %s", [written])
            first = pool.submit(one_round, "scheduling_waitlistentry.note")
            wait([first], timeout=1)
            waited = not first.done()
        assert first.result() == 0
        assert not waited
        assert one_round("scheduling_waitlistentry.note") == 1
        assert WaitlistEntry.objects.get().note == "the edit"


def seal_under_k1(text: str, place: str) -> bytes:
    with override_settings(KEYRING=ring("k1")):
        return seal(text, place)


def one_round(name: str) -> int:
    return one_round_of(next(store for store in stores() if store.name == name))


def one_round_of(store: Store) -> int:
    try:
        return sum(store.reseal(5))
    finally:
        if current_thread() is not main_thread():
            connections.close_all()


def note_of(pk: object) -> str:
    row = WaitlistEntry.objects.filter(pk=pk).first() or Appointment.objects.get(pk=pk)
    return row.note


def test_a_row_that_is_saved_unopened_comes_under_the_current_key(world: World, key: bytes) -> None:
    visit = Appointment.objects.get(pk=world.visit.pk)
    with override_settings(KEYRING=ring("k2", k2=key)):
        visit.save(update_fields=["note"])
        assert raw(f"select note from scheduling_appointment where id = '{visit.pk}'")[0].startswith(b"k2.")


def test_what_does_not_open_stops_it_and_is_named_without_a_word_of_it(world: World, key: bytes) -> None:
    entry = world.entry
    with connection.cursor() as cursor:
        cursor.execute("update scheduling_waitlistentry set note = set_byte(note, 10, get_byte(note, 10) # 1)")
    with override_settings(KEYRING=ring("k2", k2=key)):
        with pytest.raises(CommandError, match=rf"^scheduling_waitlistentry\.note\.{entry.pk} does not open"):
            reencrypt()
        with pytest.raises(SealBroken):
            _ = WaitlistEntry.objects.get().note


def test_a_wrong_key_stops_it_before_anything_is_written(world: World, key: bytes) -> None:
    wrong = {"current": "k2", "keys": {"k1": new_key(), "k2": key}}
    before = by_key()
    with override_settings(KEYRING=wrong), pytest.raises(CommandError, match="does not open"):
        reencrypt()
    assert by_key() == before


# --- the narrow way past the triggers


def attempt(alias: str, statement: str, column: str = "value") -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("select set_config('clinic.reencrypting', %s, true)", [column])
        cursor.execute(statement)


SAME_LENGTH = "update patients_answer set value = 'k2.'::bytea || substring(value from 4)"


def test_the_application_has_no_such_way(world: World) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt("default", SAME_LENGTH)


def test_nor_would_it_have_one_if_somebody_let_it_update(world: World) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("grant update on patients_answer to clinic_app")
    with pytest.raises(IntegrityError, match="only grows"):
        attempt("default", SAME_LENGTH)


def test_the_owner_passes_with_the_sealed_column_alone(world: World) -> None:
    attempt("owner", SAME_LENGTH)
    assert {value[:3] for value in raw("select value from patients_answer")} == {b"k2."}


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        (SAME_LENGTH, ""),
        (SAME_LENGTH, "question"),
        (SAME_LENGTH, "no_such_column"),
        (f"{SAME_LENGTH}, question = 'other'", "value"),
        (f"{SAME_LENGTH}, at = now()", "value"),
        ("update patients_answer set question = 'other'", "question"),
        ("update patients_answer set value = value || 'x'::bytea", "value"),
        ("delete from patients_answer", "value"),
        ("truncate patients_answer", "value"),
    ],
)
def test_the_owner_passes_with_nothing_else(world: World, statement: str, column: str) -> None:
    with pytest.raises(IntegrityError, match="only grows"):
        attempt("owner", statement, column)
    assert Answer.objects.filter(question="other").count() == 0
