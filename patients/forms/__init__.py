"""What patients type: their details, and pages of answers."""

from patients.forms.details import ContactsForm, DetailsForm
from patients.forms.questions import PageForm

__all__ = ["ContactsForm", "DetailsForm", "PageForm"]
