"""The forms of the review: a decision with its words, a question to the patient, standing in for a colleague."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crispy_forms.layout import HTML, Layout
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from clinic.scheduling.models import AnswerRequest, Resource
from clinic.scheduling.words import day_words
from clinic.workspace.forms import LONGEST_REASON, MoveForm
from patients.items import Item

WORDS = {  # verb: what the text is called, who reads it, the button, its colour
    "acknowledge": (_("Note"), _("For colleagues who review; reception does not see it."), _("Acknowledge"), "btn-primary"),
    "override": (
        _("Reason"),
        _("For colleagues who review. Neither reception nor the patient sees it."),
        _("Confirm all the same"),
        "btn-danger",
    ),
    "decline": (
        _("Note to the patient"),
        _("Read behind signing in, beside the way to a consultation. Say what you would like to talk about."),
        _("End this visit"),
        "btn-danger",
    ),
}

MISSING = {
    "override": _("Write why you confirm it all the same."),
    "decline": _("Write to the patient what you would like to talk about."),
}


class DecisionForm(MoveForm):
    """What a clinician decides who has looked at the answers. `visit` is where it is sent to."""

    def __init__(self, verb: str, visit: UUID, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{verb}_%s", "initial": {"verb": verb, "page": "review"}, **kwargs})
        label, help_text, button, css = WORDS[verb]
        self.name = verb
        self.fields["reason"] = forms.CharField(
            label=label,
            help_text=help_text,
            required=verb != "acknowledge",
            max_length=LONGEST_REASON,
            error_messages={"required": MISSING.get(verb, "")},
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.helper = helper(str(button), action=reverse("workspace:move", args=[visit]), css=css)


class AskForm(forms.Form):
    """Which questions the patient answers once more, with a note. `instead_of`: what is being asked already."""

    name = "ask"

    fired = forms.MultipleChoiceField(
        label=_("Questions whose answers are to be looked at"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = forms.MultipleChoiceField(
        label=_("Other questions before this visit"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=_("Note to the patient"),
        help_text=_("Read behind signing in. The letter says only that there is a question."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    instead_of = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, visit: UUID, items: Sequence[Item], fired: Collection[str], asked: AnswerRequest | None, data: Any = None
    ) -> None:
        super().__init__(data, auto_id="ask_%s", initial={"instead_of": asked.pk if asked else None})
        choices = {
            is_fired: [(i.code, i.text) for i in items if (i.code in fired) == is_fired] for is_fired in (True, False)
        }
        for name, is_fired in (("fired", True), ("others", False)):
            self.fields[name].choices = choices[is_fired]  # type: ignore[attr-defined]
            if not choices[is_fired]:
                del self.fields[name]
        button = _("Ask this instead") if asked else _("Ask the patient")
        self.helper = helper(str(button), action=reverse("workspace:ask", args=[visit]))
        self.helper.layout = Layout(*self._folded(), "note", "instead_of")

    def _folded(self) -> list[Any]:
        """The other questions are many: they stay behind a line, unless they are all there is."""
        if "fired" not in self.fields:
            return ["others"]
        if "others" not in self.fields:
            return ["fired"]
        opened = " open" if self.is_bound and self.data.get("others") else ""
        line = _("Other questions before this visit")
        return ["fired", HTML(f'<details class="mb-3"{opened}><summary>{line}</summary>'), "others", HTML("</details>")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not self.questions:
            self.add_error(next(iter(self.fields)), _("Choose at least one question."))
        return given

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(code for name in ("fired", "others") for code in self.cleaned_data.get(name, []))


class CoverForm(forms.Form):
    """For whom, and until which day. `today` is where the reader is."""

    use_required_attribute = False

    def __init__(
        self, people: Sequence[Resource], away: dict[int, datetime], today: date, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"auto_id": "cover_%s", **kwargs})
        self.today = today
        self.fields["practitioner"] = forms.TypedChoiceField(
            label=_("For"), coerce=int, choices=[(person.pk, _with_absence(person, away)) for person in people]
        )
        self.fields["until"] = forms.DateField(
            label=_("Until, this day included"),
            initial=today + timedelta(days=7),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )
        self.helper = helper(str(_("Stand in")), action=reverse("workspace:cover"), css="btn-quiet")

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if not self.today <= until < self.today + settings.COVER_LONGEST:
            days = {"days": settings.COVER_LONGEST.days}
            raise forms.ValidationError(_("Choose a day that is still to come, at most %(days)d days ahead.") % days)
        return until


def _with_absence(person: Resource, away: dict[int, datetime]) -> str:
    if person.pk not in away:
        return person.name
    return str(_("%(name)s (away until %(day)s)") % {"name": person.name, "day": day_words(away[person.pk].date())})
