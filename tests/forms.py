"""The forms of a rendered page, filled in as somebody would who writes something of their own into every text field."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser

TYPED = {"text", "search", "textarea"}
GIVEN = {"email": "kim@example.org", "tel": "020 7946 0123", "number": "1"}  # by the type of the input
BY_NAME = (  # text fields that take no words
    (r"_day$", "4"),
    (r"_month$", "5"),
    (r"_year$", "1990"),
    (r"^phone$", "020 7946 0123"),
    (r"^code$", "123456"),
    (r"device_kind$", None),  # as it is
)


@dataclass
class Field:
    name: str
    kind: str  # the type of an input, "textarea" or "select"
    value: str = ""
    checked: bool = False
    options: list[tuple[str, bool]] = field(default_factory=list)  # of a select: value, selected

    @property
    def takes_words(self) -> bool:
        return self.kind in TYPED and not any(re.search(pattern, self.name) for pattern, _ in BY_NAME)


@dataclass
class Form:
    method: str
    action: str
    fields: list[Field] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Names of the fields into which people type words."""
        return [one.name for one in self.fields if one.takes_words]

    def filled(self, words: Callable[[str], str]) -> dict[str, list[str]]:
        """What a browser sends: `words` of its name for each text field, else what the page offers first."""
        sent: dict[str, list[str]] = {}
        for one in self.fields:
            value = words(one.name) if one.takes_words else self._offered(one)
            if value is not None and (one.kind != "submit" or not any(f.name in sent for f in self._buttons())):
                sent.setdefault(one.name, []).append(value)
        return sent

    def _buttons(self) -> list[Field]:
        return [one for one in self.fields if one.kind == "submit"]

    def _offered(self, one: Field) -> str | None:
        if one.kind == "select":
            offered = sorted(one.options, key=lambda option: not option[1])  # what is chosen already comes first
            return next((value for value, _ in offered if value), "")
        if one.kind == "radio":
            rivals = [other for other in self.fields if other.kind == "radio" and other.name == one.name]
            pick = next((other for other in rivals if other.checked), rivals[0])
            return one.value if one is pick else None
        if one.kind == "checkbox":
            return (one.value or "on") if one.checked else None
        known = next((value for pattern, value in BY_NAME if re.search(pattern, one.name)), None)
        if one.kind == "date":
            return one.value or (date.today() + timedelta(days=10)).isoformat()
        if one.kind == "time":
            return one.value or f"{10 + [other for other in self.fields if other.kind == 'time'].index(one)}:00"
        return known or one.value or GIVEN.get(one.kind, "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._inside: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(has.get("method", "get").lower(), has.get("action", ""))
        elif self._form is None:
            return
        elif tag == "option" and self._inside:
            self._inside.options.append((has.get("value", ""), "selected" in has))
        elif tag in {"input", "textarea", "select", "button"} and has.get("name") and "disabled" not in has:
            kind = tag if tag in {"textarea", "select"} else has.get("type", "submit" if tag == "button" else "text")
            self._inside = Field(has["name"], kind, has.get("value", ""), "checked" in has)
            self._form.fields.append(self._inside)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            self.forms.append(self._form)
            self._form = None


def forms_of(html: str) -> list[Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms
