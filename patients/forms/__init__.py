"""What patients type: their details, pages of answers, and what they agree to."""

from patients.forms.consent import PurposeForm, ReadForm, SignForm, WithdrawForm
from patients.forms.details import ContactsForm, DetailsForm
from patients.forms.questions import PageForm

__all__ = ["ContactsForm", "DetailsForm", "PageForm", "PurposeForm", "ReadForm", "SignForm", "WithdrawForm"]
