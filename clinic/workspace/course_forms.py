"""The forms of a course: what is wished, and the plan that is booked."""

from datetime import datetime
from typing import Any, cast

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import ANYBODY, KeyedForm, helper, instant_of
from clinic.scheduling.models import Hours, Location, Resource
from clinic.scheduling.queries.planning import Session, Wishes
from clinic.scheduling.words import moment_words
from clinic.workspace.forms import LONGEST_REASON
from treatments.models import Treatment, TreatmentVersion

PARTS = (1, 2, 3)
MOST = 8  # sessions of one part
ORDINALS = {1: _("First"), 2: _("Then"), 3: _("After that")}


class CourseForm(forms.Form):
    """What, how often, where, from when on, and what would suit."""

    patient = forms.UUIDField(widget=forms.HiddenInput)
    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays that suit"),
        choices=Hours.Weekday,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: any day."),
    )
    from_time = forms.TimeField(
        label=_("Not before"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    to_time = forms.TimeField(
        label=_("Not after"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(
        self, versions: list[TreatmentVersion], places: list[Location], people: list[Resource], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.treatments = {str(version.treatment_id): version.treatment for version in versions}
        what = [(str(version.treatment_id), version.name) for version in versions]
        for part in PARTS:
            nothing = [] if part == 1 else [("", _("nothing more"))]
            self.fields[f"what_{part}"] = forms.ChoiceField(
                label=ORDINALS[part], choices=[*nothing, *what], required=part == 1
            )
            self.fields[f"times_{part}"] = forms.IntegerField(
                label=_("Sessions"), min_value=1, max_value=MOST, required=part == 1
            )
        where = [(place.slug, place.name) for place in places]
        whom = [(ANYBODY, _("Anybody who is free")), *((str(person.pk), person.name) for person in people)]
        self.fields["place"] = forms.ChoiceField(label=_("Where"), choices=where)
        self.fields["who"] = forms.ChoiceField(label=_("With"), choices=whom, required=False)
        self.helper = helper(str(_("Show the plan")), method="get", css="btn-quiet")
        rows = [Div(f"what_{part}", f"times_{part}", css_class="pair") for part in PARTS]
        days = Div("weekdays", css_class="chips")
        wishes = Fieldset(str(_("What would suit")), days, Div("from_time", "to_time", css_class="pair"), "who")
        self.helper.layout = Layout("patient", *rows, Div("place", "first", css_class="pair"), wishes)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        early, late = given.get("from_time"), given.get("to_time")
        if early and late and early >= late:
            self.add_error("to_time", _("Write a time that is later than “not before”."))
        for part in PARTS[1:]:
            if given.get(f"what_{part}") and not given.get(f"times_{part}") and f"times_{part}" not in self.errors:
                self.add_error(f"times_{part}", _("Write how many sessions."))
        return given

    @property
    def sessions(self) -> list[Treatment]:
        """The treatments in their order, one for each session."""
        given = self.cleaned_data
        parts = [(self.treatments[given[f"what_{n}"]], given[f"times_{n}"] or 0) for n in PARTS if given[f"what_{n}"]]
        return [treatment for treatment, times in parts for _once in range(times)]

    def with_first(self, treatment: int) -> str:
        """The same wishes with one session of `treatment` in front, as a query; "" when there is no room for it."""
        if self.cleaned_data[f"what_{PARTS[-1]}"]:
            return ""
        asked = cast(QueryDict, self.data).copy()
        for part in reversed(PARTS[1:]):
            for name in ("what", "times"):
                asked[f"{name}_{part}"] = asked.get(f"{name}_{part - 1}", "")
        asked["what_1"], asked["times_1"] = str(treatment), "1"
        return str(asked.urlencode())

    @property
    def wishes(self) -> Wishes:
        given = self.cleaned_data
        who = int(given["who"]) if given["who"] else None
        return Wishes(given["first"], tuple(given["weekdays"]), given["from_time"], given["to_time"], who)


class PlanForm(KeyedForm):
    """The sessions with their times, each of which can be another one or be left open."""

    override = forms.CharField(
        label=_("Book it all the same, because"),
        help_text=_("Kept with the history of each visit."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, sessions: list[Session], place: Location, *args: Any, may_override: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [f"start_{n}" for n in range(len(sessions))]
        for name, session in zip(names, sessions, strict=True):
            self.fields[name] = StartField(session, place, self.data.get(name, ""))
        if not may_override:
            del self.fields["override"]
        self.helper = helper(str(_("Book all of it")))
        self.helper.layout = Layout("key", *names, *(["override"] if may_override else []))

    @property
    def starts(self) -> list[datetime | None]:
        given = self.cleaned_data
        return [given[name] for name in self.fields if name.startswith("start_")]


class StartField(forms.TypedChoiceField):
    """When a session is: the proposed time, one of those around it, one that was chosen before, or none yet."""

    def __init__(self, session: Session, place: Location, chosen: str) -> None:
        starts = {start.isoformat(): start for start in session.choices}
        before = instant_of(chosen)
        if before:
            starts.setdefault(chosen, before)
        times = [(text, moment_words(start, place.tz)) for text, start in sorted(starts.items(), key=lambda s: s[1])]
        super().__init__(
            choices=[*times, ("", _("Plan this session later"))],
            coerce=instant_of,
            empty_value=None,
            required=False,
            initial=session.start.isoformat() if session.start else "",
            label="",
            widget=forms.Select(attrs={"class": "form-select"}),
        )
