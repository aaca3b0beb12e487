"""The form of one row of a draft. What is typed comes back with words that say what to do."""

from copy import copy
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from treatments.editing.forms import ContentForm
from treatments.editing.lines import boxes
from treatments.editing.surroundings import Surroundings
from treatments.models import Question, Rule


class RowPageForm(ContentForm):
    """One row of a draft. A new row is given its code, which is for good: answers and visits hang on it."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=50,
        help_text=_("A short name for colleagues, for good: answers are kept under it. Letters, digits, underscores."),
    )
    after = forms.ChoiceField(label=_("Comes after"), required=False)
    treatments = boxes(_("Before these treatments"))

    def __init__(self, around: Surroundings, stored: Question | Rule | None, data: Any = None) -> None:
        super().__init__(data, instance=copy(stored))
        self.around, self.stored = around, stored
        others = [row.code for row in around.rows if stored is None or row.code != stored.code]
        self._choose("after", [("", _("nothing: it is the first")), *((code, code) for code in others)])
        self._choose("treatments", around.treatments)
        self.initial["after"] = self._before(others)
        if stored:
            del self.fields["code"]

    def _choose(self, name: str, choices: Any) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a field of choices

    def _before(self, others: list[str]) -> str:
        """The row that stands in front; a new row comes last."""
        codes = [row.code for row in self.around.rows]
        place = codes.index(self.stored.code) if self.stored else len(codes)
        return others[place - 1] if place else ""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if any(row.code == code for row in self.around.rows):
            raise forms.ValidationError(_("This code is taken. Choose another one, or change the row that has it."))
        return code

    def refuse(self, name: str, words: Any, **said: Any) -> None:
        """An error beside one field, unless something is wrong with it already."""
        if name not in self.errors:
            self.add_error(name, forms.ValidationError(words, params=said))

    @property
    def row_code(self) -> str:
        return str(self.stored.code if self.stored else self.cleaned_data["code"])

    @property
    def values(self) -> dict[str, Any]:
        """The row's own fields, as they are stored."""
        stored = {field.name for field in self.instance._meta.concrete_fields} - {"id", "version", "position", "code"}
        return {name: getattr(self.instance, name) for name in stored}

    def draw(self, *layout: Any) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*([] if self.stored else ["code"]), *layout, "after")
        return helper
