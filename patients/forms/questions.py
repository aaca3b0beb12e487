"""A page of questions as a form, made from its items."""

from datetime import date, datetime, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from patients.forms.fields import DateOrField, PlainText
from patients.items import MANY, PREFER_NOT, Item, Look
from patients.queries.intake import Page

LONGEST_TEXT = 2000
TEMPLATES = {
    Look.PICTURES: "patients/fields/pictures.html",
    Look.SCALE: "patients/fields/chips.html",
    Look.CHIPS: "patients/fields/chips.html",
    Look.SEVERAL: "patients/fields/chips.html",
    Look.FACE: "patients/fields/face.html",
}
CHOOSE = {
    "required": _("Please choose an answer."),
    "invalid_choice": _("Please choose one of the answers."),
    "invalid_list": _("Please choose one of the answers."),
}
ROUGH = _("If you don't know the day, give month and year, or the year alone. We then count from the end of it.")


class PageForm(forms.Form):
    """The questions that `page` asks, with the answers that still count filled in.

    On the way back (`partial`) nothing is required, and what is there is kept. An answered question that was not on the page
    when it was sent is left as it is.
    """

    def __init__(self, page: Page, now: datetime, data: Any = None, *, partial: bool = False) -> None:
        super().__init__(data, initial=_filled_in(page))
        self.page, self.partial = page, partial
        for item in page.shown:
            self.fields[item.code] = field(item, latest_day(now))
            self.fields[item.code].help_text = f"{self.fields[item.code].help_text} {_last_time(item, page)}".strip()
            if partial or self._is_left_alone(item):
                self.fields[item.code].required = False
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*map(_shown, page.shown))

    @property
    def values(self) -> dict[str, str]:
        """{question code: value} as they are stored. A text that may stay empty and does so is an answer as well."""
        said = {code: ",".join(v) if isinstance(v, list) else v for code, v in self.cleaned_data.items()}
        left_empty = {} if self.partial else {i.code: PREFER_NOT for i in self.page.shown if _may_be_empty(i)}
        return left_empty | {code: value for code, value in said.items() if value}

    def _is_left_alone(self, item: Item) -> bool:
        """Whether an answered question was not on the (older) copy of the page that was sent."""
        if not self.is_bound or item.code not in self.page.answers:
            return False
        widget = field(item, date.max).widget
        if isinstance(widget, forms.CheckboxSelectMultiple):  # no box ticked and not asked look the same
            return item.code not in self.data
        return bool(widget.value_omitted_from_data(self.data, self.files, item.code))


def _filled_in(page: Page) -> dict[str, Any]:
    return {item.code: _initial(item, page.answers[item.code].value) for item in page.items if item.code in page.answers}


def _initial(item: Item, value: str) -> Any:
    if item.look in MANY:
        return value.split(",")
    return "" if item.look is Look.TEXT and value == PREFER_NOT else value


def _last_time(item: Item, page: Page) -> str:
    """What was answered before, where the page does not offer to say the same once more."""
    if item.code not in page.before or page.asks_again:
        return ""
    return _("Last time you answered: %(answer)s") % {"answer": item.words(page.before[item.code].value)}


def _may_be_empty(item: Item) -> bool:
    return item.look is Look.TEXT and item.optional


def latest_day(now: datetime) -> date:
    """The latest day that it already is somewhere on earth: nobody's "today" is refused as a day to come."""
    return (now + timedelta(hours=14)).date()


def field(item: Item, latest: date) -> forms.Field:
    """The form field that asks `item`."""
    shared: dict[str, Any] = {"label": item.text, "help_text": item.help, "required": True}
    choices = [(option.code, option) for option in item.options]
    match item.look:
        case Look.DATE:
            shared["help_text"] = f"{item.help} {ROUGH}".strip()
            return DateOrField(item.options, latest, error_messages=CHOOSE, **shared)
        case Look.TEXT:
            return _text(item, shared)
        case Look.SEVERAL | Look.FACE:
            several = forms.CheckboxSelectMultiple()
            return forms.MultipleChoiceField(choices=choices, widget=several, error_messages=CHOOSE, **shared)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect(), error_messages=CHOOSE, **shared)


def _text(item: Item, shared: dict[str, Any]) -> forms.CharField:
    return PlainText(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": item.rows}),
        **(shared | {"required": not item.optional}),
    )


def _shown(item: Item) -> Any:
    template = TEMPLATES.get(item.look)
    return Field(item.code, template=template) if template else item.code
