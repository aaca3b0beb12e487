"""An example to try the rules on: nobody's answers, and nothing of it is kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from clinic.workspace.queries.trying import Page, Trial
from patients.forms.fields import DayField
from patients.forms.questions import field, latest_day
from patients.items import Item, Look
from patients.policies.screening import Facts, Given
from patients.queries.rehearsal import usual_answer
from treatments.editing.layout import Folded

TYPES = ("I", "II", "III", "IV", "V", "VI")
ANSWER = "answer_"  # before the code of a question, in the names of fields


class TreatmentForm(forms.Form):
    """Which treatment the example is about. Sent by GET."""

    treatment = forms.ChoiceField(label=_("Treatment"))

    def __init__(self, treatments: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["treatment"].choices = treatments  # type: ignore[attr-defined]  # a field of choices
        self.helper = helper(str(_("Show its questions")), method="get", css="btn-quiet")


class ExampleForm(forms.Form):
    """A person, a day and answers. It starts from an adult to whom nothing applies: then one change shows what it does."""

    on = DayField(label=_("Day of the visit"), help_text=_("For example 27 3 2027."))
    age = forms.IntegerField(label=_("Age on that day"), min_value=0, max_value=120, initial=35)
    jurisdiction = forms.ChoiceField(label=_("Whose law holds there"))
    phototype = forms.ChoiceField(
        label=_("Confirmed skin type"),
        required=False,
        initial="II",
        choices=[("", _("not confirmed yet")), *((name, name) for name in TYPES)],
    )
    in_front = forms.MultipleChoiceField(label=_("Booked in front"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, trial: Trial, today: date, now: datetime, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"on": today, "jurisdiction": next(iter(trial.jurisdictions), "")})
        self.today, self.pages = today, trial.pages
        self.items = [item for page in trial.pages for item in page.items]
        self.fields["jurisdiction"].choices = [(place, place) for place in trial.jurisdictions]  # type: ignore[attr-defined]
        self.fields["in_front"].choices = trial.in_front  # type: ignore[attr-defined]  # both are fields of choices
        if not trial.in_front:
            del self.fields["in_front"]
        for item in self.items:
            self.fields[ANSWER + item.code] = _asked(item, latest_day(now))
            self.initial[ANSWER + item.code] = usual_answer(item)

    @property
    def helper(self) -> FormHelper:
        made = helper(str(_("Try it")))
        visit = [name for name in ("on", "age", "jurisdiction", "phototype", "in_front") if name in self.fields]
        made.layout = Layout(Fieldset(str(_("The visit")), *visit), *map(self._fold, self.pages))
        return made

    def _fold(self, page: Page) -> Folded:
        """Closed while all answers on it are the usual ones."""
        names = [ANSWER + item.code for item in page.items]
        said = getattr(self, "cleaned_data", self.initial)  # without what is wrong
        return Folded(page.title, *names, is_open=any(said.get(name) != self.initial[name] for name in names))

    @property
    def answers(self) -> dict[str, Given]:
        """{question: answer}; what was left open is not in it, and counts as not known."""
        said = {item.code: self.cleaned_data[ANSWER + item.code] for item in self.items}
        return {code: Given(value, self.today) for code, value in said.items() if value}

    @property
    def facts(self) -> Facts:
        said = self.cleaned_data
        return Facts(said["age"], said["phototype"] or None, said["jurisdiction"])


def _asked(item: Item, latest: date) -> forms.Field:
    """A list instead of buttons: the page has many questions, and most stay as they are."""
    if item.look is Look.DATE:
        asked = field(item, latest)
        asked.required = False
        return asked
    choices = [("", _("not answered")), *((option.code, option.label) for option in item.options)]
    return forms.ChoiceField(label=item.text, choices=choices, required=False)
