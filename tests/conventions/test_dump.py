"""Whatever people type into whatever field: nothing of it is readable in what the site keeps, but names and public texts.

The forms are those of the rendered pages, so a new field is in it by itself. The letters that went out are searched as well:
on one machine without a mail server they lie in files, and they say nothing that anybody typed but a name.
"""

import logging
import re
from base64 import b64decode
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections

from clinic.messaging.models import Envelope
from clinic.scheduling.models import WaitlistEntry
from tests.conventions.walking import Look, browser, furnished, looks
from tests.forms import Form, forms_of
from tests.journeys.house import VISITORS, House

NAMES = {"given_name", "family_name"}  # in clear, for finding people
PUBLIC_TEXTS = ("editing/",)  # what everybody reads, and why it was published
REFUSED = {  # forms that took nothing of what was typed, and why; the words are searched for all the same
    "editing/clinical/<slug:code>/edit/": "the empty row at the end would be the same as the first",
    "editing/clinical/<slug:code>/edit/about/": "a page's code is a word of the address, and a mark is none",
    "editing/clinical/<slug:code>/edit/add/": "a code is that of nothing else, and a rule needs a question that is there",
    "editing/clinical/<slug:code>/edit/row/<slug:row>/": "answer codes are those of the question",
}
TABLES = "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
MARK = re.compile(r"quokka\d+wombat")


class Typed(NamedTuple):
    """A word that stands nowhere else in the world, and where it was typed."""

    mark: str
    look: Look
    field: str
    taken: bool

    @property
    def may_be_read(self) -> bool:
        return self.field in NAMES or self.look.route.startswith(PUBLIC_TEXTS)


class Site(NamedTuple):
    """The clinic after everybody has typed, and all that was logged meanwhile."""

    typed: list[Typed]
    log: StringIO
    letters: Path


