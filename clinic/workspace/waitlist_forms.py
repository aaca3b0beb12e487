"""The forms of the waitlist that only staff use."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.waiting_forms import WishesForm


class StaffWishesForm(WishesForm):
    """What a patient says on the telephone, and what colleagues should know."""

    note = forms.CharField(label=_("Note for colleagues"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout.append("note")
        self.named(str(_("Put on the waitlist")))
