"""Fields that people can fill in without a picker: a day in three boxes, and a day or a word such as “never”."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from patients.items import Option

ON = "date"  # the choice that the three boxes belong to
PARTS = ("day", "month", "year")


def no_control_characters(text: str) -> None:
    """Raises ValidationError for what no keyboard types, line breaks and tabs aside."""
    if any(unicodedata.category(letter) == "Cc" and letter not in "\r\n\t" for letter in text):
        raise ValidationError(_("Some characters cannot be kept. Please type the text again."), code="control")


def read_day(parts: Sequence[str]) -> date:
    """The day of three texts (day, month, year of four digits). Raises ValidationError in words that say what to do."""
    if not all(re.fullmatch(r"\d{1,4}", part) for part in parts) or len(parts[2]) != 4:
        raise ValidationError(_("Enter day, month and year in numbers, such as 27 3 2025."), code="invalid")
    day, month, year = (int(part) for part in parts)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValidationError(_("There is no such day. Check day, month and year."), code="invalid") from error


def read_rough_day(parts: Sequence[str], latest: date) -> date:
    """Like `read_day`, but the day, or day and month, may be empty: then the last day, up to `latest`, that may be meant.

    The last one, so that a wait that is counted from it is never too short.
    """
    day, month, year = parts
    if day:
        return read_day(parts)
    first = read_day(("1", month or "1", year))
    ends_in = first.month if month else 12
    last = date(first.year, ends_in, monthrange(first.year, ends_in)[1])
    return last if first > latest else min(last, latest)


class PlainText(forms.CharField):
    """Text as it is typed on a keyboard. What is wrong with it is said in words that say what to do."""

    default_validators = [no_control_characters]
    default_error_messages = {
        "required": _("Write an answer."),
        "max_length": _("Shorten this to %(limit_value)d characters."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # the framework's check for one control character would say it twice
        self.validators = [v for v in self.validators if not isinstance(v, ProhibitNullCharactersValidator)]


class DayWidget(forms.MultiWidget):
    """Three boxes: day, month, year."""

    template_name = "patients/widgets/day.html"

    def __init__(self, autocomplete: str = "") -> None:
        tokens = {part: {"autocomplete": f"{autocomplete}-{part}"} if autocomplete else {} for part in PARTS}
        super().__init__({part: _box(part, tokens[part]) for part in PARTS})

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else [None, None, None]


class DayField(forms.Field):
    """A day of the calendar as `date`."""

    widget = DayWidget
    default_error_messages = {"required": _("Enter day, month and year.")}

    def clean(self, value: Any) -> date | None:
        parts = [str(part or "").strip() for part in value or ()]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        day = read_day(parts)
        self.run_validators(day)
        return day


class DateOrWidget(forms.MultiWidget):
    """One of a few words, or a day in three boxes."""

    template_name = "patients/widgets/date_or.html"

    def __init__(self, options: Iterable[Option]) -> None:
        choices = [(ON, _("On this day:")), *((option.code, option) for option in options)]
        super().__init__({"": forms.RadioSelect(choices=choices), **{part: _box(part, {}) for part in PARTS}})

    def decompress(self, value: str | None) -> list[Any]:
        try:
            day = date.fromisoformat(value or "")
        except ValueError:
            return [value, None, None, None]
        return [ON, day.day, day.month, day.year]


class DateOrField(forms.Field):
    """An ISO date that is not later than `latest`, or the code of one of `options`. A date alone needs no click.

    A rough date (month and year, or a year) is stored as the last day, up to `latest`, that may be meant.
    """

    def __init__(self, options: Iterable[Option], latest: date, **kwargs: Any) -> None:
        self.words, self.latest = {option.code for option in options}, latest
        super().__init__(widget=DateOrWidget(options), **kwargs)

    def clean(self, value: Any) -> str:
        word, *parts = (str(part or "").strip() for part in value or ("", "", "", ""))
        if word not in {"", ON, *self.words}:
            raise ValidationError(_("Please choose one of the answers."), code="invalid")
        if word in self.words:
            return self._word(word, parts)
        if any(parts) or word == ON:
            return self._past(read_rough_day(parts, self.latest))
        if self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return ""

    def _word(self, word: str, parts: list[str]) -> str:
        if any(parts):
            raise ValidationError(_("Choose “On this day”, or empty the three boxes."), code="both")
        return word

    def _past(self, day: date) -> str:
        if day > self.latest:
            raise ValidationError(_("This day is still to come. Enter a day up to today."), code="future")
        if day.year < 1900:
            raise ValidationError(_("Enter a year after 1900."), code="past")
        return day.isoformat()


def _box(part: str, attrs: dict[str, str]) -> forms.TextInput:
    length = "4" if part == "year" else "2"
    return forms.TextInput({"inputmode": "numeric", "maxlength": length, "size": length, **attrs})
