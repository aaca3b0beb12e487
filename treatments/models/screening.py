"""What is asked before a treatment, and what an answer means for the booking. Administrative, never a diagnosis."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from treatments.versions import Version, constraints


class Window(models.TextChoices):
    """How long an answer counts."""

    ONCE = "once", _("until it changes")
    YEARLY = "yearly", _("asked again after a year")
    EACH_SESSION = "each_session", _("asked for each session")
    WITHIN_7D = "within_7d", _("asked in the week before a visit")
    WITHIN_48H = "within_48h", _("asked in the two days before a visit")


class QuestionnaireVersion(Version):
    """All questions; each patient sees those of the chosen treatment. `pages` is [{"code", "title"}] in order."""

    children: ClassVar[tuple[str, ...]] = ("questions",)
    needs_approval: ClassVar[bool] = True

    pages: "models.JSONField[Any, Any]" = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        permissions = [
            ("read_clinical", "Read questions, rules and intervals, drafts included"),
            ("edit_screening", "Draft questions, rules and intervals"),
            ("approve_clinical", "Approve clinical content before it is published"),
        ]
        constraints = constraints("questionnaire_version")

    def __str__(self) -> str:
        return _("Questions %(number)s") % {"number": self.number or _("draft")}


class Question(models.Model):
    class Kind(models.TextChoices):
        YES_NO_UNSURE = "yes_no_unsure", _("yes, no or not sure")
        CHOICE = "choice", _("one of several")
        DATE_OR_NEVER = "date_or_never", _("a date, or never")
        TEXT = "text", _("text")

    version = models.ForeignKey(QuestionnaireVersion, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    code = models.SlugField()
    page = models.SlugField()
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=400)
    help = models.CharField(max_length=600, blank=True)
    window = models.CharField(max_length=20, choices=Window, default=Window.ONCE)
    treatments = ArrayField(models.SlugField(), help_text=_("codes of the treatments before which it is asked"))
    optional = models.BooleanField(default=False, help_text=_("“I'd rather not say” is an answer"))
    allow_now = models.BooleanField(default=False, help_text=_("“now” is an answer: the day of answering counts"))
    staff_only = models.BooleanField(default=False)
    options: "models.JSONField[Any, Any]" = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="question_position_once"),
            models.UniqueConstraint(fields=["version", "code"], name="question_code_once"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_options_display(self) -> str:
        return "\n".join(f"{option['code']} | {option['label']}" for option in self.options)


class RulesVersion(Version):
    """One state of all screening rules; stored with each evaluation by its number."""

    children: ClassVar[tuple[str, ...]] = ("rules",)
    needs_approval: ClassVar[bool] = True

    class Meta:
        default_permissions = ()
        constraints = constraints("rules_version")

    def __str__(self) -> str:
        return _("Rules %(number)s") % {"number": self.number or _("draft")}


class Rule(models.Model):
    """When `when` holds, the booking is treated as `tier` says. `when` is one predicate of a closed list:

    {"answer": question, "in": [codes]} · {"date": question, "wait": {"value", "unit"}, "overrides": {treatment: wait}} ·
    {"fact": "age", "between": [from, to]} · {"fact": "confirmed_phototype", "in": [types or "unconfirmed"]}
    """

    class Tier(models.TextChoices):
        BLOCK = "block", _("talk to us first")
        BLOCK_UNTIL = "block_until", _("earliest date")
        FLAG = "flag", _("a clinician looks first")
        PREP = "prep", _("preparation")
        INFO = "info", _("advice")

    version = models.ForeignKey(RulesVersion, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    code = models.SlugField()
    origin = models.SlugField(help_text=_("the rule of the clinical data that it comes from"))
    tier = models.CharField(max_length=20, choices=Tier)
    when: "models.JSONField[Any, Any]" = models.JSONField()
    treatments = ArrayField(models.SlugField())
    consultation_instead = models.BooleanField(default=True)
    jurisdiction = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    patient_text = models.TextField()
    staff_text = models.TextField(blank=True)
    adds = models.SlugField(blank=True, help_text=_("a treatment that is booked in front"))
    satisfied_by = models.SlugField(blank=True)
    confidence = models.CharField(max_length=10, blank=True)
    sources: "models.JSONField[Any, Any]" = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="rule_position_once"),
            models.UniqueConstraint(fields=["version", "code"], name="rule_code_once"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def question(self) -> str:
        """The code of the question that the rule reads; "" for a rule about a fact."""
        return str(self.when.get("answer") or self.when.get("date") or "")

    def get_when_display(self) -> str:
        """The predicate in the words of colleagues."""
        match self.when:
            case {"answer": question, "in": codes}:
                return _("%(question)s is %(codes)s") % {"question": question, "codes": ", ".join(codes)}
            case {"date": question, "wait": wait, **rest}:
                waits = self.when["overrides"].items() if rest else ()
                own = "; ".join(f"{code}: {wait_words(other)}" for code, other in waits)
                said = _("less than %(wait)s since %(question)s") % {"question": question, "wait": wait_words(wait)}
                return f"{said} ({own})" if own else said
            case {"fact": "age", "between": [youngest, oldest]}:
                return _("aged %(youngest)s to %(oldest)s") % {"youngest": youngest, "oldest": oldest}
            case {"fact": "confirmed_phototype", "in": types}:
                return _("confirmed skin type %(types)s") % {"types": ", ".join(types)}
        return str(self.when)

    def get_sources_display(self) -> str:
        return "\n".join(f"{source['title']} | {source['url']}".strip(" |") for source in self.sources)


def wait_words(wait: Mapping[str, Any]) -> str:
    """“6 months”, of {"value": 6, "unit": "month"}."""
    number = int(wait["value"])
    units = {
        "day": ngettext("%(number)d day", "%(number)d days", number),
        "week": ngettext("%(number)d week", "%(number)d weeks", number),
        "month": ngettext("%(number)d month", "%(number)d months", number),
    }
    return units[wait["unit"]] % {"number": number}
