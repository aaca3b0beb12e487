"""Who may open what: every URL, with every method, as every kind of person, against a table that people read."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern

from clinic.accounts.checks import patterns
from clinic.accounts.models import User
from clinic.accounts.roles import PATIENT, ROLES, Role
from tests import build
from treatments.doors import PUBLIC, door_of

TABLE = Path(__file__).with_name("doors.txt")
SAMPLES = {"int": 999_999, "uuid": UUID(int=7), "slug": "unknown", "str": "unknown"}
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


def found() -> Iterator[tuple[str, URLPattern]]:
    return ((route, pattern) for route, pattern in patterns() if pattern.name)


def doors() -> dict[str, str]:
    return {f"/{route}": str(door_of(pattern.callback)) for route, pattern in found()}


def test_the_table_names_every_url_and_its_door() -> None:
    table = dict(line.split(maxsplit=1) for line in TABLE.read_text().splitlines() if line)
    assert doors() == table


def address(route: str, pattern: URLPattern) -> str:
    """A route with something unknown in each gap."""
    path = f"/{route}"
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        for written in (f"<{kind}:{name}>", f"<{name}>"):
            path = path.replace(written, str(SAMPLES[kind]))
    return path


@pytest.fixture
def people(db: None) -> dict[str, User | None]:
    staff = {role.value: build.user(roles=(role.value,)) for role in Role}
    patient = build.user()
    build.patient(user=patient, email=patient.email)
    return {"nobody": None, PATIENT: patient, **staff}


@pytest.mark.parametrize("role", ["nobody", PATIENT, *Role.values])
def test_a_door_opens_only_for_those_who_may(people: dict[str, User | None], role: str) -> None:
    client, user = Client(raise_request_exception=True), people[role]
    if user:
        client.force_login(user)
    wrong = []
    for route, pattern in found():
        door, path = str(door_of(pattern.callback)), address(route, pattern)
        if pattern.name in {"account_logout", "account_reauthenticate", "mfa_reauthenticate"}:
            continue  # signing out ends what the next line needs; asking again is refused where there is nothing to ask
        allowed = door == PUBLIC or (user is not None and (door in ROLES[PATIENT] or door in ROLES.get(role, ())))
        for method in METHODS:
            answer = getattr(client, method)(path)
            refused = answer.status_code == 403 or answer.headers.get("Location", "").startswith(settings_sign_in())
            if answer.status_code >= 500 or (refused if allowed and door != PUBLIC else not allowed and not refused):
                wrong.append((role, method, path, door, answer.status_code))
    assert wrong == []


def settings_sign_in() -> str:
    return "/account/sign-in/?next="


@pytest.mark.django_db
def test_forms_from_elsewhere_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(build.user(roles=("receptionist",)))
    for route, pattern in found():
        assert client.post(address(route, pattern)).status_code in (403, 404, 405), route


@pytest.mark.django_db
def test_every_answer_carries_the_headers_that_browsers_obey(client: Client) -> None:
    for path in ("/", "/nowhere/", "/account/sign-in/"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_private_pages_are_kept_by_no_cache(client: Client) -> None:
    client.force_login(build.user())
    assert "no-store" in client.get("/visits/").headers["Cache-Control"]


def test_templates_hold_no_script_style_or_third_party() -> None:
    root = Path(settings.BASE_DIR)
    for path in (p for app in ("clinic", "patients", "treatments") for p in root.glob(f"{app}/**/*.html")):
        text = path.read_text()
        for forbidden in ("<style", " style=", " onclick=", "hx-on", "javascript:", "//cdn", "googleapis"):
            assert forbidden not in text, (path.name, forbidden)
        assert all("src=" in tag for tag in text.split("<script")[1:]), path.name
