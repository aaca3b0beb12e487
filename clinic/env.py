"""Every variable that the site reads from its environment, declared once, typed, loud when wrong."""

import json
import os
from pathlib import Path
from typing import TypedDict
from urllib.parse import unquote, urlsplit

import dj_database_url


class SettingError(SystemExit):
    """Stops the start with one line that says which variable is wrong and what to write."""

    def __init__(self, name: str, what_to_do: str) -> None:
        super().__init__(f"{name}: {what_to_do}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, what_to_do: str) -> str:
    value = text(name)
    if not value:
        raise SettingError(name, f"is not set; {what_to_do}")
    return value


def flag(name: str, *, default: bool) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": default}
    value = text(name).lower()
    if value not in words:
        raise SettingError(name, f"is {value!r}; write 1 or 0")
    return words[value]


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise SettingError(name, f"is {value!r}; write a whole number of at least {least}")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def origin(name: str, default: str) -> str:
    """`https://host` or `http://host:port`, without a path."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
        raise SettingError(name, f"is {value!r}; write an address such as https://book.example.org")
    return value


def database(name: str, value: str) -> dj_database_url.DBConfig:
    """A Postgres address as Django's settings; anything else stops the start."""
    example = "postgresql://user:password@host:5432/name"
    try:
        config = dj_database_url.parse(value, conn_max_age=60, conn_health_checks=True)
    except (ValueError, KeyError) as error:  # dj_database_url's own errors are both
        raise SettingError(name, f"cannot be read; write {example}") from error
    if config["ENGINE"] != "django.db.backends.postgresql" or not config.get("NAME"):
        raise SettingError(name, f"must name a Postgres database; write {example}")
    return config


def mail(name: str) -> dict[str, object]:
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://…:465` as Django's mail settings; {} when not set."""
    value = text(name)
    if not value:
        return {}
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingError(name, "cannot be read; write smtp://user:password@host:587 or smtps://user:password@host:465")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
    }


class Keyring(TypedDict):
    """`keys`: 32 bytes by key id; new text is sealed under `current`."""

    current: str
    keys: dict[str, bytes]


def keyring(name: str) -> Keyring:
    """The file `{"current": "k1", "keys": {"k1": "<64 hex digits>"}}` as a dict with the keys as 32 bytes each."""
    path = Path(required(name, "write the path of the keyring file; `python -m clinic.local keyring PATH` makes one"))
    try:
        ring = json.loads(path.read_text())
        keys = {kid: bytes.fromhex(key) for kid, key in ring["keys"].items()}
        if ring["current"] not in keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("the current key is missing, or a key is not 32 bytes")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingError(name, f"{path} is no keyring: {error}") from error
    return {"current": ring["current"], "keys": keys}
