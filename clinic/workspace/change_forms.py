"""The forms for another time, another end, another room."""

from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import ANYBODY, ChoiceForm, helper
from clinic.scheduling.models import Appointment, Location, Resource
from clinic.workspace.forms import LONGEST_REASON


class LookForm(forms.Form):
    """Where, with whom, on which day to look for another time."""

    use_required_attribute = False

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, places: list[Location], people: list[Resource], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = [(place.slug, place.name) for place in places]
        whom = [(ANYBODY, _("Anybody who is free")), *((str(person.pk), person.name) for person in people)]
        self.fields["place"] = forms.ChoiceField(label=_("Where"), choices=where)
        self.fields["who"] = forms.ChoiceField(label=_("With"), choices=whom)
        self.order_fields(["place", "who", "day"])
        self.helper = helper(str(_("Show times")), method="get", css="btn-quiet")


class StaffChangeForm(ChoiceForm):
    """The new time. `override` is there for those who may pass over rest days, rules, hours and closures."""

    reason = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_REASON)
    override = forms.CharField(
        label=_("Change it all the same, because"),
        help_text=_("Passes over rest days, answers, hours and closed time; never over another visit."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, explain: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].widget = forms.HiddenInput()
        self.fields["place"].required = self.fields["key"].required = False  # the address of a look has no key
        if not explain:
            del self.fields["override"]
        self.helper = helper(str(_("Change to this time")))

    @property
    def asked_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()


class AdjustForm(forms.Form):
    """When it ends, in the location's own time, and where it goes on."""

    use_required_attribute = False

    ends = forms.TimeField(label=_("The patient leaves at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    reason = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_REASON)

    def __init__(self, visit: Appointment, rooms: list[Resource], *args: Any, **kwargs: Any) -> None:
        self.visit = visit
        leaves = visit.during.upper.astimezone(visit.location.tz)
        super().__init__(*args, **{"initial": {"ends": leaves.time()}, **kwargs})
        choices = [("", _("as it is")), *((str(room.pk), room.name) for room in rooms)]
        self.fields["room"] = forms.ChoiceField(label=_("Goes on in"), choices=choices, required=False)
        self.order_fields(["ends", "room", "reason"])
        self.helper = helper(str(_("Save")))

    @property
    def until(self) -> datetime | None:
        """None where the end stays as it is."""
        ends: time = self.cleaned_data["ends"]
        leaves = self.visit.during.upper.astimezone(self.visit.location.tz)
        until = datetime.combine(leaves.date(), ends, tzinfo=self.visit.location.tz)
        return None if until == leaves else until

    @property
    def room(self) -> int | None:
        return int(self.cleaned_data["room"]) if self.cleaned_data["room"] else None
