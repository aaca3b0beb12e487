"""A real browser on a real server on a database of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from clinic.accounts.models import User
from tests import browser as chromium
from tests.build import Clinic, filled
from tests.journeys.people import sign_in_quietly

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that also reads the database

_made: dict[str, Clinic] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.nodeid:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path, chromium.HOW
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield opened
        opened.close()


@contextmanager
def serving(mail: Path) -> Iterator[str]:
    """The address of the site, serving whatever database is pointed at; letters go to `mail`."""
    before, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = mail
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None, thread.error
    settings.SITE_URL = f"http://127.0.0.1:{thread.port}"
    yield settings.SITE_URL
    thread.terminate()
    settings.EMAIL_BACKEND = before


@contextmanager
def visiting(browser: Browser, server: str, *, script: bool = True) -> Iterator[BrowserContext]:
    """A fresh visitor on a phone. A console error, a CSP violation or a request to elsewhere fails the test."""
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": script}
    opened = browser.new_context(base_url=server, accept_downloads=True, **phone)
    opened.set_default_timeout(10_000)
    troubles: list[str] = []
    opened.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    opened.on("weberror", lambda error: troubles.append(str(error.error)))
    opened.on("request", lambda request: None if request.url.startswith((server, "data:")) else troubles.append(request.url))
    yield opened
    opened.close()
    expected = ("status of 409", "status of 422", "status of 404", "status of 403", "status of 400", "status of 405")
    assert [text for text in troubles if not any(word in text for word in expected)] == []


@pytest.fixture
def server(cloned: str, tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path / "mail") as address:
        yield address


@pytest.fixture
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    with visiting(browser, server) as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def page_of(browser: Browser, server: str) -> Iterator[Callable[[User], Page]]:
    """A page of somebody who is signed in already, on a phone of their own."""
    with ExitStack() as phones:

        def opened(user: User) -> Page:
            context = phones.enter_context(visiting(browser, server))
            sign_in_quietly(context, user, server)
            return context.new_page()

        yield opened


def send_letters() -> None:
    """What the worker does, once."""
    call_command("worker", once=True)
    connections["default"].close()


@pytest.fixture(scope="session")
def template(template: str, django_db_blocker) -> Iterator[str]:
    """Instead of the empty database: a clinic whose knowledge, screening included, is in force since yesterday."""
    now = timezone.now() - timedelta(days=1)
    with (
        django_db_blocker.unblock(),
        filled(template, practitioners=2, rooms=2, pens=2, screening=True, now=now) as (name, clinic),
    ):
        _made[name] = clinic
        yield name


@pytest.fixture
def open_clinic(template: str, cloned: str) -> Clinic:
    return made_clinic(template)


def made_clinic(template: str) -> Clinic:
    """The clinic that is in the template, and so in each of its copies."""
    return deepcopy(_made[template])
