"""The rows of the interval matrix, and of what must come first. Added, removed and put in order without a script."""

from collections import Counter
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from treatments import queries
from treatments.editing.forms import ContentForm, RowForm, Rows, first_in_row, pair, rows_of, sheet, treatment_choice
from treatments.models import Interval, IntervalsVersion, Prerequisite

MOST = 120  # every treatment after every other, and some more
TYPES = [(name, name) for name in ("I", "II", "III", "IV", "V", "VI")]


class MatrixForm(ContentForm):
    """The version itself says nothing; its rows do."""

    class Meta:
        model = IntervalsVersion
        fields: ClassVar[list[str]] = []

    @property
    def helper(self) -> FormHelper:
        return sheet()


class MatrixRow(RowForm):
    """A row that names treatments; `treatments` are the choices, read once for all rows."""

    url = forms.URLField(label=_("Source"), required=False, max_length=500, assume_scheme="https")

    def __init__(self, *args: Any, treatments: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.widget.choices = treatments


class IntervalForm(MatrixRow):
    before = treatment_choice(_("From"))
    after = treatment_choice(_("To"))
    days = forms.IntegerField(label=_("Days, at least"), min_value=1, max_value=730)

    class Meta:
        model = Interval
        fields = ["position", "before", "after", "days", "reason", "url"]


class PrerequisiteForm(MatrixRow):
    treatment = treatment_choice(_("Before"))
    first = treatment_choice(_("A visit for"), required=False)
    phototypes = forms.MultipleChoiceField(
        label=_("Only for the skin types"),
        help_text=_("None chosen: for all."),
        choices=TYPES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    lead_days = forms.IntegerField(label=_("Days before, at least"), min_value=0, max_value=730, initial=0)
    valid_days = forms.IntegerField(
        label=_("Days before, at most"),
        help_text=_("Empty: it never runs out."),
        min_value=1,
        max_value=3650,
        required=False,
    )

    class Meta:
        model = Prerequisite
        fields = ["position", "treatment", "kind", "first", "phototypes", "lead_days", "valid_days", "reason", "url"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, first = cleaned.get("kind"), cleaned.get("first")
        if kind == Prerequisite.Kind.VISIT and first is None and "first" not in self.errors:
            self.add_error("first", _("Choose the treatment that the visit is for."))
        if kind == Prerequisite.Kind.CONFIRMED_PHOTOTYPE and first is not None:
            self.add_error("first", _("Leave this empty for a confirmed skin type."))
        lead, valid = cleaned.get("lead_days"), cleaned.get("valid_days")
        if lead is not None and valid is not None and valid <= lead:
            words = _("This must be more than %(number)s, the days before at least.") % {"number": lead}
            self.add_error("valid_days", words)
        return cleaned


class MatrixRows(Rows):
    """Rows of which no two may be about the same."""

    about: ClassVar[tuple[str, ...]] = ()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        if not hasattr(self, "_treatments"):
            named = ((t.pk, getattr(t, "name", "") or t.code) for t in queries.treatments_with_names())
            self._treatments = [("", _("Choose a treatment")), *named]
        return {**super().get_form_kwargs(index), "treatments": self._treatments}

    def clean(self) -> None:
        valid = (form for form in self.forms if form.is_valid() and form.cleaned_data)
        filled = [form for form in valid if not form.cleaned_data.get("DELETE")]
        seen = Counter(self._about(form) for form in filled)
        for form in filled:
            if seen[self._about(form)] > 1:
                form.add_error(None, _("Two rows are about the same. Keep one of them."))

    def _about(self, form: Any) -> tuple[Any, ...]:
        return tuple(form.cleaned_data.get(name) for name in self.about)


class IntervalRows(MatrixRows):
    about = ("before", "after")


class PrerequisiteRows(MatrixRows):
    about = ("treatment", "kind", "first")


Intervals = rows_of(
    IntervalForm,
    _("Days between two treatments"),
    [first_in_row("before", "after", "days"), "reason", "url"],
    base=IntervalRows,
    most=MOST,
)
Prerequisites = rows_of(
    PrerequisiteForm,
    _("What comes first"),
    [first_in_row("treatment", "kind", "first"), pair("lead_days", "valid_days"), "phototypes", "reason", "url"],
    base=PrerequisiteRows,
    most=MOST,
)
