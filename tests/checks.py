"""`make check`: every tool, each timed; all of them run even when one fails."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clinic.local import new_keyring

PY, ROOT = sys.executable, Path(__file__).resolve().parent.parent
APPS = ("clinic", "patients", "treatments")
TEMPLATES = [str(path.relative_to(ROOT)) for app in APPS for path in ROOT.glob(f"{app}/**/*.html")]
IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache', '--no-logo'])"
LINT = [PY, "manage.py", "lintmigrations", "--settings", "tests.settings_tools", "--no-cache", "--quiet", "ok"]
REWRITING = ["--ignore-name", "0003_closure_notes_sealed"]  # what was in clear must not stay beside what is sealed
CHECKS = {
    "ruff": [PY, "-m", "ruff", "check", "."],
    "format": [PY, "-m", "ruff", "format", "--check", "."],
    "types": [PY, "-m", "mypy", *APPS, "manage.py"],
    "imports": [PY, "-c", IMPORTS],
    "templates": [str(Path(PY).with_name("djade")), "--target-version", "5.2", "--check", *TEMPLATES],
    "models": [PY, "-W", "ignore", "-m", "django", "makemigrations", "--check", "--dry-run"],
    "deploy": [PY, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
    "migrations": [*LINT, *REWRITING, "--include-apps", "accounts", "messaging", "patients", "scheduling", "treatments"],
}


def production(folder: Path) -> dict[str, str]:
    """A production's environment that connects to nothing."""
    keyring = folder / "keyring.json"
    keyring.write_text(new_keyring())
    return {
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": "postgresql://clinic_app@localhost/clinic",
        "DATABASE_OWNER_URL": "postgresql://clinic_owner@localhost/clinic",
        "KEYRING_FILE": str(keyring),
        "SITE_URL": "https://book.example.org",
        "ALLOWED_HOSTS": "book.example.org",
        "EMAIL_URL": "smtp://localhost:25",
    }


def environment(name: str, folder: Path) -> dict[str, str]:
    """Only the migration linter looks at a database: the embedded one, as on any machine without settings."""
    clean = {key: value for key, value in os.environ.items() if key not in production(folder)}
    return clean if name == "migrations" else clean | production(folder)


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for name, command in CHECKS.items():
            began = time.monotonic()
            done = subprocess.run(command, cwd=ROOT, env=environment(name, Path(folder)), capture_output=True, text=True)
            print(f"{'ok  ' if not done.returncode else 'FAIL'} {name:<12} {time.monotonic() - began:5.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout[-4000:], done.stderr[-4000:])
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
