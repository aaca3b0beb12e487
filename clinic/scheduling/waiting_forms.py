"""The forms of the waitlist, for patients and for staff."""

from datetime import date, timedelta
from typing import Any, Self

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import ANYBODY, KeyedForm, helper
from clinic.scheduling.models import Hours, Resource
from clinic.scheduling.policies.matching import Wishes

LONGEST = timedelta(days=366)
ANSWERS = [("accept", "accept"), ("decline", "decline")]


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WishesForm(forms.Form):
    """Which days; and which of them, what time of day and whom one would like best. `today` is the location's."""

    use_required_attribute = False

    first = forms.DateField(label=_("From"), widget=date_input())
    last = forms.DateField(label=_("To, this day included"), widget=date_input())
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Best on"),
        help_text=_("None chosen: any day."),
        choices=Hours.Weekday.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    from_time = forms.TimeField(
        label=_("Beginning from"), help_text=_("Empty: at any time."), required=False, widget=time_input()
    )
    to_time = forms.TimeField(
        label=_("Beginning at the latest"), help_text=_("Empty: at any time."), required=False, widget=time_input()
    )

    def __init__(self, people: list[Resource], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        whom = [(ANYBODY, _("Anybody who is free")), *((str(person.pk), person.name) for person in people)]
        self.fields["who"] = forms.ChoiceField(label=_("With"), choices=whom, required=False)
        days, clock = Div("first", "last", css_class="row-form"), Div("from_time", "to_time", css_class="row-form")
        self.helper = helper(str(_("Tell me when something is free")))
        self.helper.layout = Layout(days, "weekdays", clock, "who")

    @classmethod
    def of(cls, wishes: Wishes, people: list[Resource], today: date, button: str) -> Self:
        """The form with what was wished so far."""
        fields = ("first", "last", "weekdays", "from_time", "to_time")
        initial = {name: getattr(wishes, name) for name in fields} | {"who": str(wishes.practitioner or "")}
        return cls(people, today, initial=initial).named(button)

    def named(self, button: str) -> Self:
        self.helper.inputs[0].value = button
        return self

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not max(first, self.today) <= last <= self.today + LONGEST:
            self.add_error("last", _("Choose a day that is still to come, and not before the first one."))
        elif first and first < self.today - LONGEST:
            self.add_error("first", _("Choose a day that is still to come."))
        from_time, to_time = given.get("from_time"), given.get("to_time")
        if from_time and to_time and to_time <= from_time:
            self.add_error("to_time", _("Write a time that is later than the first."))
        return given

    @property
    def wishes(self) -> Wishes:
        given = self.cleaned_data
        who = int(given["who"]) if given["who"] else None
        clock = (given["from_time"], given["to_time"])
        return Wishes(given["first"], given["last"], tuple(given["weekdays"]), *clock, who, given.get("note", ""))


class AnswerForm(KeyedForm):
    """“Yes, book it” or “No, thank you”: the button that is pressed."""

    answer = forms.ChoiceField(choices=ANSWERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper()
        self.helper.layout = Layout("key")
