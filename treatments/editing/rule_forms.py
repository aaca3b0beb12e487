"""The form of one rule: when it holds, what it does, and what is said."""

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from treatments.editing.forms import pair
from treatments.editing.layout import Folded
from treatments.editing.lines import CodesField, PairsField, SourcesField, boxes
from treatments.editing.row_forms import RowPageForm
from treatments.models import Rule
from treatments.policies import answers_of, forbidden_in, misfit

UNITS = [("day", _("days")), ("week", _("weeks")), ("month", _("months"))]
LONGEST_WAIT = {"day": 3650, "week": 520, "month": 120}
TYPES = [*((name, name) for name in ("I", "II", "III", "IV", "V", "VI")), ("unconfirmed", _("not confirmed yet"))]


class RuleForm(RowPageForm):
    """When the rule holds, what it does to a booking, and what is said."""

    ABOUT: ClassVar = {
        "answer": (_("an answer"), {"question", "codes"}),
        "date": (_("the time since a day"), {"question", "wait_value", "wait_unit", "overrides"}),
        "age": (_("the age"), {"youngest", "oldest"}),
        "phototype": (_("the confirmed skin type"), {"types"}),
    }
    MAY_BE_EMPTY: ClassVar = {"overrides", "wait_unit"}

    about = forms.ChoiceField(label=_("The rule looks at"))
    question = forms.ChoiceField(label=_("Question"), required=False)
    codes = CodesField(label=_("Holds for the answers"), required=False)
    wait_value = forms.IntegerField(label=_("Wait"), required=False, min_value=1)
    wait_unit = forms.ChoiceField(label=_("Counted in"), required=False, choices=UNITS)
    overrides = PairsField(
        ("treatment", "wait"),
        label=_("Another wait before single treatments"),
        required=False,
        help_text=_("One a line: treatment | number unit, such as: afl | 12 months"),
    )
    youngest = forms.IntegerField(label=_("From the age of"), required=False, min_value=0, max_value=150)
    oldest = forms.IntegerField(label=_("Up to the age of"), required=False, min_value=0, max_value=150)
    types = boxes(_("Skin types"), TYPES, required=False)
    jurisdiction = CodesField(
        label=_("Only where this law holds"),
        required=False,
        help_text=_("Such as: US, GB-SCT. Empty: everywhere."),
    )
    confidence = forms.ChoiceField(
        label=_("How sure the sources are"),
        required=False,
        choices=[("", _("not said")), ("high", _("high")), ("medium", _("medium")), ("low", _("low"))],
    )
    adds = forms.ChoiceField(label=_("Booked in front"), required=False)
    satisfied_by = forms.ChoiceField(label=_("A booking in front answers it"), required=False)
    sources = SourcesField(label=_("Sources"), required=False, help_text=_("One a line: title | https://…"))

    class Meta:
        model = Rule
        fields = [
            *("tier", "treatments", "patient_text", "staff_text", "consultation_instead", "adds", "satisfied_by"),
            *("jurisdiction", "confidence", "sources"),
        ]
        labels = {
            "tier": _("What it does"),
            "patient_text": _("The patient reads"),
            "staff_text": _("Staff read"),
            "consultation_instead": _("A consultation may be booked instead"),
        }
        help_texts = {
            "patient_text": _("What happens to the booking, never a verdict. {date} stands for the earliest day."),
        }
        widgets = {"patient_text": forms.Textarea, "staff_text": forms.Textarea}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("about", [(code, words) for code, (words, _names) in self.ABOUT.items()])
        asked = [(code, f"{code}: {question.text[:60]}") for code, question in self.around.known.items()]
        self._choose("question", [("", _("none")), *asked])
        for name in ("adds", "satisfied_by"):
            self._choose(name, [("", _("nothing")), *self.around.treatments])
        if isinstance(self.stored, Rule):
            self.initial.update(_as_fields(self.stored.when))
        read = self.around.known.get(str(self.initial.get("question", "")))
        self.fields["codes"].help_text = _list(answers_of(read)) if read else _("Codes with commas between them.")

    @property
    def helper(self) -> FormHelper:
        return self.draw(
            Fieldset(
                str(_("When it holds")),
                "about",
                HTML(f'<p class="form-text measure">{_("Fill in what belongs to that, and leave the rest empty.")}</p>'),
                "question",
                self._fold("answer", "codes"),
                self._fold("date", pair("wait_value", "wait_unit"), "overrides"),
                self._fold("age", pair("youngest", "oldest")),
                self._fold("phototype", "types"),
            ),
            Fieldset(
                str(_("What follows")),
                "tier",
                "treatments",
                "consultation_instead",
                pair("adds", "satisfied_by"),
                "jurisdiction",
            ),
            Fieldset(str(_("What is said")), "patient_text", "staff_text", pair("confidence"), Field("sources")),
        )

    def _fold(self, about: str, *fields: Any) -> Folded:
        """What belongs to another predicate than the row's stays out of sight, unless something is wrong there."""
        words, names = self.ABOUT[about]
        is_open = self.stored is None or self["about"].value() == about or bool(names & self.errors.keys())
        return Folded(_("If it looks at %(about)s") % {"about": words}, *fields, is_open=is_open)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._only_what_belongs(cleaned)
        self._in_order(cleaned)
        self._said_well(cleaned)
        if not self.errors:
            self.instance.when = _as_predicate(cleaned)
        return cleaned

    def clean_jurisdiction(self) -> list[str]:
        places: list[str] = self.cleaned_data["jurisdiction"]
        for place in places:
            country, _bar, part = place.partition("-")
            if not (len(country) == 2 and place.isascii() and place.isupper() and len(part) <= 3):
                raise forms.ValidationError(_("“%(place)s” is no such place: write US, or GB-SCT."), params={"place": place})
        return places

    def clean_overrides(self) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self.cleaned_data["overrides"]
        known = dict(self.around.treatments)
        for row in rows:
            wait = _wait_of(row["wait"])
            if row["treatment"] not in known or wait is None or wait["value"] > LONGEST_WAIT[wait["unit"]]:
                words = _("“%(line)s” is no “treatment | number unit”. Treatments are: %(codes)s.")
                raise forms.ValidationError(words, params={"line": " | ".join(row.values()), "codes": ", ".join(known)})
        return rows

    def _only_what_belongs(self, cleaned: dict[str, Any]) -> None:
        about = cleaned.get("about")
        words, wanted = self.ABOUT.get(str(about), ("", set()))
        for name in {name for _words, names in self.ABOUT.values() for name in names} if words else ():
            empty = cleaned.get(name) in (None, "", [])
            if name in wanted - self.MAY_BE_EMPTY and empty:
                self.refuse(name, _("Fill this in: the rule looks at %(about)s."), about=words)
            elif name not in wanted and name != "wait_unit" and not empty:
                self.refuse(name, _("Leave this empty: the rule looks at %(about)s."), about=words)

    def _in_order(self, cleaned: dict[str, Any]) -> None:
        youngest, oldest, value = (cleaned.get(name) for name in ("youngest", "oldest", "wait_value"))
        if youngest is not None and oldest is not None and youngest > oldest:
            self.refuse("oldest", _("This must not be less than %(number)s, where it starts."), number=youngest)
        longest = LONGEST_WAIT.get(cleaned.get("wait_unit") or "day", 0)
        if value is not None and value > longest:
            self.refuse("wait_value", _("Keep this to %(number)s at most."), number=longest)
        strangers = {row["treatment"] for row in cleaned.get("overrides") or ()} - set(cleaned.get("treatments") or ())
        if strangers and "treatments" in cleaned:
            said = ", ".join(sorted(strangers))
            self.refuse("overrides", _("The rule is not about these treatments: %(codes)s."), codes=said)

    def _said_well(self, cleaned: dict[str, Any]) -> None:
        text, tier = cleaned.get("patient_text") or "", cleaned.get("tier")
        if words := forbidden_in(text):
            said = _("Patients never read “%(found)s”: say what happens to the booking, not what they are or should do.")
            self.refuse("patient_text", said, found=words)
        if tier == Rule.Tier.BLOCK_UNTIL and cleaned.get("about") not in (None, "date"):
            self.refuse("tier", _("An earliest date needs a rule about the time since a day."))
        if tier == Rule.Tier.BLOCK_UNTIL and text and "{date}" not in text:
            self.refuse("patient_text", _("Say the earliest day: write {date} where it belongs."))
        if tier and tier != Rule.Tier.BLOCK_UNTIL and "{date}" in text:
            self.refuse("patient_text", _("Only a rule with an earliest date knows a {date}."))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own step: from here on the instance says what was typed
        if self.errors:
            return
        self.instance.code = self.row_code
        self.instance.origin = self.instance.origin or self.row_code
        if found := misfit(self.instance, self.around.known.get(self.instance.question)):
            self.refuse(found.where, found.words)


