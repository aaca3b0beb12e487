"""What changed between two contents: field by field, row by row and word by word."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from treatments.versions import BOOKKEEPING, Version

NAMED = 4  # rows that stay, one after another, and are still named
TOKEN = re.compile(r"\n|[^\S\n]*\S+")  # a word with the space before it, or a line end
Spoken = dict[str, list[str]]  # field in words → its one text; kind of row in words → a text for each row


@dataclass(frozen=True)
class Piece:
    kind: str  # "same", "del" or "ins"
    text: str


@dataclass(frozen=True)
class Difference:
    label: str
    pieces: list[Piece]


def spoken(version: Version, children: Mapping[str, Iterable[models.Model]] | None = None) -> Spoken:
    """All that a version says, as text to compare. `children` stand in for the stored rows."""
    rows = children if children is not None else {name: getattr(version, name).all() for name in version.children}
    said = {label: [text] for label, text in _fields(version, {version.subject})}
    return said | {capfirst(name.replace("_", " ")): [_row(row) for row in rows[name]] for name in rows}


def spoken_row(row: models.Model | None) -> Spoken:
    """All that one row says, wherever it stands; nothing for None."""
    return {label: [text] for label, text in _fields(row, {"position"})} if row else {}


def differences(before: Spoken, after: Spoken) -> list[Difference]:
    """The fields that do not say the same, in the order of the form."""
    pairs = [(label, before.get(label, []), texts) for label, texts in after.items()]
    return [Difference(label, list(_rows(old, new))) for label, old, new in pairs if any(old + new) and old != new]


def _fields(row: models.Model, skipped: set[str]) -> Iterator[tuple[str, str]]:
    for field in row._meta.concrete_fields:
        if field.name not in BOOKKEEPING | skipped:
            yield capfirst(str(field.verbose_name)), _value(row, field.name)


def _row(row: models.Model) -> str:
    (_label, title), *others = _fields(row, {"position"})
    return "\n".join([title, *(f"{label}: {value}" for label, value in others if value)])


def _value(row: models.Model, name: str) -> str:
    shown = getattr(row, f"get_{name}_display", lambda: getattr(row, name))()
    if isinstance(shown, bool):
        return _("yes") if shown else _("no")
    if isinstance(shown, list):
        return ", ".join(" | ".join(each.values()) if isinstance(each, dict) else str(each) for each in shown)
    return "" if shown is None else str(shown)


def _rows(before: list[str], after: list[str]) -> Iterator[Piece]:
    """Rows that stay are named only; the others are shown word by word, an empty line between any two."""
    shown = [pieces for step in SequenceMatcher(None, before, after).get_opcodes() for pieces in _step(before, after, *step)]
    for number, pieces in enumerate(shown):
        yield from [Piece("same", "\n\n")] if number else []
        yield from pieces


def _step(before: list[str], after: list[str], verb: str, a: int, b: int, c: int, d: int) -> Iterator[list[Piece]]:
    if verb == "equal" and d - c > NAMED:
        yield [Piece("same", _("… %(number)d as they were …") % {"number": d - c})]
    elif verb == "equal":
        yield from ([Piece("same", f"{row.partition(chr(10))[0]} …")] for row in after[c:d])
    else:
        yield from (list(_words(old, new)) for old, new in zip_longest(before[a:b], after[c:d], fillvalue=""))


def _words(before: str, after: str) -> Iterator[Piece]:
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    for verb, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if verb == "equal":
            yield Piece("same", "".join(old[a:b]))
        else:
            parts = (("del", "".join(old[a:b])), ("ins", "".join(new[c:d])))
            yield from (Piece(kind, text) for kind, text in parts if text)
