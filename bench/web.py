"""Asking the site over HTTP as a browser does: one connection, its cookies, its forms."""

import gzip
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings

from clinic.local import VAR

PORTS = (8765, 8766)
PATIENCE = 20  # seconds for the server to answer
FRAGMENT = {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "times"}
START = re.compile(r'name="start" value="([^"]+)"')
PARTS = re.compile(r'(?:href|src)="(/static/[^"]+[.](?:css|js))"')
HOLD = re.compile(r'name="hold" value="([^"]+)"')


class Answer(NamedTuple):
    status: int
    text: str
    location: str
    queries: int
    ms: float

    @property
    def bytes(self) -> int:
        return len(gzip.compress(self.text.encode(), 6))


class Browser:
    """Somebody's browser, at an address of its own: few holds are given to one."""

    def __init__(self, port: int, session: str, number: int = 1) -> None:
        self.address = f"2001:db8::{number:x}"
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {settings.SESSION_COOKIE_NAME: session}

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, **fields: str) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.cookies.get(settings.CSRF_COOKIE_NAME, ""),
        }
        return self._ask("POST", path, urlencode(fields), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.perf_counter()
        self.line.request(method, path, body, {"Cookie": cookies, "X-Forwarded-For": self.address, **headers})
        answer = self.line.getresponse()
        text = answer.read().decode()
        ms = (time.perf_counter() - began) * 1000
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        queries = int(answer.headers.get("X-Queries", "0"))
        return Answer(answer.status, text, answer.headers.get("Location", ""), queries, ms)


def book(browser: Browser, treatment: int, place: str, day: str, nth: int) -> list[Answer]:
    """A whole booking as a patient does it: times, hold, summary, confirm, done. Fewer answers: it was lost on the way."""
    times = browser.get(f"/book/{treatment}/?place={place}&day={day}", **FRAGMENT)
    starts = START.findall(times.text)
    if not starts:
        return [times]
    chosen = starts[nth % len(starts)].replace("&#x2B;", "+").replace("&#43;", "+")
    held = browser.post(f"/book/{treatment}/hold/", place=place, start=chosen, key=str(uuid4()))
    if held.status != http.client.FOUND:
        return [times, held]
    summary = browser.get(held.location)
    hold = HOLD.search(summary.text)
    if hold is None:
        return [times, held, summary]
    confirmed = browser.post(held.location, hold=hold.group(1), key=str(uuid4()))
    if confirmed.status != http.client.FOUND:
        return [times, held, summary, confirmed]
    return [times, held, summary, confirmed, browser.get(confirmed.location)]


@contextmanager
def server(database: str, port: int) -> Iterator[None]:
    """The site under gunicorn on `database`, two processes as on two cores."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}"
    owner = os.environ["DATABASE_OWNER_URL"].rpartition("/")[0] + f"/{database}"
    more = {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner, "TRUSTED_PROXIES": "1", "PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "bench.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "30", "--log-level", "warning"]
    with (VAR / "bench.log").open("a") as log:
        running = subprocess.Popen(command, env=os.environ | more, stdout=log, stderr=log)
    try:
        _wait(running, port)
        yield
    finally:
        running.terminate()
        running.wait(timeout=30)


def _wait(running: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if Browser(port, "").get("/livez").status == http.client.OK:
                return
        except OSError:
            if time.monotonic() > until or running.poll() is not None:
                raise
        time.sleep(0.1)


def sizes(treatment: int, browser: Browser) -> dict[str, int]:
    """Compressed bytes of whole pages, with the style and the scripts that a first visit brings."""
    once = sum(browser.get(path).bytes for path in set(PARTS.findall(browser.get("/").text)))
    address = f"/book/{treatment}/"
    pages = {"home": "/", "choose": "/book/", "times": address, "month": f"{address}month/", "visits": "/visits/"}
    return {name: browser.get(path).bytes + once for name, path in pages.items()}
