"""Reading a YAML file as its writer sees it: by line and path, every value as the text that was typed.

Nothing here raises for what the file says. What is wrong is noted, a neutral value is returned, and reading goes on, so
that one run finds everything. YAML's own guesses (10:00 is a number, NO is false) are never made.
"""

import re
from collections.abc import Collection, Iterable
from datetime import time

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

NOTHING = "tag:yaml.org,2002:null"
CLOCK = re.compile("([01]?[0-9]|2[0-3]):([0-5][0-9])")


class Entry:
    """One place in the file. `node` is None where nothing stands: then every reading is empty, and nothing more is wrong."""

    def __init__(self, path: str, node: Node | None, problems: list[tuple[int, str]]) -> None:
        self.path, self.node, self.problems = path, node, problems

    @property
    def missing(self) -> bool:
        return self.node is None

    @property
    def is_text(self) -> bool:
        return isinstance(self.node, ScalarNode)

    @property
    def is_empty(self) -> bool:
        """Nothing stands after the key, or an empty list."""
        if isinstance(self.node, SequenceNode):
            return not self.node.value
        return isinstance(self.node, ScalarNode) and (self.node.tag == NOTHING or not self.node.value.strip())

    def wrong(self, what: str) -> None:
        """Note that something is wrong here; `what` says what to do."""
        line = self.node.start_mark.line + 1 if self.node else 0
        self.problems.append((line, f"{self.path}: {what}" if self.path else what))

    def fields(self, needed: Collection[str], optional: Collection[str] = ()) -> dict[str, "Entry"]:
        """An entry for each key, missing ones included. Unknown, repeated and needed but missing keys are wrong."""
        known = {name: self._inside(f".{name}", None) for name in (*needed, *optional)}
        if self.missing or not self._is(MappingNode, f"needs its values by name; write {', '.join(known)} under it"):
            return known
        given: dict[str, Entry] = {}
        for key, node in self.node.value:  # type: ignore[union-attr]  # a mapping, as was just seen
            name = str(key.value)
            entry = self._inside(f".{name}", node)
            if name not in known:
                entry.wrong(f"is not known here; known are {', '.join(known)}")
            elif name in given:
                entry.wrong("stands here twice; keep one of them")
            else:
                given[name] = entry
        for name in needed:
            if name not in given:
                self.wrong(f"“{name}” is missing; add it")
        return known | given

    def each(self) -> list["Entry"]:
        """The entries of a list; a key with nothing after it is an empty list."""
        if self.missing or self.is_empty:
            return []
        if not self._is(SequenceNode, "is not a list; begin each of its entries with “- ”"):
            return []
        return [self._inside(f"[{n}]", node) for n, node in enumerate(self.node.value)]  # type: ignore[union-attr]

    def text(self, longest: int = 80) -> str:
        """Printable text of at most `longest` characters, or "" where it is missing or wrong."""
        if self.missing:
            return ""
        if self.is_empty:
            self.wrong("is empty; write it, or leave the line out")
            return ""
        if not self._is(ScalarNode, "is not one value; write a single text"):
            return ""
        value = str(self.node.value).strip()  # type: ignore[union-attr]
        if len(value) > longest:
            self.wrong(f"has {len(value)} characters; write at most {longest}")
        elif not all(sign.isprintable() or sign == "\n" for sign in value):
            self.wrong("holds characters that cannot be shown; type it again")
        else:
            return value
        return ""

    def one_of(self, known: Iterable[str]) -> str:
        value, choices = self.text(), list(known)
        if value and value not in choices:
            self.wrong(f"“{value}” is not known; write one of {', '.join(choices) or '(there are none yet)'}")
            return ""
        return value

    def some_of(self, known: Collection[str]) -> tuple[str, ...]:
        """A list of `known` values, each once; the one word `all` stands for all of them."""
        if isinstance(self.node, ScalarNode) and self.node.value == "all":
            return tuple(known)
        values = [entry.one_of(known) for entry in self.each()]
        return tuple(dict.fromkeys(value for value in values if value))

    def number(self, least: int, most: int) -> int:
        value = self.text()
        if value.isdecimal() and len(value) < 10 and least <= int(value) <= most:
            return int(value)
        if value:
            self.wrong(f"“{value}” will not do; write a whole number from {least} to {most}")
        return least

    def clock(self) -> time | None:
        """A time of day, or None where it is missing or wrong."""
        value = self.text()
        shown = CLOCK.fullmatch(value)
        if value and not shown:
            self.wrong(f"“{value}” is no time of day; write one such as 09:00, at the latest 23:59")
        return time(int(shown[1]), int(shown[2])) if shown else None

    def _inside(self, step: str, node: Node | None) -> "Entry":
        return Entry((self.path + step).removeprefix("."), node, self.problems)

    def _is(self, kind: type[Node], otherwise: str) -> bool:
        if isinstance(self.node, kind):
            return True
        self.wrong(otherwise)
        return False
