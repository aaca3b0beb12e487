"""The two steps of signing in: an address, then the code that was sent to it."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.accounts import operations


def helper(button: str | Promise) -> FormHelper:
    """A form helper with one button; the page around the form says where it is sent."""
    made = FormHelper()
    made.form_show_errors = True
    made.attrs = {"novalidate": "", "data-once": ""}
    made.add_input(Submit("", button, css_class="btn-primary"))
    return made


class AddressForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth is untyped
    """Same words, same letter and same time for a known and an unknown address: an unknown one becomes an account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("Your e-mail address")
        field.help_text = _("We send you a six-digit code. There is no password to remember.")
        field.error_messages |= {
            "required": _("Write your e-mail address."),
            "invalid": _("Write a whole address, such as name@example.org."),
        }
        field.widget.attrs.update({"autocomplete": "email", "inputmode": "email", "placeholder": ""})
        self.helper = helper(_("Send me a code"))

    def clean_email(self) -> str:
        operations.ensure_account(self.cleaned_data["email"])
        return str(super().clean_email())


class CodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("The code from our letter")
        field.error_messages |= {"required": _("Write the code from our letter.")}
        field.widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric", "placeholder": ""})
        self.helper = helper(_("Go on"))
