"""The form that tells what came of a call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.forms import helper
from clinic.scheduling.models import CallBack
from clinic.workspace.forms import LONGEST_REASON


class CalledForm(forms.Form):
    """Whether somebody was reached. `tries` is how often nobody had been when the page was made."""

    outcome = forms.ChoiceField(
        label=_("The call"),
        choices=[("reached", _("We have spoken")), ("missed", _("Nobody was reached: we call again later"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you have spoken."), "invalid_choice": _("Say whether you have spoken.")},
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For colleagues. Nothing about health."),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tries = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, call: CallBack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"tries": call.tries}, **kwargs})
        self.helper = helper(str(_("Keep this")))

    @property
    def reached(self) -> bool:
        return bool(self.cleaned_data["outcome"] == "reached")
