"""The forms at the end of a consent text, and those that take a consent back."""

from typing import Any, Self

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.forms.fields import PlainText
from patients.models import PurposeConsent

END = "end-of-text"  # the id of the mark behind the last word; the script opens the button when it was seen
LONGEST_NAME = 120
LONGEST_REASON = 500


def _helper(button: str | Promise, css: str = "btn-primary", **attrs: str) -> FormHelper:
    made = FormHelper()
    made.attrs = {"novalidate": "", "data-once": "", **attrs}
    made.add_input(Submit("", str(button), css_class=css))
    return made


class ReadForm(forms.Form):
    """“I have read this”, about exactly the text that was shown."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # the hash of the text above the form

    button: str | Promise = _("I have read this")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(self.button, **{"data-after": END})

    def once_more(self, seen: str, refusal: str) -> Self:
        """The same under the text as it is now, with what was typed, and why it came back."""
        again = type(self)({name: self.data[name] for name in self.data} | {"seen": seen})
        again.add_error(None, refusal)
        return again


class SignForm(ReadForm):
    """The patient's signature: the name, typed."""

    name = PlainText(
        label=_("Your full name"),
        help_text=_("Typing it and pressing the button is your signature."),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Write your full name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    button = _("I agree, and sign")


class WithdrawForm(forms.Form):
    reason = PlainText(
        label=_("Would you like to tell us why?"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(_("Withdraw this consent"), css="btn-danger")


class PurposeForm(forms.Form):
    """One purpose, yes or no: what a button of the page sends."""

    purpose = forms.ChoiceField(choices=PurposeConsent.Purpose, widget=forms.HiddenInput)
    given = forms.ChoiceField(choices=[("yes", _("yes")), ("no", _("no"))], widget=forms.HiddenInput)
