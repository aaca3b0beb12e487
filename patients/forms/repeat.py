"""“Still the same?”: earlier answers, given anew with one button."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from patients.queries.intake import Page

CHANGED = _("Your answers have changed meanwhile. Please look at this page once more.")


class RepeatForm(forms.Form):
    """Says which earlier answers the page showed; valid only while they are still the newest ones."""

    KEY = "seen"

    seen = forms.CharField(widget=forms.HiddenInput, error_messages={"required": CHANGED})

    def __init__(self, page: Page, data: Any = None) -> None:
        super().__init__(data, initial={self.KEY: page.seen}, auto_id="repeat_%s")
        self.page = page
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_seen(self) -> str:
        seen: str = self.cleaned_data[self.KEY]
        if not self.page.asks_again or seen != self.page.seen:
            raise ValidationError(CHANGED)
        return seen
