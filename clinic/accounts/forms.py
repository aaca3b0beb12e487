"""Signing in: an address, the code that was sent to it, and for who wants it a code from an app."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.accounts import operations
from clinic.accounts.typed import Typed


def helper(button: str | Promise) -> FormHelper:
    """A form helper with one button; the page around the form says where it is sent."""
    made = FormHelper()
    made.form_show_errors = True
    made.attrs = {"novalidate": "", "data-once": ""}
    made.add_input(Submit("", button, css_class="btn-primary"))
    return made


class TypedForm(forms.Form):
    """What was typed before, out of sight, to be sent once more where it was meant to go."""

    def __init__(self, kept: Typed) -> None:
        super().__init__(auto_id=False)
        for name, values in kept.fields.items():
            self.fields[name] = forms.Field(initial=values, widget=forms.MultipleHiddenInput)
        self.helper = helper(_("Go on with what I typed"))
        self.helper.form_action = kept.path


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


def ask_for_app_code(form: forms.Form, button: str | Promise) -> None:
    """Label, hints for the keyboard, and one button."""
    field = form.fields["code"]
    field.label = _("The code from the app")
    field.error_messages |= {"required": _("Write the code that the app shows.")}
    field.widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric", "placeholder": ""})
    form.helper = helper(button)  # type: ignore[attr-defined]


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_app_code(self, _("Sign in"))
        self.fields["code"].widget.attrs["inputmode"] = "text"  # recovery codes work too


class SecondStepAgainForm(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_app_code(self, _("Go on"))
        self.fields["code"].widget.attrs["inputmode"] = "text"


class SetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_app_code(self, _("Switch it on"))


class SwitchOffForm(DeactivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Switch it off"))


class NewCodesForm(GenerateRecoveryCodesForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("Make new codes"))
