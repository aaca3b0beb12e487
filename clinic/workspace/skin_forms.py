"""The forms of a clinician who looks at the skin: its type, the last sun, the grade of the scars."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Field, Fieldset, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from patients.forms.fields import DateOrField, PlainText
from patients.items import NEVER, Option
from patients.operations import Grading
from treatments.models import ScarWeight, ScarWeightsVersion

LONGEST_NOTE = 2000
MOST = 999  # scars, or square centimetres
GRADE, COUNT = "grade_", "count_"
COMPACT = "workspace/fields/compact.html"


class ConfirmForm(forms.Form):
    """The type as the clinician sees it; nothing is filled in, least of all what the patient answered."""

    type = forms.ChoiceField(
        label=_("Skin type as you see it"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the type that you see."), "invalid_choice": _("Choose one of the six types.")},
    )

    use_required_attribute = False

    def __init__(self, words: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind, f"{kind}: {said}") for kind, said in words.items()]
        self.fields["type"].choices = choices  # type: ignore[attr-defined]
        self.helper = helper(_now("Confirm this type"))


class SunForm(forms.Form):
    """The last strong sun as the patient tells it; a rough date counts as the last day that may be meant."""

    use_required_attribute = False

    def __init__(self, action: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last"] = DateOrField(
            (Option(NEVER, _now("Never")),),
            timezone.localdate(),
            label=_now("When did sun or a sunbed last tan or burn the area?"),
            help_text=_now("Ask at the visit. Month and year, or the year alone, count as the end of it."),
            error_messages={"required": _now("Enter a day, or choose “Never”.")},
        )
        self.helper = helper(_now("Keep this date"), action=action, css="btn-quiet")

    @property
    def last(self) -> date | None:
        value: str = self.cleaned_data["last"]
        return None if value == NEVER else date.fromisoformat(value)


class GradeForm(forms.Form):
    """A grade for each zone that was looked at, a note, and numbers to count where weights are in force."""

    use_required_attribute = False

    note = PlainText(
        label=_("Note"),
        help_text=_("For colleagues on the care team: light, view, what is worth knowing."),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(
        self,
        zones: Sequence[tuple[str, str]],
        grades: Iterable[tuple[int, str]],
        weights: ScarWeightsVersion | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.weights, choices = weights, [("", _now("not graded")), *grades]
        for code, name in zones:
            self.fields[f"{GRADE}{code}"] = _grade(name, choices)
        rows = list(weights.weights.all()) if weights else []
        for row in rows:
            self.fields[f"{COUNT}{row.code}"] = _number(row)
        if weights:
            self.fields["weights"] = forms.IntegerField(widget=forms.HiddenInput, initial=weights.pk, required=False)
        self.helper = helper(_now("Keep this grade"))
        self.helper.layout = _layout([code for code, _name in zones], rows)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        zones = [name for name in self.fields if name.startswith(GRADE)]
        if not any(cleaned.get(name) or self.has_error(name) for name in zones):
            self.add_error(zones[0], _now("Grade at least one zone."))
        return cleaned

    def with_weights_in_force(self) -> None:
        """What was typed stays; sent again, it is counted with the weights that the page shows now."""
        if self.weights:
            self.data = {name: self.data.get(name, "") for name in self.data} | {"weights": str(self.weights.pk)}

    @property
    def grading(self) -> Grading:
        said = self.cleaned_data
        return Grading(
            zones={name.removeprefix(GRADE): int(v) for name, v in said.items() if name.startswith(GRADE) and v},
            note=said["note"],
            weights=said.get("weights"),
            counts={name.removeprefix(COUNT): v for name, v in said.items() if name.startswith(COUNT) and v},
        )


def _grade(name: str, choices: list[tuple[Any, str]]) -> forms.ChoiceField:
    words = {"invalid_choice": _now("Choose one of the four grades.")}
    return forms.ChoiceField(label=name, choices=choices, required=False, error_messages=words)


def _number(row: ScarWeight) -> forms.IntegerField:
    words = _now("Enter a whole number from 0 to %(most)s.") % {"most": MOST}
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), words)
    label = f"{row.name} ({row.get_unit_display()})"
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST, error_messages=errors)


def _layout(zones: list[str], rows: list[ScarWeight]) -> Layout:
    by_zone = Fieldset(
        _now("Zone by zone"), *(Field(f"{GRADE}{code}", template=COMPACT) for code in zones), css_class="grade-grid"
    )
    if not rows:
        return Layout(by_zone, "note")
    said = _now("Leave empty what is not there. The total is reckoned when you save.")
    explained = HTML(f'<p class="form-text wide">{said}</p>')
    numbers = (Field(f"{COUNT}{row.code}", template=COMPACT) for row in rows)
    counted = Fieldset(_now("Counted"), explained, *numbers, css_class="grade-grid")
    return Layout(by_zone, counted, "weights", "note")