def _as_fields(when: dict[str, Any]) -> dict[str, Any]:
    """A predicate as the form shows it."""
    match when:
        case {"answer": question, "in": codes}:
            return {"about": "answer", "question": question, "codes": codes}
        case {"date": question, "wait": wait, **rest}:
            own = [
                {"treatment": code, "wait": f"{w['value']} {w['unit']}s"} for code, w in rest.get("overrides", {}).items()
            ]
            shown = {"wait_value": wait["value"], "wait_unit": wait["unit"], "overrides": own}
            return {"about": "date", "question": question, **shown}
        case {"fact": "age", "between": [youngest, oldest]}:
            return {"about": "age", "youngest": youngest, "oldest": oldest}
    return {"about": "phototype", "types": when["in"]}


def _as_predicate(cleaned: dict[str, Any]) -> dict[str, Any]:
    """And back; one of the closed list of `Rule`."""
    match cleaned["about"]:
        case "answer":
            return {"answer": cleaned["question"], "in": cleaned["codes"]}
        case "date":
            wait = {"value": cleaned["wait_value"], "unit": cleaned["wait_unit"] or "day"}
            own = {row["treatment"]: _wait_of(row["wait"]) for row in cleaned["overrides"]}
            return {"date": cleaned["question"], "wait": wait} | ({"overrides": own} if own else {})
        case "age":
            return {"fact": "age", "between": [cleaned["youngest"], cleaned["oldest"]]}
    return {"fact": "confirmed_phototype", "in": cleaned["types"]}


def _wait_of(text: str) -> dict[str, Any] | None:
    """“6 months” as {"value": 6, "unit": "month"}; None when it is none."""
    number, _space, unit = text.strip().partition(" ")
    unit = unit.strip().removesuffix("s")
    if not (number.isascii() and number.isdigit() and len(number) < 5 and int(number) and unit in LONGEST_WAIT):
        return None
    return {"value": int(number), "unit": unit}


def _list(answers: dict[str, str]) -> str:
    return "; ".join(f"{code} ({words})" for code, words in answers.items())
