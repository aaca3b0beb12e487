"""The forms for places: closed time, weekly hours, public holidays, limits."""

from datetime import date, datetime, time, timedelta
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from clinic.scheduling.models import BookingPolicy, Closure, Hours, Location, Resource
from clinic.scheduling.operations import Closing

DAY = timedelta(days=1)
KINDS = [(kind.value, kind.label) for kind in Closure.Kind if kind != Closure.Kind.HOLIDAY]
SPANS = (1, 2, 3)
DATE: dict[str, Any] = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
TIME: dict[str, Any] = {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), "required": False}


class ClosingForm(forms.Form):
    """What is closed, from which day to which, the whole of them or between two times, in the location's own time."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Why"), choices=KINDS)
    first = forms.DateField(label=_("From"), **DATE)
    last = forms.DateField(label=_("To, this day included"), **DATE)
    from_time = forms.TimeField(label=_("From, at"), help_text=_("Empty: the whole day."), **TIME)
    to_time = forms.TimeField(label=_("To, at"), **TIME)
    note = forms.CharField(label=_("Note for colleagues"), max_length=120, required=False)

    def __init__(self, place: Location, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        self.things = {str(thing.pk): thing for thing in things_at(place)}
        what = [("", _("All of %(place)s") % {"place": place.name}), *((pk, str(it)) for pk, it in self.things.items())]
        self.fields["what"] = forms.ChoiceField(label=_("What"), choices=what, required=False)
        self.order_fields(["what", "kind"])
        self.helper = helper(str(_("Close this time")))
        days = Div("first", "last", css_class="pair")
        self.helper.layout = Layout("what", "kind", days, Div("from_time", "to_time", css_class="pair"), "note")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not first <= last <= first + 366 * DAY:
            self.add_error("last", _("Choose a day that is not before the first, and at most a year after it."))
        elif first and last and bool(given.get("from_time")) != bool(given.get("to_time")):
            self.add_error("to_time", _("Write both times, or none for the whole day."))
        elif first and last and not self._begin() < self._end():
            self.add_error("to_time", _("Write a time that is later than the first."))
        return given

    def _begin(self) -> datetime:
        given = self.cleaned_data
        return datetime.combine(given["first"], given.get("from_time") or time(), tzinfo=self.place.tz)

    def _end(self) -> datetime:
        given = self.cleaned_data
        if given.get("to_time"):
            return datetime.combine(given["last"], given["to_time"], tzinfo=self.place.tz)
        return datetime.combine(given["last"] + DAY, time(), tzinfo=self.place.tz)

    @property
    def closing(self) -> Closing:
        given = self.cleaned_data
        thing = self.things.get(given["what"])
        place = None if thing else self.place
        return Closing(self._begin(), self._end(), place, thing, given["kind"], given["note"])


class WeekForm(forms.Form):
    """The hours of a week, up to three spans a day, and from when on they count."""

    use_required_attribute = False

    since = forms.DateField(label=_("From"), help_text=_("Earlier days keep their hours."), **DATE)
    until = forms.DateField(label=_("To, this day included"), required=False, help_text=_("Empty: for good."), **DATE)

    def __init__(self, rows: list[Hours], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in Hours.Weekday:
            there = [row for row in rows if row.weekday == day]
            for span in SPANS:
                row = there[span - 1] if span <= len(there) else None
                label = {"day": day.label, "n": span}
                for name, words in (("opens", _("%(day)s, span %(n)s, from")), ("closes", _("%(day)s, span %(n)s, to"))):
                    field = forms.TimeField(label=words % label, initial=getattr(row, name) if row else None, **TIME)
                    self.fields[f"{name}_{day}_{span}"] = field
        self.helper = helper(str(_("Save these hours")))

    @property
    def table(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """For the page: each weekday with its pairs of fields."""
        return [
            (str(day.label), [(self[f"opens_{day}_{span}"], self[f"closes_{day}_{span}"]) for span in SPANS])
            for day in Hours.Weekday
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", _("Choose a day that is not before the first."))
        for day in Hours.Weekday:
            for span in SPANS:
                if bool(given.get(f"opens_{day}_{span}")) != bool(given.get(f"closes_{day}_{span}")):
                    self.add_error(f"closes_{day}_{span}", _("Write both times, or none."))
        return given

    @property
    def week(self) -> dict[int, list[tuple[time, time]]]:
        given = self.cleaned_data
        pairs = {
            day: [(given[f"opens_{day}_{span}"], given[f"closes_{day}_{span}"]) for span in SPANS] for day in Hours.Weekday
        }
        return {int(day): [pair for pair in spans if pair[0]] for day, spans in pairs.items()}


class HolidaysForm(forms.Form):
    """The public holidays of the coming year: those that are ticked are closed."""

    days = forms.TypedMultipleChoiceField(
        label=_("Closed on"), coerce=date.fromisoformat, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, named: dict[date, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(day.isoformat(), f"{day:%A} {day.day} {day:%B %Y}: {name}") for day, name in sorted(named.items())]
        self.fields["days"].choices = words  # type: ignore[attr-defined]
        self.helper = helper(str(_("Save")))


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Limits for patients; what is left empty is taken from the next wider row."""

    class Meta:
        model = BookingPolicy
        fields = tuple(BookingPolicy.DEFAULTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grids = [("", _("as elsewhere")), *((n, str(n)) for n in (5, 10, 15, 20, 30, 60))]
        label = self.fields["grid_minutes"].label
        self.fields["grid_minutes"] = forms.TypedChoiceField(
            label=label, choices=grids, coerce=int, empty_value=None, required=False
        )
        for name, most in (("horizon_days", 365), ("open_visits", 100), ("changes_per_visit", 100)):
            self.fields[name].validators.extend(between(0 if name == "changes_per_visit" else 1, most))
        for name in ("notice_to_book_hours", "notice_to_change_hours", "notice_to_cancel_hours"):
            self.fields[name].validators.extend(between(0, 720))
        self.helper = helper(str(_("Save these limits")))


def between(least: int, most: int) -> list[Any]:
    from django.core.validators import MaxValueValidator, MinValueValidator  # only here

    return [MinValueValidator(least), MaxValueValidator(most)]


def things_at(place: Location) -> list[Resource]:
    """Whoever has hours there, then the rooms and devices."""
    people = Resource.objects.filter(kind=Resource.Kind.PRACTITIONER, active=True, hours__location=place).distinct()
    return [*people, *Resource.objects.filter(location=place, active=True).order_by("-kind", "name")]


def closed_words(closure: Closure) -> str:
    """“All of High Street” or the name of whom or what."""
    return str(closure.resource) if closure.resource else _now("All of %(place)s") % {"place": closure.location}
