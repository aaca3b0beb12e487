"""What patients type and send: their details, pages of answers, pictures."""

from patients.forms.details import ContactsForm, DetailsForm
from patients.forms.photos import OwnPhotoForm, PhotoForm, TakeBackForm
from patients.forms.questions import PageForm

__all__ = ["ContactsForm", "DetailsForm", "OwnPhotoForm", "PageForm", "PhotoForm", "TakeBackForm"]