@pytest.fixture(scope="module")
def site(template: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[Site]:
    log, letters = StringIO(), tmp_path_factory.mktemp("letters")
    with django_db_blocker.unblock(), furnished(template, "dump") as house, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
        patch.setattr(settings, "EMAIL_FILE_PATH", letters)
        with everything_logged(log):
            typed = list(type_everywhere(house))
            call_command("worker", once=True)
        yield Site(typed, log, letters)


class everything_logged:  # noqa: N801  # reads as a verb
    """Into `log`, however unimportant."""

    def __init__(self, log: StringIO) -> None:
        self.handler, self.root = logging.StreamHandler(log), logging.getLogger()

    def __enter__(self) -> None:
        self.level = self.root.level
        self.root.addHandler(self.handler)
        self.root.setLevel(logging.DEBUG)

    def __exit__(self, *error: object) -> None:
        self.root.removeHandler(self.handler)
        self.root.setLevel(self.level)


def type_everywhere(house: House) -> Iterator[Typed]:
    """Everybody sends every form that they can reach, with a word of its own in each text field."""
    browsers, number = {who: browser(house, who) for who in VISITORS}, 1000
    for look in looks(house):
        client = browsers[look.who]
        for nth in range(len(with_texts(client.get(look.address)))):
            again = with_texts(client.get(look.address))  # what the form before has left of the page
            if nth >= len(again):
                break
            marks = {name: f"quokka{number + n}wombat" for n, name in enumerate(dict.fromkeys(again[nth].texts))}
            number += len(marks)
            taken = send(client, look, again[nth], marks)
            yield from (Typed(mark, look, field, taken) for field, mark in marks.items())


def with_texts(answer) -> list[Form]:
    return [form for form in forms_of(answer.content.decode(errors="replace")) if form.texts]


def send(client, look: Look, form: Form, marks: dict[str, str]) -> bool:
    """Whether it was taken: what is searched for is found somewhere, what is kept leads on."""
    to, filled = form.action or look.address, form.filled(marks.__getitem__)
    if form.method == "get":
        return client.get(to.split("?")[0], filled).status_code == 200
    return client.post(to, filled).status_code == 302


def kept(site: Site) -> Iterator[tuple[str, str]]:
    """(where, text) for all that stays: tables, sessions, cache, files, letters, log."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            into = StringIO()
            cursor.copy_expert(f"copy {table} to stdout", into)
            yield table, readable(into.getvalue())
        cursor.execute("select value from cache")
        yield "cache, decoded", " ".join(b64decode(value).decode(errors="replace") for (value,) in cursor.fetchall())
    yield "sessions, decoded", " ".join(str(session.get_decoded()) for session in Session.objects.all())
    for path in [*files(site.letters), *files(settings.VAR_DIR)]:
        yield str(path), path.read_bytes().decode(errors="replace")
    yield "log", site.log.getvalue()


def files(folder: Path) -> Iterator[Path]:
    """All below, without the server's own files, which come and go: they are what was dumped."""
    for path in folder.iterdir():
        if path.is_file():
            yield path
        elif path.name != "postgres":
            yield from files(path)


def readable(dumped: str) -> str:
    """Bytes stand in a dump as hexadecimal digits."""
    return re.sub(r"\\\\x([0-9a-f]+)", lambda found: bytes.fromhex(found[1]).decode(errors="replace"), dumped)


def found(site: Site) -> set[tuple[str, str]]:
    """(mark, where it can be read)."""
    return {(mark, where) for where, text in kept(site) for mark in MARK.findall(text)}


def test_nothing_that_was_typed_can_be_read_but_names_and_public_texts(site: Site) -> None:
    secret = {one.mark: one for one in site.typed if not one.may_be_read}
    assert [(where, *secret[mark].look, secret[mark].field) for mark, where in sorted(found(site)) if mark in secret] == []


def test_people_typed_or_this_proves_nothing(site: Site) -> None:
    taken = {(one.look.route, one.field) for one in site.typed if one.taken}
    assert taken >= {
        ("book/details/", "given_name"),
        ("visits/<uuid:pk>/cancel/", "reason"),
        ("workspace/visits/<uuid:pk>/move/", "reason"),
        ("workspace/visits/<uuid:pk>/adjust/", "reason"),
        ("workspace/review/<uuid:pk>/", "reason"),
        ("workspace/patients/<uuid:pk>/emergency/", "reason"),
        ("workspace/closures/new/", "note"),
        ("workspace/waitlist/new/", "note"),
        ("workspace/book/", "q"),
    }
    read = {one.look.route for one in site.typed if one.mark in {mark for mark, _ in found(site)}}
    assert read >= {"book/details/", "editing/<slug:kind>/<slug:slug>/"}  # what may be read is found


def test_forms_that_could_not_be_filled_in_are_named(site: Site) -> None:
    taken = {one.look.route for one in site.typed if one.taken}
    assert {one.look.route for one in site.typed} - taken == set(REFUSED)


def test_letters_went_out_and_were_searched(site: Site) -> None:
    assert Envelope.objects.filter(state=Envelope.State.SENT, kind="break_glass").exists()
    assert any(str(site.letters) in where for where, _ in kept(site))


def in_a_table(site: Site, mark: str) -> None:
    Envelope.objects.filter(pk=Envelope.objects.earliest("pk").pk).update(last_error=mark)


def in_bytes(site: Site, mark: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("update scheduling_waitlistentry set note = %s where id = %s", [mark.encode(), one_entry()])


def one_entry() -> str:
    return str(WaitlistEntry.objects.values_list("pk", flat=True).first())


def in_a_session(site: Site, mark: str) -> None:
    session = Session.objects.first()
    Session.objects.filter(pk=session.pk).update(session_data=Session.objects.encode({"said": mark}))


def in_the_cache(site: Site, mark: str) -> None:
    cache.set("said", {"text": mark})


def in_a_file(site: Site, mark: str) -> None:
    (site.letters / "left-behind.txt").write_text(mark)


def in_the_log(site: Site, mark: str) -> None:
    with everything_logged(site.log):
        logging.getLogger("clinic").debug("said %s", mark)


@pytest.mark.parametrize("leak", [in_a_table, in_bytes, in_a_session, in_the_cache, in_a_file, in_the_log])
def test_a_word_in_clear_would_be_found(site: Site, leak) -> None:
    """The negative control, for every place that is searched."""
    mark = f"quokka{999_000 + sum(map(ord, leak.__name__))}wombat"
    assert mark not in {found_mark for found_mark, _ in found(site)}
    leak(site, mark)
    assert mark in {found_mark for found_mark, _ in found(site)}
