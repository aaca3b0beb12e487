"""The forms behind every word of the public pages. Rows are added, removed and put in order without a script."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Field, Layout, Row
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from treatments import queries
from treatments.editing.lines import has_control_characters
from treatments.models import (
    ConcernReference,
    ConcernTreatment,
    ConcernVersion,
    Reference,
    SideEffect,
    Step,
    TreatmentVersion,
)
from treatments.versions import Version

LONGEST_TEXT = 6_000
WHOLE_PASSAGES = {"effects", "how_it_works", "who_it_suits", "darker_skin", "sensitive_skin", "preparation", "aftercare"}
WHOLE_PASSAGES |= {"what_they_are", "why_they_come"}
MOST_ROWS = 20


class ContentForm(forms.ModelForm):  # type: ignore[type-arg]  # one base for all models of the catalogue
    """Texts with plain line ends, so that an untouched field is equal to what is stored.

    `version` is what stands there, for forms that look at its rows.
    """

    version: Version | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 9 if name in WHOLE_PASSAGES else 3

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str):
                cleaned[name] = value.replace("\r\n", "\n").replace("\r", "\n")
                if len(cleaned[name]) > LONGEST_TEXT:
                    self.add_error(name, _("Please keep this under %(number)s characters.") % {"number": LONGEST_TEXT})
                elif has_control_characters(value):
                    self.add_error(name, _("Some characters cannot be kept. Please type the text again."))
        return cleaned


def sheet(*layout: Any) -> FormHelper:
    """How a form is drawn inside the one <form> of the page, whose error summary stands on top."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.template = "editing/fields.html"
    helper.layout = Layout(*layout)
    return helper


def _heading(words: str | Promise) -> HTML:
    return HTML(f"<h2>{words}</h2>")


def pair(*names: str) -> Row:
    return Row(*(Column(Field(name), css_class="col-lg") for name in names))


class TreatmentForm(ContentForm):
    """Everything that a treatment's page says, beside its rows."""

    RANGES: ClassVar = (
        ("sessions_min", "sessions_max"),
        ("interval_typical_from_days", "interval_typical_to_days"),
        ("downtime_min_days", "downtime_max_days"),
    )

    class Meta:
        model = TreatmentVersion
        fields = [
            *("name", "summary", "drawing", "effects", "how_it_works", "who_it_suits", "darker_skin", "sensitive_skin"),
            *("preparation", "aftercare", "cost", "invasiveness", "speed_of_results", "duration_of_results"),
            *("side_effects_summary", "downtime", "sessions_min", "sessions_max", "interval_min_days"),
            *("interval_typical_from_days", "interval_typical_to_days", "downtime_min_days", "downtime_max_days"),
        ]
        widgets = {"summary": forms.Textarea}

    @property
    def helper(self) -> FormHelper:
        return sheet(
            *("name", "summary", "drawing"),
            _heading(_("The page")),
            *("effects", "how_it_works", "who_it_suits"),
            pair("darker_skin", "sensitive_skin"),
            pair("preparation", "aftercare"),
            _heading(_("In short, and side by side")),
            pair("cost", "invasiveness"),
            pair("speed_of_results", "duration_of_results"),
            pair("side_effects_summary", "downtime"),
            _heading(_("Figures")),
            pair("sessions_min", "sessions_max"),
            pair("interval_min_days", "interval_typical_from_days", "interval_typical_to_days"),
            pair("downtime_min_days", "downtime_max_days"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for least, most in self.RANGES:
            low, high = cleaned.get(least), cleaned.get(most)
            if low is not None and high is not None and low > high:
                self.add_error(most, _("This must not be less than %(number)s, where it starts.") % {"number": low})
        return cleaned


class ConcernForm(ContentForm):
    """Everything that a concern's page says, beside its rows."""

    class Meta:
        model = ConcernVersion
        fields = ["name", "summary", "what_they_are", "why_they_come", "severity", "permanence"]
        widgets = {"summary": forms.Textarea}

    @property
    def helper(self) -> FormHelper:
        return sheet("name", "summary", "what_they_are", "why_they_come", pair("severity", "permanence"))


class RowForm(ContentForm):
    """One row of several. The smallest position comes first; rows without one come last."""

    position = forms.IntegerField(label=_("Place in the order"), required=False, min_value=0, max_value=1000)


class StepForm(RowForm):
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=480)

    class Meta:
        model = Step
        fields = ["position", "title", "text", "minutes", "practitioner", "room", "device_kind", "patient_present"]


class SideEffectForm(RowForm):
    class Meta:
        model = SideEffect
        fields = ["position", "name", "text", "permanence"]


class ReferenceForm(RowForm):
    url = forms.URLField(label=_("Address"), required=False, max_length=500, assume_scheme="https")

    class Meta:
        model = Reference
        fields = ["position", "title", "url"]


class ConcernReferenceForm(ReferenceForm):
    class Meta:
        model = ConcernReference
        fields = ["position", "title", "url"]


class _TreatmentChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name or obj.code)


