"""A missing or malformed setting stops the start with one line that says what to write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic import env
from clinic.local import new_keyring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, str]:
    """Settings with which production starts."""
    keyring = tmp_path / "keyring.json"
    keyring.write_text(new_keyring())
    return {
        "SECRET_KEY": "x" * 50,
        "DATABASE_URL": "postgresql://app@db/clinic",
        "KEYRING_FILE": str(keyring),
        "SITE_URL": "https://book.example.org",
        "ALLOWED_HOSTS": "book.example.org",
        "EMAIL_URL": "smtp://mail:25",
    }


def start(settings: dict[str, str]) -> tuple[int, str]:
    """What the production server says when it loads the site."""
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "import clinic.wsgi"]
    done = subprocess.run(command, env=bare | settings, capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stderr.strip()


def test_whole_settings_start(whole: dict[str, str]) -> None:
    assert start(whole)[0] == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SECRET_KEY", "", "SECRET_KEY: is not set; write 50 random characters, and keep them"),
        ("DATABASE_URL", "", "DATABASE_URL: is not set; write postgresql://user:password@host:5432/name, or use `make run`"),
        ("DATABASE_URL", "mysql://a/b", "DATABASE_URL: must name a Postgres database"),
        ("DATABASE_URL", "what", "DATABASE_URL: cannot be read"),
        ("KEYRING_FILE", "/nowhere", "KEYRING_FILE: /nowhere is no keyring"),
        ("SITE_URL", "book.example.org", "SITE_URL: is 'book.example.org'; write an address such as"),
        ("EMAIL_URL", "", "EMAIL_URL: is not set; write smtp://user:password@host:587"),
        ("EMAIL_URL", "mail", "EMAIL_URL: cannot be read"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES: is '-1'; write a whole number of at least 0"),
        ("HTTPS", "maybe", "HTTPS: is 'maybe'; write 1 or 0"),
    ],
)
def test_a_wrong_setting_is_one_line(whole: dict[str, str], name: str, value: str, words: str) -> None:
    code, said = start(whole | {name: value})
    assert code == 1
    assert said.startswith(words)
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["", "{}", '{"current": "k1", "keys": {}}', '{"current": "k1", "keys": {"k1": "abcd"}}', "[1]"]
)
def test_a_keyring_without_its_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(text)
    monkeypatch.setenv("KEYRING_FILE", str(path))
    with pytest.raises(env.SettingError):
        env.keyring("KEYRING_FILE")


def test_mail_addresses_are_read_with_their_port_and_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtps://us%40er:p%2Fw@mail.example.org")
    assert env.mail("EMAIL_URL") == {
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": 465,
        "EMAIL_HOST_USER": "us@er",
        "EMAIL_HOST_PASSWORD": "p/w",
        "EMAIL_USE_SSL": True,
        "EMAIL_USE_TLS": False,
    }
