"""One picture of one view, taken at once or chosen from files."""

from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.models import View
from patients.pictures.refusals import NothingInIt, TooLarge

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.utils.datastructures import MultiValueDict

    Sent = UploadedFile[bytes]

KINDS = "image/jpeg,image/png"  # asked for these two, an iPhone hands over a JPEG instead of its HEIC


class PictureInput(forms.FileInput):
    """Two ways to the same field: on a phone its camera, and everywhere a file. The first that holds something counts."""

    template_name = "patients/widgets/picture.html"
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: "MultiValueDict[str, Sent]", name: str) -> "Sent | None":
        return next(iter(files.getlist(name)), None)

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""  # each way has a label of its own

    def use_required_attribute(self, initial: Any) -> bool:
        return False  # one of the two is enough


class PhotoForm(forms.Form):
    """The page paints it, with the summary of errors on top.

    `camera` is the one that a phone opens: "user" looks at whoever holds it, "environment" away from them.
    """

    view = forms.ChoiceField(label=_("View"), choices=View)
    picture = forms.FileField(
        label=_("Picture"),
        widget=PictureInput,
        error_messages={"required": _("Take a picture, or choose a file."), "empty": NothingInIt.words},
    )

    def __init__(self, *args: Any, camera: str = "environment", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].widget.attrs |= {"accept": KINDS, "capture": camera}

    def clean_picture(self) -> "Sent":
        sent: Sent = self.cleaned_data["picture"]
        if (sent.size or 0) > settings.PHOTO_BYTES:  # it was not even kept while it came in
            raise ValidationError(str(TooLarge()), code="too_large")
        return sent

    @property
    def content(self) -> bytes:
        content: bytes = self.cleaned_data["picture"].read()
        return content


class OwnPhotoForm(PhotoForm):
    """On a page with a form for each view: the view is settled."""

    def __init__(self, view: View, *args: Any, **kwargs: Any) -> None:
        self.of = view
        super().__init__(*args, auto_id=f"{view}_%s", initial={"view": view}, camera="user", **kwargs)
        self.fields["view"].widget = forms.HiddenInput()
        self.fields["picture"].label = _("New picture: %(view)s") % {"view": view.label}


class TakeBackForm(forms.Form):
    """Nothing but a button."""

    def __init__(self, button: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"data-once": ""}
        self.helper.add_input(Submit("", button, css_class="btn-danger"))