def treatment_choice(label: str | Promise, *, required: bool = True) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    asked: dict[str, Any] = {"label": label, "required": required}
    return _TreatmentChoice(queries.treatments_with_names(), empty_label=_("Choose a treatment"), **asked)


class LinkForm(RowForm):
    treatment = treatment_choice(_("Treatment"))

    class Meta:
        model = ConcernTreatment
        fields = ["position", "treatment", "text"]


class Rows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Rows of one kind, with empty ones at the end."""

    title: ClassVar[str | Promise] = ""
    layout: ClassVar[tuple[Any, ...]] = ()

    @property
    def helper(self) -> FormHelper:
        helper = sheet(*self.layout)
        helper.template = "editing/rows.html"
        helper.render_unmentioned_fields = True  # the "delete" box, which only stored rows have
        return helper

    @property
    def kept(self) -> list[RowForm]:
        """The filled rows that stay, in the order asked for. For a valid formset."""
        filled = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return sorted(filled, key=lambda form: _place(form.cleaned_data["position"]))

    @property
    def values(self) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in form.cleaned_data.items() if name not in {"position", "DELETE"}}
            for form in self.kept
        ]


def _place(position: int | None) -> tuple[bool, int]:
    return position is None, position or 0


def rows_of(
    form: type[RowForm],
    title: str | Promise,
    layout: Iterable[Any],
    extra: int = 2,
    *,
    base: type[Rows] = Rows,
    most: int = MOST_ROWS,
) -> type[Rows]:
    made = forms.formset_factory(
        form,
        formset=type("Rows", (base,), {"title": title, "layout": tuple(layout)}),
        extra=extra,
        can_delete=True,
        can_delete_extra=False,
        max_num=most,
        validate_max=True,
        absolute_max=2 * most,
    )
    return cast(type[Rows], made)


def first_in_row(*names: str) -> Row:
    columns = [Column(Field(name), css_class="col-lg") for name in names]
    return Row(Column(Field("position"), css_class="col-lg-2"), *columns)


Steps = rows_of(
    StepForm,
    _("Steps of a session"),
    [first_in_row("title", "minutes"), "text", pair("practitioner", "room", "patient_present"), "device_kind"],
)
SideEffects = rows_of(SideEffectForm, _("Side effects"), [first_in_row("name", "permanence"), "text"])
References = rows_of(ReferenceForm, _("References"), [first_in_row("title", "url")])
Links = rows_of(LinkForm, _("What may help"), [first_in_row("treatment"), "text"])
ConcernReferences = rows_of(ConcernReferenceForm, _("References"), [first_in_row("title", "url")])


class WhyForm(forms.Form):
    """The one question before publishing."""

    why = forms.CharField(
        label=_("Why does this change?"),
        help_text=_("For the colleagues who read the history."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper
