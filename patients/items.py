"""One thing that is asked, wherever it comes from: the published questions, the skin-type form, the scar form."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treatments.models import Question, Window

UNSURE, PREFER_NOT, NEVER, NOW = "unsure", "prefer_not", "never", "now"


class Look(StrEnum):
    """How an item is asked. `SEVERAL` and `FACE` (zones, in a list and on a drawing) are stored as codes with commas."""

    CHOICE = "choice"
    DATE = "date"
    TEXT = "text"
    PICTURES = "pictures"
    SEVERAL = "several"
    FACE = "face"
    CHIPS = "chips"
    SCALE = "scale"


MANY = (Look.SEVERAL, Look.FACE)


@dataclass(frozen=True)
class Option:
    """`drawing` names a file in the templates' folder `drawings/`; `more` is a second, smaller line."""

    code: str
    label: str
    more: str = ""
    drawing: str = ""

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class Item:
    """`code` is what its answers are stored under."""

    code: str
    look: Look
    text: str
    help: str = ""
    options: tuple[Option, ...] = ()
    window: str = Window.ONCE
    optional: bool = False
    rows: int = 4  # of a text

    def can_be(self, value: str) -> bool:
        """Whether a value that was stored once may be answered today: its codes are still offered, its day is a day."""
        codes = {option.code for option in self.options}
        if self.look is Look.DATE:
            return value in codes or _is_day(value)
        return self.look is Look.TEXT or set(value.split(",")) <= codes

    def words(self, value: str) -> str:
        """A stored answer in the words in which it was chosen, a day in full, free text as it is."""
        labels = {option.code: option.label for option in self.options}
        if self.look in MANY:
            return ", ".join(labels.get(code, code) for code in value.split(","))
        return labels.get(value) or _day_in_words(value) if self.look is Look.DATE else labels.get(value, value)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _day_in_words(value: str) -> str:
    try:
        return date_format(date.fromisoformat(value), "j F Y")
    except ValueError:  # an older version of the question was not about a day
        return value


def from_question(question: Question) -> Item:
    """The item that asks a published question."""
    looks = {Question.Kind.DATE_OR_NEVER: Look.DATE, Question.Kind.TEXT: Look.TEXT}
    return Item(
        code=question.code,
        look=looks.get(Question.Kind(question.kind), Look.CHOICE),
        text=question.text,
        help=question.help,
        options=tuple(_options(question)),
        window=question.window,
        optional=question.optional,
    )


def _options(question: Question) -> Iterable[Option]:
    match question.kind:
        case Question.Kind.CHOICE:
            yield from (Option(option["code"], option["label"]) for option in question.options)
        case Question.Kind.YES_NO_UNSURE:
            yield from (Option("yes", _("Yes")), Option("no", _("No")), Option(UNSURE, _("I'm not sure")))
        case Question.Kind.DATE_OR_NEVER:
            yield Option(NEVER, _("Never"))
            if question.allow_now:
                yield Option(NOW, _("Now"))
            yield Option(UNSURE, _("I'm not sure"))
    if question.optional:
        left_empty = question.kind == Question.Kind.TEXT
        yield Option(PREFER_NOT, _("Nothing to add") if left_empty else _("I'd rather not say"))
