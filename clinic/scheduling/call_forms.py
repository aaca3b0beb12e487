"""The form of a patient who would like to be called."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from clinic.scheduling.models import CallBack, Location
from patients.forms.details import telephone
from patients.forms.fields import PlainText


class CallForm(forms.Form):
    """From which location, under which number, and when it suits best."""

    use_required_attribute = False

    phone = PlainText(
        label=_("Your number"),
        max_length=40,
        validators=[telephone],
        error_messages={"required": _("Enter a telephone number.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    when = forms.ChoiceField(
        label=_("Best time"),
        choices=CallBack.When.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose an answer."), "invalid_choice": _("Please choose one of the answers.")},
    )

    def __init__(self, places: list[Location], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = forms.ChoiceField(label=_("Who calls"), choices=[(p.slug, p.name) for p in places])
        if len(places) == 1:
            self.fields["place"].widget = forms.HiddenInput()
        self.order_fields(["place", "phone", "when"])
        self.helper = helper(str(_("Please call me")))
