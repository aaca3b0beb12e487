"""Why a record is opened in an emergency."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from clinic.workspace.forms import LONGEST_REASON
from patients.forms.fields import no_control_characters


class EmergencyForm(forms.Form):
    reason = forms.CharField(
        label=_("What has happened?"),
        help_text=_("Kept sealed. The owner reads it, and may tell the patient."),
        error_messages={"required": _("Write what has happened.")},
        max_length=LONGEST_REASON,
        validators=[no_control_characters],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(str(_("Open the record")), css="btn-danger")

    def ask_again_who(self) -> None:
        """What was typed stays on the page while one says once more who one is."""
        self.add_error(None, _("It is a while since you said that it is you. Say so again, then send this once more."))
