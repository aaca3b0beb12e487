"""What patients type: their details, and pages of answers."""

from patients.forms.details import ADULT, ContactsForm, DetailsForm
from patients.forms.questions import PageForm

__all__ = ["ADULT", "ContactsForm", "DetailsForm", "PageForm"]
