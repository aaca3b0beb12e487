"""The PIN of a hand-over, made up and later typed again; and a withdrawal that the clinic is told of."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from patients.forms import WithdrawForm


class PinForm(forms.Form):
    pin = forms.RegexField(
        r"^[0-9]{4,6}$",
        label=_("A PIN for this hand-over"),
        help_text=_("Four to six digits. You type it when you take the tablet back."),
        max_length=6,
        error_messages={"required": _("Make up a PIN."), "invalid": _("Write four to six digits.")},
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    button = _("Hand the tablet over")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(str(self.button))


class TakeBackForm(PinForm):
    button = _("Take the tablet back")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pin"].label, self.fields["pin"].help_text = _("The PIN of this hand-over"), ""
        self.fields["pin"].error_messages |= {"required": _("Write the PIN.")}


class ToldForm(WithdrawForm):
    """The patient withdraws at the visit or on the telephone."""

    def __init__(self, *args: Any, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("What the patient says")
        self.helper.form_action = action
