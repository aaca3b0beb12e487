"""The form behind a consent text."""

from typing import Any

from crispy_forms.helper import FormHelper
from django.utils.translation import gettext_lazy as _

from treatments.editing.forms import ContentForm, ReferenceForm, first_in_row, pair, rows_of, sheet
from treatments.models import ConsentReference, ConsentVersion
from treatments.models.consent import PASSAGES


class ConsentForm(ContentForm):
    """Every element that has to be talked about; none may be empty."""

    class Meta:
        model = ConsentVersion
        fields = ["title", *PASSAGES]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PASSAGES:
            self.fields[name].widget.attrs["rows"] = 7

    @property
    def helper(self) -> FormHelper:
        return sheet(
            *("title", "procedure"),
            pair("aims", "limits"),
            "alternatives",
            pair("common_risks", "serious_risks"),
            pair("sessions", "cost"),
            *("aftercare", "withdrawal"),
        )


class ConsentReferenceForm(ReferenceForm):
    class Meta:
        model = ConsentReference
        fields = ["position", "title", "url"]


ConsentReferences = rows_of(ConsentReferenceForm, _("References"), [first_in_row("title", "url")])
