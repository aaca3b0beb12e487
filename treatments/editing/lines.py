"""A short list as text, one entry a line: readable and editable without a script."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_LINES = 40


def has_control_characters(text: str) -> bool:
    """Whether there is something in it that no keyboard types, line ends and tabs aside."""
    return any(unicodedata.category(letter) == "Cc" and letter not in "\r\n\t" for letter in text)


class LinesField(forms.CharField):
    """A list of what its lines say; `read` and `show` are one entry's way in and out. No two may have the same `key`."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(self.show, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if has_control_characters(str(value or "")):
            raise ValidationError(_("Some characters cannot be kept. Please type the text again."), code="control")
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("Keep it to %(number)s lines."), params={"number": MOST_LINES})
        made = [self.read(line) for line in lines]
        if twice := _twice(map(self.key, made)):
            raise ValidationError(_("“%(entry)s” is there twice. Keep one of them."), params={"entry": twice})
        return made

    def read(self, line: str) -> Any:
        return line

    def show(self, entry: Any) -> str:
        return str(entry)

    def key(self, entry: Any) -> str:
        return str(entry)


class PairsField(LinesField):
    """Lines like “code | words” as [{code: …, words: …}]; `names` are the two keys.

    With `coded` the first part is a code; else it is text, and the second part may be left out.
    """

    def __init__(self, names: tuple[str, str], *, coded: bool = True, longest: int = 200, **kwargs: Any) -> None:
        self.names, self.coded, self.longest = names, coded, longest
        super().__init__(**kwargs)

    def read(self, line: str) -> dict[str, str]:
        first, _bar, second = (part.strip() for part in line.partition("|"))
        if not first or (self.coded and not second):
            raise ValidationError(_("“%(line)s” is no “code | words”."), params={"line": line[:60]})
        if max(len(first), len(second)) > self.longest:
            raise ValidationError(_("Shorten “%(line)s …”."), params={"line": line[:60]})
        return {self.names[0]: self._code(first) if self.coded else first, self.names[1]: second}

    def _code(self, text: str) -> str:
        return str(forms.SlugField(max_length=50, error_messages={"invalid": _NO_CODE % {"code": text[:60]}}).clean(text))

    def show(self, entry: dict[str, str]) -> str:
        return " | ".join(entry[name] for name in self.names if entry[name])

    def key(self, entry: dict[str, str]) -> str:
        return entry[self.names[0]]


_NO_CODE = _("“%(code)s” is no code: use letters, digits, hyphens and underscores.")


class SourcesField(PairsField):
    """Lines like “title | https://…” as [{"title", "url"}]."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(("title", "url"), coded=False, longest=500, **kwargs)

    def read(self, line: str) -> dict[str, str]:
        entry = super().read(line)
        if entry["url"]:
            forms.URLField(assume_scheme="https").clean(entry["url"])
        return entry


class CodesField(LinesField):
    """Codes with commas or line ends between them, as a list of text."""

    widget = forms.TextInput  # type: ignore[assignment]  # one line is enough

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value or "").replace(",", "\n"))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


def _twice(keys: Iterable[str]) -> str:
    return next((key for key, count in Counter(keys).items() if count > 1), "")


def boxes(label: Any, choices: Sequence[tuple[str, Any]] = (), **kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple, **kwargs)
