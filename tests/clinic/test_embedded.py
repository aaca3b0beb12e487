"""The embedded Postgres: whoever comes first starts it, whoever leaves last stops it, and nothing is lost between."""

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg2.errors  # type: ignore[import-untyped,unused-ignore]
import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDINARY, CREATES_DATABASES = [False, False, False, False], [False, False, True, False]
ATTRIBUTES = "SELECT ARRAY[rolsuper, rolbypassrls, rolcreatedb, rolcreaterole] FROM pg_roles WHERE rolname = current_user"
GUEST = """
import os, pathlib, sys
from clinic import embedded
embedded.use(pathlib.Path(sys.argv[1]), durable=sys.argv[2] == "durable")
print(os.environ["DATABASE_URL"], os.environ.get("DATABASE_OWNER_URL"), flush=True)
sys.stdin.read()
"""
PARENT = GUEST.replace("print", "if os.fork() == 0: sys.exit()\nos.wait()\nprint", 1)


class Guest:
    """Another process that uses the server under a folder until it leaves or is killed."""

    def __init__(self, folder: Path, *, script: str = GUEST, durable: bool = False, **environment: str) -> None:
        named = {"DATABASE_URL", "DATABASE_OWNER_URL"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(folder), "durable" if durable else "careless"],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name not in named} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def urls(self) -> tuple[str, str]:
        """The addresses for the application and for the owner, as soon as they can be used."""
        assert self.process.stdout
        words = self.process.stdout.readline().split()
        if not words:
            raise AssertionError(self.leave()[1])
        return words[0], words[1]

    def turn_to_go(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
            self.process.stdin = None

    def leave(self) -> tuple[str, str]:
        """Go, and hand over what was said on the way out: to the world, and of errors."""
        if self.process.returncode is None:
            self.turn_to_go()
            self.last_words = self.process.communicate(timeout=20)
        return self.last_words

    def die(self) -> None:
        self.process.kill()
        self.leave()


Come = Callable[..., Guest]


@contextlib.contextmanager
def hospitality() -> Iterator[Come]:
    """Lets guests come, and sees the last one off."""
    guests: list[Guest] = []

    def come(folder: Path, **details: Any) -> Guest:
        guests.append(Guest(folder, **details))
        return guests[-1]

    try:
        yield come
    finally:
        for guest in guests:
            guest.leave()


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server that ran once and was stopped: an initdb in every test would take a minute."""
    folder = tmp_path_factory.mktemp("pg") / "initialised"
    with hospitality() as come:
        come(folder).urls()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A short path where nothing is yet."""
    folder = tmp_path_factory.mktemp("pg")
    yield folder / "postgres"
    end_servers(folder)
    shutil.rmtree(folder, ignore_errors=True)  # forty megabytes a test


@pytest.fixture
def folder(initialised: Path) -> Iterator[Path]:
    """That server's folder, for tests that leave it stopped and sound."""
    yield initialised
    end_servers(initialised)


@pytest.fixture
def come() -> Iterator[Come]:
    with hospitality() as come:
        yield come


def end_servers(folder: Path) -> None:
    """After a test that failed: stop what it left running, and wait for its end at most five seconds."""
    for lock in list(folder.rglob("data/postmaster.pid")):
        with contextlib.suppress(ProcessLookupError):
            os.kill(postmaster(lock.parent.parent), signal.SIGQUIT)
        deadline = time.monotonic() + 5
        while lock.exists() and time.monotonic() < deadline:
            time.sleep(0.05)


@contextlib.contextmanager
def called(folder: Path, name: str) -> Iterator[Path]:
    """`folder` under another name, until its guests have left."""
    renamed = folder.rename(folder.with_name(name))
    try:
        yield renamed
    finally:
        renamed.rename(folder)


def postmaster(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split()[0])


def door(url: str) -> Path:
    return Path(unquote(url.partition("@")[2].partition("/")[0]))


def runs(url: str) -> bool:
    return (door(url) / ".s.PGSQL.5432").exists()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]


