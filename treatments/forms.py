"""The one question that the public pages ask: which two treatments to show side by side."""

from collections.abc import Mapping
from typing import Any, cast

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext_lazy as _

from treatments.models import TreatmentVersion

UNKNOWN = _("We do not offer this treatment. Please choose one from the list.")
SAME = _("Please choose two different treatments.")


class CompareForm(forms.Form):
    """Two of `treatments` (by slug). Sent by GET, so that a comparison has an address."""

    a = forms.ChoiceField(label=_("One treatment"), error_messages={"invalid_choice": UNKNOWN})
    b = forms.ChoiceField(label=_("Beside it"), error_messages={"invalid_choice": UNKNOWN})

    def __init__(self, treatments: Mapping[str, TreatmentVersion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            cast(forms.ChoiceField, field).choices = [(slug, version.name) for slug, version in treatments.items()]
        self.helper = FormHelper()
        self.helper.form_method = "get"
        self.helper.layout = Layout(
            Row(Column("a", css_class="col-sm-6"), Column("b", css_class="col-sm-6")),
            StrictButton(_("Compare"), type="submit", css_class="btn-primary"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("a") and cleaned.get("a") == cleaned.get("b"):
            self.add_error("b", forms.ValidationError(SAME, code="same"))
        return cleaned

    @property
    def names_unknown(self) -> bool:
        """Whether the address asks for a treatment that is not there."""
        return any(self.has_error(name, "invalid_choice") for name in ("a", "b"))
