"""What is edited of clinical content beside its rows."""

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from treatments.editing.forms import ContentForm, sheet
from treatments.editing.lines import PairsField
from treatments.models import QuestionnaireVersion


class PagesForm(ContentForm):
    """The pages of the questionnaire, in their order."""

    pages = PairsField(
        ("code", "title"),
        label=_("Pages, in their order"),
        help_text=_("One a line: code | title, such as: your_health | Your health"),
    )

    class Meta:
        model = QuestionnaireVersion
        fields: ClassVar = ["pages"]

    @property
    def helper(self) -> FormHelper:
        return sheet("pages")

    def clean_pages(self) -> list[dict[str, Any]]:
        """A page with questions stays: they would be asked nowhere."""
        pages: list[dict[str, Any]] = self.cleaned_data["pages"]
        kept, asked = {page["code"] for page in pages}, getattr(self.version, "questions", None)
        lost = sorted({question.page for question in asked.all()} - kept) if asked else []
        if lost:
            words = _("There are questions on these pages: %(codes)s. Move the questions first.")
            raise forms.ValidationError(words, params={"codes": ", ".join(lost)})
        return pages
