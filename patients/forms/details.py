"""Who somebody is. Visits can be booked from the age that the setting `ADULT_AGE` says."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.forms.fields import DayField, DayWidget, PlainText
from patients.models import Patient

telephone = RegexValidator(
    r"^\+?[\d\s()./-]{6,40}$", _("Enter a telephone number, such as 020 7946 0000 or +44 20 7946 0000.")
)


class ContactsForm(forms.Form):
    """Name and telephone; what a person may change at any time."""

    given_name = PlainText(
        label=_("First name"),
        max_length=80,
        error_messages={"required": _("Enter your first name.")},
    )
    family_name = PlainText(
        label=_("Last name"),
        max_length=80,
        error_messages={"required": _("Enter your last name.")},
    )
    phone = PlainText(
        label=_("Telephone"),
        max_length=40,
        validators=[telephone],
        error_messages={"required": _("Enter a telephone number.")},
        help_text=_("In case we have to reach you about a visit. We never mention your treatment to anybody else."),
    )

    button: str | Promise = _("Save")
    tokens = {"given_name": "given-name", "family_name": "family-name", "phone": "tel"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, token in self.tokens.items():
            self.fields[name].widget.attrs["autocomplete"] = token
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": "", "data-once": ""}
        self.helper.add_input(Submit("", str(self.button), css_class="btn-primary"))


class DetailsForm(ContactsForm):
    """All that a new patient is asked once."""

    birth_date = DayField(
        label=_("Date of birth"),
        help_text=_("For example 27 3 1990"),
        widget=DayWidget(autocomplete="bday"),
        error_messages={"required": _("Enter your date of birth.")},
    )

    button = _("Save and go on")
    field_order = ["given_name", "family_name", "birth_date", "phone"]

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if born > today:
            raise ValidationError(_("This day is still to come. Check day, month and year."), code="future")
        if born.year <= 1900:
            raise ValidationError(_("Check the year of your birth."), code="past")
        if Patient(birth_date=born).age_on(today) < settings.ADULT_AGE:
            words = _(
                "Visits can be booked from the age of %(age)s. Correct the date if it is wrong. If you, or a parent or "
                "guardian, would like to talk, please call us; our numbers are under “Where we are”."
            )
            raise ValidationError(words, code="under_age", params={"age": settings.ADULT_AGE})
        return born
