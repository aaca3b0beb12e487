"""What a machine without settings gets: an embedded Postgres and secrets of its own, under `var/`.

`manage.py` and the tests call `prepare`; `wsgi.py` and `asgi.py` never do, so production without settings refuses to start.
"""

import json
import os
import secrets
import sys
from pathlib import Path

from clinic import embedded

VAR = Path(__file__).resolve().parent.parent / "var"


def prepare(folder: Path = VAR, *, durable: bool = True) -> None:
    """Fill in what the environment leaves out, when it names no database or says LOCAL=1; else leave it alone."""
    if os.environ.get("DATABASE_URL") and os.environ.get("LOCAL") != "1":
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    embedded.use(folder / "postgres", durable=durable)
    os.environ["LOCAL"] = "1"
    os.environ.setdefault("VAR_DIR", str(folder))
    os.environ.setdefault("SECRET_KEY", _kept(folder / "secret-key", secrets.token_urlsafe(50)))
    keyring = folder / "keyring.json"
    _kept(keyring, new_keyring())
    os.environ.setdefault("KEYRING_FILE", str(keyring))


def new_keyring() -> str:
    return json.dumps({"current": "k1", "keys": {"k1": secrets.token_hex(32)}})


def _kept(path: Path, fresh: str) -> str:
    """The text of `path`, written first when there is none. Two starters at once agree on one text."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(fresh)
    try:
        os.link(draft, path)  # unlike a rename, a link never replaces what somebody else has just written
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "keyring":
        raise SystemExit("usage: python -m clinic.local keyring PATH")
    _kept(Path(sys.argv[2]), new_keyring())
