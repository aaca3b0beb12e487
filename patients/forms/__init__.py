"""What patients type: their details, and pages of answers."""

from patients.forms.details import ContactsForm, DetailsForm
from patients.forms.questions import PageForm
from patients.forms.repeat import CHANGED, RepeatForm

__all__ = ["CHANGED", "ContactsForm", "DetailsForm", "PageForm", "RepeatForm"]
