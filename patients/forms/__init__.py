"""What patients type and send: their details, pages of answers, pictures, and what they agree to."""

from patients.forms.consent import PurposeForm, ReadForm, SignForm, WithdrawForm
from patients.forms.details import ContactsForm, DetailsForm
from patients.forms.photos import OwnPhotoForm, PhotoForm, TakeBackForm
from patients.forms.questions import PageForm
from patients.forms.repeat import CHANGED, RepeatForm

__all__ = [
    "CHANGED",
    "ContactsForm",
    "DetailsForm",
    "OwnPhotoForm",
    "PageForm",
    "PhotoForm",
    "PurposeForm",
    "ReadForm",
    "RepeatForm",
    "SignForm",
    "TakeBackForm",
    "WithdrawForm",
]