def ask(url: str, question: str) -> object:
    """The first column of the first row, or None for a statement that answers nothing."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def test_the_application_has_its_database_and_an_ordinary_role(come: Come, folder: Path) -> None:
    app, _ = come(folder).urls()
    assert ask(app, "SELECT current_user || ' in ' || current_database()") == "clinic_app in clinic"
    assert ask(app, ATTRIBUTES) == ORDINARY
    limits = {"statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s", "lock_timeout": "3s"}
    assert {name: ask(app, f"SHOW {name}") for name in limits} == limits
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(app, "CREATE TABLE public.mine ()")
    assert ask(app, "SELECT upper('zoé łukasz')") == "ZOÉ ŁUKASZ"


def test_only_this_user_can_connect_and_not_by_network(come: Come, folder: Path) -> None:
    app, _ = come(folder).urls()
    assert ask(app, "SHOW listen_addresses") == ""
    assert mode(door(app) / ".s.PGSQL.5432") == 0o700


def test_the_owner_makes_databases_and_their_extensions_without_being_superuser(come: Come, folder: Path) -> None:
    _, owner = come(folder).urls()
    assert ask(owner, ATTRIBUTES) == CREATES_DATABASES
    assert ask(owner, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'clinic'") == "clinic_owner"
    ask(owner, "CREATE DATABASE test_clinic")
    for extension in ("btree_gist", "pg_trgm", "unaccent"):
        ask(owner.removesuffix("clinic") + "test_clinic", f"CREATE EXTENSION {extension}")


def test_only_a_durable_server_syncs(come: Come, folder: Path) -> None:
    careless = come(folder, durable=False)
    assert ask(careless.urls()[0], "SHOW fsync") == "off"
    careless.leave()
    assert ask(come(folder, durable=True).urls()[0], "SHOW fsync") == "on"


def test_a_second_process_joins_the_server_of_the_first(come: Come, folder: Path) -> None:
    first = come(folder).urls()
    pid = postmaster(folder)
    assert come(folder).urls() == first
    assert postmaster(folder) == pid


def test_four_who_come_at_once_make_one_database(come: Come, empty: Path) -> None:
    guests = [come(empty) for _ in range(4)]
    assert len({guest.urls() for guest in guests}) == 1
    assert (empty / "log").read_text().count("starting PostgreSQL") == 1


def test_a_private_home_stays_private_and_a_path_may_have_spaces_and_quotes(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with called(folder, 'O\'Neil "$HOME" `x` 5% é') as odd, hospitality() as come:
        app, _ = come(odd).urls()
        assert door(app) == odd
        assert ask(app, "SELECT 1") == 1
        assert (mode(odd.parent), mode(odd)) == (0o700, 0o700)


@pytest.mark.parametrize("name", [pytest.param("long" * 40, id="very long"), pytest.param("a,b", id="with a comma")])
def test_a_path_no_socket_can_have_has_it_in_a_short_private_folder(folder: Path, name: str) -> None:
    with called(folder, name) as odd:
        with hospitality() as come:
            app, _ = come(odd).urls()
            assert door(app) == Path("/tmp") / f"clinic-{os.geteuid()}-{digest(odd)}"
            assert ask(app, "SELECT 1") == 1
            assert mode(door(app)) == 0o700
        assert not door(app).exists()


def test_a_short_folder_that_others_may_enter_is_refused(come: Come, empty: Path) -> None:
    deep = empty / ("long" * 30)
    short = Path("/tmp") / f"clinic-{os.geteuid()}-{digest(deep)}"
    short.mkdir()
    short.chmod(0o755)
    try:
        with pytest.raises(AssertionError, match="is not a private folder"):
            come(deep).urls()
    finally:
        short.rmdir()


def test_two_folders_are_two_servers(come: Come, folder: Path, empty: Path) -> None:
    _, one = come(folder).urls()
    _, other = come(empty).urls()
    ask(one, "CREATE TABLE only_here ()")
    assert ask(other, "SELECT to_regclass('only_here')") is None


def test_only_the_last_to_leave_stops_the_server(come: Come, folder: Path) -> None:
    first, last = come(folder), come(folder)
    app, _ = first.urls()
    last.urls()
    assert first.leave() == ("", "")
    assert ask(app, "SELECT 1") == 1
    assert last.leave() == ("", "")
    assert not runs(app)


def test_all_who_leave_at_once_leave_no_server(come: Come, folder: Path) -> None:
    guests = [come(folder) for _ in range(3)]
    app = {guest.urls()[0] for guest in guests}.pop()
    for guest in guests:
        guest.turn_to_go()
    assert [guest.leave() for guest in guests] == [("", "")] * 3
    assert not runs(app)


def test_who_comes_while_the_last_one_leaves_finds_a_server(come: Come, folder: Path) -> None:
    guest = come(folder)
    guest.urls()
    for pause in (0.0, 0.04, 0.08, 0.12):
        guest.turn_to_go()
        time.sleep(pause)
        guest = come(folder)
        assert ask(guest.urls()[0], "SELECT 1") == 1


def test_a_forked_child_that_ended_did_not_stop_the_server(come: Come, folder: Path) -> None:
    parent = come(folder, script=PARENT)
    app, _ = parent.urls()
    assert ask(app, "SELECT 1") == 1
    parent.leave()
    assert not runs(app)


def test_after_kill_9_of_its_starter_the_server_is_joined_with_its_data(come: Come, folder: Path) -> None:
    starter = come(folder)
    _, owner = starter.urls()
    ask(owner, "CREATE TABLE inherited ()")
    pid = postmaster(folder)
    starter.die()
    heir = come(folder)
    heir_url = heir.urls()[1]
    assert ask(heir_url, "SELECT to_regclass('inherited')") == "inherited"
    assert postmaster(folder) == pid
    heir.leave()
    assert not runs(heir_url)


def test_after_kill_9_of_the_server_the_next_start_finds_the_data(come: Come, folder: Path) -> None:
    _, owner = come(folder).urls()
    ask(owner, "SET synchronous_commit = on; CREATE TABLE kept ()")
    pid = postmaster(folder)
    os.kill(pid, signal.SIGKILL)
    assert ask(come(folder).urls()[1], "SELECT to_regclass('kept')") == "kept"
    assert postmaster(folder) != pid


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_lock_files_that_name_another_living_program_are_no_obstacle(come: Come, folder: Path) -> None:
    guest = come(folder)
    guest.urls()
    locks = folder / "data" / "postmaster.pid", folder / ".s.PGSQL.5432.lock"
    with subprocess.Popen(["sleep", "60"]) as other:
        stale = [lock.read_text().replace(str(postmaster(folder)), str(other.pid), 1) for lock in locks]
        guest.leave()
        for lock, text in zip(locks, stale, strict=True):
            lock.write_text(text)
        assert ask(come(folder).urls()[0], "SELECT 1") == 1
        other.kill()


@pytest.mark.parametrize("rest", ["", "\0\0\0\0"], ids=["empty", "zeros"])
def test_lock_files_that_a_power_cut_spoiled_are_no_obstacle(come: Come, folder: Path, rest: str) -> None:
    (folder / "data" / "postmaster.pid").write_text(rest)
    (folder / ".s.PGSQL.5432.lock").write_text(rest)
    assert ask(come(folder).urls()[0], "SELECT 1") == 1


def test_an_initdb_that_was_killed_half_way_starts_over(come: Come, empty: Path) -> None:
    starter = come(empty)
    while not list(empty.glob("*/base")):
        time.sleep(0.01)
    starter.die()
    assert not (empty / "data").exists()
    assert ask(come(empty).urls()[0], "SELECT 1") == 1
    assert not list(empty.glob("new-*"))


def test_a_server_that_cannot_start_says_why_and_what_to_do(come: Come, folder: Path) -> None:
    version = folder / "data" / "PG_VERSION"
    right = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(AssertionError, match=r"(?s)was initialized by PostgreSQL version 9.*set DATABASE_URL"):
            come(folder).urls()
    finally:
        version.write_text(right)


def test_a_database_that_the_operator_named_is_left_alone(come: Come, empty: Path) -> None:
    assert come(empty, DATABASE_URL="postgresql://elsewhere/db").urls() == ("postgresql://elsewhere/db", "None")
    assert not empty.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another name")
def test_where_root_may_not_unshare_an_unprivileged_user_runs_the_server(come: Come, empty: Path) -> None:
    home = Path("/var/lib") / f"clinic-{digest(empty)}"
    guest = come(empty, PATH="")
    try:
        app, _ = guest.urls()
        assert door(app) == home
        assert ask(app, "SELECT 1") == 1
        assert (home / "data").stat().st_uid == home.stat().st_uid != 0
        assert mode(home) == 0o700
        guest.leave()
        assert not runs(app)
    finally:
        guest.leave()
        shutil.rmtree(home)
