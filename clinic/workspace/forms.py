"""The forms of the staff pages."""

from datetime import date
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import ANYBODY, ChoiceForm, helper
from clinic.scheduling.models import Location, Resource
from clinic.scheduling.policies.moves import MOVES, Move
from patients.forms import DetailsForm
from treatments.models import TreatmentVersion

PAGES = ("today", "visit", "review")
LONGEST_REASON = 500


class PageForm(forms.Form):
    """The page whose button it was, so that the answer comes there. One for all the cards: no ids."""

    page = forms.ChoiceField(choices=[(page, page) for page in PAGES], widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": False, **kwargs})


class MoveForm(PageForm):
    """A move of the table, as a button of a card sends it."""

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in MOVES], widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=LONGEST_REASON)


class ReasonForm(MoveForm):
    """The same on a page of its own, for a move that is asked about first."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept with the visit's history."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, move: Move, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "id_%s", **kwargs})
        self.fields["reason"].required = move.reason
        self.helper = helper(str(move.label), css="btn-danger")


class DayForm(forms.Form):
    """Which day, and where."""

    use_required_attribute = False  # an empty day is today

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, places: list[Location], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = [(place.slug, place.name) for place in places]
        self.fields["place"] = forms.ChoiceField(label=_("Location"), choices=where)
        self.order_fields(["place", "day"])
        self.helper = helper(str(_("Show")), method="get", css="btn-quiet")


class FindForm(forms.Form):
    """One box for whatever the caller says."""

    use_required_attribute = False

    q = forms.CharField(
        label=_("Find the patient"),
        help_text=_("Name, telephone, e-mail address or date of birth, in any order."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )
    place = forms.CharField(widget=forms.HiddenInput, required=False)  # both only handed on
    day = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(str(_("Find")), method="get")


class RegisterForm(DetailsForm):
    """A patient who telephones. `sure` is asked for only when somebody alike is there already."""

    email = forms.EmailField(label=_("E-mail address"), required=False, help_text=_("Without one no letters are sent."))
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    button = _("Register and go on")
    field_order = ["given_name", "family_name", "birth_date", "phone", "email"]
    tokens = dict.fromkeys(["given_name", "family_name", "phone", "email"], "off")  # not the receptionist's own

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = ""  # spoken to patients

    def asking_again(self) -> "RegisterForm":
        """What was typed, with a button that says that it is somebody else."""
        again = RegisterForm({name: self.data[name] for name in self.data} | {"sure": "on"})
        again.helper.inputs[0].value = str(_("It is somebody else: register"))
        return again


class WishForm(forms.Form):
    """What, where, with whom, on which day. Whatever cannot be read falls back to the first choice."""

    use_required_attribute = False  # “anybody” is an empty value, and a choice

    patient = forms.UUIDField(widget=forms.HiddenInput)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(
        self,
        versions: list[TreatmentVersion],
        places: list[Location],
        people: list[Resource],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        what = [(str(version.treatment_id), version.name) for version in versions]
        where = [(place.slug, place.name) for place in places]
        whom = [(ANYBODY, _("Anybody who is free")), *((str(person.pk), person.name) for person in people)]
        self.fields["treatment"] = forms.ChoiceField(label=_("Treatment"), choices=what)
        self.fields["place"] = forms.ChoiceField(label=_("Where"), choices=where)
        self.fields["who"] = forms.ChoiceField(label=_("With"), choices=whom)
        self.order_fields(["treatment", "place", "who", "day"])
        self.helper = helper(str(_("Show times")), method="get", css="btn-quiet")


class BookForm(ChoiceForm):
    """The one request that books. `start` is the value of whichever button is pressed."""

    patient = forms.UUIDField(widget=forms.HiddenInput)
    treatment = forms.IntegerField(widget=forms.HiddenInput)
    day = forms.DateField(widget=forms.HiddenInput, required=False)
    override = forms.CharField(
        label=_("Book it all the same, because"),
        help_text=_("Kept with the visit's history."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    use_required_attribute = False  # the nearest times need no reason

    def __init__(self, *args: Any, may_override: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "book_%s", **kwargs})
        if not may_override:
            del self.fields["override"]

    @property
    def reason(self) -> str:
        """Why it is to be booked all the same, or "" where nobody is asked."""
        return str(self["override"].value() or "").strip() if "override" in self.fields else ""

    def shown(self, *, asking: bool) -> Self:
        """As the page shows it: with the question why, or without."""
        if not asking:
            self.fields.pop("override", None)
        for name in self.fields.keys() & {"override"}:
            self.fields[name].required = True  # so the page does not call it optional
        return self

    def miss_reason(self) -> None:
        """Say so where the page asked why and nothing was written."""
        if "override" in self.fields and "override" in self.data and not self.reason:
            self.add_error("override", _("Write why, so that colleagues understand"))


def read_day(text: str, otherwise: date) -> date:
    """An ISO date of this age, or `otherwise`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 2000 <= day.year < 2200 else otherwise
