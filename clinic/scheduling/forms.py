"""The forms of the booking journey. The browser sends what, where, when; end, price and resources are the server's."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID, uuid4

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.models import Appointment, Location, Offer, Resource
from clinic.scheduling.operations import Change
from clinic.scheduling.queries.courses import Shift
from clinic.scheduling.queries.front import Pick

ANYBODY = ""


def helper(button: str = "", *, method: str = "post", css: str = "btn-primary", action: str = "") -> FormHelper:
    """A form helper with one button; an empty `button` leaves the form's tag and buttons to the page."""
    made = FormHelper()
    made.form_method, made.form_action = method, action
    made.form_tag = bool(button)
    made.disable_csrf = not button
    if method == "post":
        made.attrs = {"novalidate": "", "data-once": ""}
    if button:
        made.add_input(Submit("", button, css_class=css))
    return made


def instant_of(text: str) -> datetime | None:
    """An aware instant of this age, or None. Without an offset it may not exist, or exist twice."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo is not None and date(2000, 1, 1) < start.date() < date(2200, 1, 1) else None


class KeyedForm(forms.Form):
    """A form that is one request however often it is sent: its key was made when the page was."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4

    @property
    def asked_key(self) -> UUID:
        key: UUID = self.cleaned_data["key"]
        return key


class TimesFilter(forms.Form):
    """Where, with whom, and which day to look at. Whatever cannot be read falls back to the first choice."""

    use_required_attribute = False  # “anybody” is an empty value, and a choice

    day = forms.DateField(widget=forms.HiddenInput, required=False)

    def __init__(self, places: list[Location], people: list[Resource], page: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = [(place.slug, place.name) for place in places]
        whom = [(ANYBODY, _("Anybody who is free")), *((str(person.pk), person.name) for person in people)]
        self.fields["place"] = forms.ChoiceField(label=_("Where"), choices=where)
        self.fields["who"] = forms.ChoiceField(label=_("With"), choices=whom)
        self.order_fields(["place", "who", "day"])
        self.helper = helper(str(_("Show times")), method="get", css="btn-quiet", action=page)


class MonthFilter(TimesFilter):
    """The same for a month."""

    month = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["day"]
        self.helper = helper(str(_("Show the month")), method="get", css="btn-quiet")


class ChoiceForm(KeyedForm):
    """A time that was chosen: one of the buttons of the page."""

    place = forms.SlugField(widget=forms.HiddenInput)
    who = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)
    start = forms.CharField(max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper()
        self.helper.layout = Layout("key", "place", "who")  # `start` is the button that is pressed

    def clean_start(self) -> datetime:
        """An aware instant. Wall-clock times without an offset are refused: they may not exist, or exist twice."""
        start = instant_of(self.cleaned_data["start"])
        if start is None:
            raise forms.ValidationError(_("Please choose one of the times shown."))
        return start


class ChangeForm(ChoiceForm):
    """The new time of a visit, after a look at old and new."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = False  # the page that asks has none
        self.fields["start"].widget = forms.HiddenInput()
        self.helper = helper(str(_("Change to this time")))

    @property
    def asked_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()


class ShiftForm(KeyedForm):
    """The new times of a course's sessions, as they were proposed."""

    def __init__(self, positions: list[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for position in positions:
            self.fields[f"start_{position}"] = forms.TypedChoiceField(
                choices=[(text, text) for text in [self._given(position)] if text],
                coerce=instant_of,
                widget=forms.HiddenInput,
            )
        self.positions = positions
        self.helper = helper(str(_("Move all of these")))
        self.helper.layout = Layout("key", *(Field(f"start_{position}") for position in positions))

    @classmethod
    def of(cls, shifts: Sequence[Shift]) -> Self:
        """The form that sends `shifts`, each of which has a start."""
        starts = {f"start_{shift.position}": shift.start.isoformat() for shift in shifts if shift.start}
        return cls([shift.position for shift in shifts], initial=starts)

    @property
    def starts(self) -> dict[int, datetime]:
        """{position in the course: the proposed start}."""
        return {position: self.cleaned_data[f"start_{position}"] for position in self.positions}

    def changes(self, moving: Mapping[int, Appointment]) -> list[Change]:
        """For those of `moving` ({position: visit}) that do not stay."""
        return [Change(moving[at].pk, start) for at, start in self.starts.items() if start != moving[at].during.lower]

    def _given(self, position: int) -> str:
        text = str(self.data.get(f"start_{position}") or self.initial.get(f"start_{position}", ""))
        return text if instant_of(text) else ""


class AcceptForm(KeyedForm):
    """“Yes, that time”: the hold that the page showed."""

    hold = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(str(_("Yes, take this time")))


def pick_of(token: str) -> Pick | None:
    """“start/practitioner” of an address; None for what cannot be read."""
    text, _slash, who = token.partition("/")
    start = instant_of(text)
    return Pick(start, int(who) if who.isascii() and who.isdigit() and len(who) < 10 else None) if start else None


class ChosenForm(ChoiceForm):
    """A time for one of several visits; `chosen`: those of the others."""

    chosen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].required = False
        self.helper.layout = Layout("place", "who", "chosen")


class FrontFilter(TimesFilter):
    chosen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)


class FrontForm(KeyedForm):
    """The one request that books all of them."""

    place = forms.SlugField(widget=forms.HiddenInput)
    chosen = forms.CharField(widget=forms.HiddenInput, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(str(_("Book all of them")))


class ConfirmForm(KeyedForm):
    hold = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(str(_("Book this visit")))


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Would you like to tell us why?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, visit: Appointment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visit = visit
        self.helper = helper(str(_("Cancel the visit")), css="btn-danger")


class PriceForm(forms.Form):
    """A new price for one offer, in whole units with up to two decimals."""

    use_required_attribute = False

    price = forms.DecimalField(
        min_value=Decimal(0),
        max_value=Decimal(100_000),
        decimal_places=2,
        error_messages={"required": _("Write the new price."), "invalid": _("Write a price such as 180 or 179.50.")},
    )

    def __init__(self, offer: Offer, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id=f"id_{offer.pk}_%s")
        self.offer = offer
        self.fields["offer"] = forms.IntegerField(widget=forms.HiddenInput, initial=offer.pk)
        self.fields["price"].label = _("New price in %(currency)s") % {"currency": offer.currency}
        self.fields["price"].widget.attrs["inputmode"] = "decimal"
        self.helper = helper(str(_("Set the price")), css="btn-quiet")

    @property
    def price_minor(self) -> int:
        """In hundredths of the currency's unit."""
        return int(self.cleaned_data["price"] * 100)
