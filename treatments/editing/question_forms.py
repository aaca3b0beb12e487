"""The form of one question."""

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from treatments import queries
from treatments.editing.forms import pair
from treatments.editing.lines import PairsField
from treatments.editing.row_forms import RowPageForm
from treatments.models import Question
from treatments.policies import answers_of, misfit


class QuestionForm(RowPageForm):
    """What is asked, how, before what, and for how long the answer counts."""

    WHERE: ClassVar = {"question": "kind", "codes": "options", "treatments": "treatments"}  # a rule no longer fits

    page = forms.ChoiceField(label=_("Page"))
    options = PairsField(
        ("code", "label"),
        label=_("Answers to choose from"),
        required=False,
        help_text=_("Only for “one of several”. One a line: code | words, such as: unsure | I'm not sure"),
    )

    class Meta:
        model = Question
        fields = [
            *("page", "kind", "text", "help", "options", "window", "treatments"),
            *("optional", "allow_now", "staff_only"),
        ]
        labels = {
            "kind": _("Kind of answer"),
            "text": _("Question"),
            "help": _("Help"),
            "window": _("The answer counts"),
            "optional": _("May be left open"),
            "allow_now": _("“Now” is an answer"),
            "staff_only": _("What the answer means is for staff only"),
        }
        help_texts = {"allow_now": _("Only for a date: the day of answering counts.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 2}), "help": forms.Textarea}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("page", self.around.pages)

    @property
    def helper(self) -> FormHelper:
        return self.draw(
            *("text", "help"),
            pair("kind", "window"),
            *("options", "treatments"),
            *("optional", "allow_now", "staff_only"),
            "page",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, options = cleaned.get("kind"), cleaned.get("options")
        if kind == Question.Kind.CHOICE and options is not None and len(options) < 2:
            self.refuse("options", _("Write at least two answers, one a line."))
        if kind != Question.Kind.CHOICE and options:
            self.refuse("options", _("Leave this empty, or choose “one of several” above."))
        if kind != Question.Kind.DATE_OR_NEVER and cleaned.get("allow_now"):
            self.refuse("allow_now", _("Only a date can be “now”."))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own step: from here on the instance says what was typed
        if not self.errors:
            self._keeps_its_answers()
            self._fits_the_rules()

    def _keeps_its_answers(self) -> None:
        """What was answered under this code must still be understood."""
        before = queries.published_question(self.row_code)
        if before is None:
            return
        if before.kind != self.instance.kind:
            words = _("Answers are kept under “%(code)s” as %(kind)s. Ask in another way under a new code.")
            self.refuse("kind", words, code=self.row_code, kind=before.get_kind_display())
        elif lost := sorted(set(answers_of(before)) - set(answers_of(self.instance))):
            words = _("Answers are kept under these codes: %(codes)s. Change their words, or ask under a new code.")
            where = "options" if before.kind == Question.Kind.CHOICE and lost != ["prefer_not"] else "optional"
            self.refuse("allow_now" if lost == ["now"] else where, words, codes=", ".join(lost))

    def _fits_the_rules(self) -> None:
        for rule in self.around.readers(self.row_code):
            if found := misfit(rule, self.instance):
                self.refuse(self.WHERE[found.where], found.words)
