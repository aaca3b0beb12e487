"""Reads as the pages need them: versions with their children, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from django.db import connection
from django.db.models import F, Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from treatments.models import (
    ConcernVersion,
    ConsentVersion,
    IntervalsVersion,
    Question,
    QuestionnaireVersion,
    RulesVersion,
    Treatment,
    TreatmentVersion,
)
from treatments.policies import misfits
from treatments.versions import Version

AnyVersion = TypeVar("AnyVersion", bound=Version)
NAMED: dict[type[Version], tuple[str, ...]] = {  # the treatments that rows name
    IntervalsVersion: ("intervals__before", "intervals__after", "prerequisites__treatment", "prerequisites__first")
}
SCARS = Path(__file__).parent / "knowledge" / "scars.yaml"


def live_treatments() -> QuerySet[TreatmentVersion]:
    """The version in force of each treatment that is not retired, in the clinic's order."""
    now = timezone.now()
    live = TreatmentVersion.objects.live(now).values("pk")
    shown = TreatmentVersion.objects.filter(pk__in=live).exclude(treatment__retired_at__lte=now)
    return shown.select_related("treatment").order_by("treatment__position", "treatment_id")


def comparable_treatments() -> QuerySet[TreatmentVersion]:
    """The live treatments that can stand beside each other: procedures, not talks or test patches."""
    return live_treatments().filter(treatment__kind=Treatment.Kind.PROCEDURE)


def live_concerns() -> QuerySet[ConcernVersion]:
    live = ConcernVersion.objects.live(timezone.now()).values("pk")
    return ConcernVersion.objects.filter(pk__in=live).select_related("concern").order_by("concern__position")


def whole(versions: QuerySet[AnyVersion]) -> QuerySet[AnyVersion]:
    """The same versions with all their children: one query more for each kind of child."""
    model = versions.model
    found = versions.select_related(model.subject) if model.subject else versions
    return found.prefetch_related(*model.children, *NAMED.get(model, ()))


@dataclass(frozen=True)
class Help:
    """What a concern's page says of one treatment, beside what the treatment says of itself."""

    text: str
    treatment: TreatmentVersion


def what_may_help(concern: ConcernVersion) -> list[Help]:
    """The concern's treatments in its own order. Drafts and retired treatments are left out."""
    live = {version.treatment_id: version for version in live_treatments()}
    links = [(link, live.get(link.treatment_id)) for link in concern.treatments.all()]
    return [Help(link.text, version) for link, version in links if version]


@cache
def scar_types() -> list[dict[str, Any]]:
    """The shapes of acne scars: code, name, patient_text and the name of a drawing each."""
    types: list[dict[str, Any]] = yaml.safe_load(SCARS.read_text())["types"]
    return types


@dataclass(frozen=True)
class Entry:
    """One line of the editors' list: what is public, and what is being changed."""

    subject: Model
    live: Version | None
    draft: Version | None

    @property
    def name(self) -> str:
        return str(self.draft or self.live or self.subject)


def entries(model: type[Version]) -> list[Entry]:
    """Every subject of `model` in the clinic's order, retired ones and mere drafts included. Three queries."""
    key = f"{model.subject}_id"
    live = {getattr(version, key): version for version in model.objects.live(timezone.now())}
    drafts = {getattr(version, key): version for version in model.objects.drafts()}
    subjects = cast(type[Model], model._meta.get_field(model.subject).related_model)._default_manager.all()
    return [Entry(subject, live.get(subject.pk), drafts.get(subject.pk)) for subject in subjects]


def in_force(model: type[AnyVersion], now: datetime) -> AnyVersion | None:
    """The version in force of something that there is one of, with its children; None when none is published. One query."""
    pk = model.objects.live(now).values_list("pk", flat=True).first()
    return published(model, pk) if pk else None


def consent_in_force(treatment: int, now: datetime) -> ConsentVersion | None:
    """The consent text of a treatment (its id) that counts at `now`, with its references; None where none is published."""
    pk = ConsentVersion.objects.filter(treatment=treatment).live(now).values_list("pk", flat=True).first()
    return published(ConsentVersion, pk) if pk else None


def published(model: type[AnyVersion], pk: int) -> AnyVersion:
    """The published version with this id and its children. They never change, so each process reads them once."""
    return cast(AnyVersion, _published(model, connection.settings_dict["NAME"], pk))


@lru_cache(maxsize=128)
def _published(model: type[Version], database: str, pk: int) -> Version:
    """`database` is only there to tell versions of two databases apart."""
    found: Version = model._default_manager.prefetch_related(*model.children).get(pk=pk)
    return found


def versions_of(model: type[AnyVersion], slug: str = "") -> QuerySet[AnyVersion]:
    """All versions of one treatment or concern, or of what there is one of; drafts first, then the newest number."""
    of_one = {f"{model.subject}__slug": slug} if model.subject else {}
    found = model._default_manager.filter(**of_one).select_related("published_by", "approved_by")
    return whole(found).order_by(F("number").desc(nulls_first=True))


def live_version(model: type[AnyVersion], slug: str) -> AnyVersion | None:
    """What the public reads of one treatment or concern, or None."""
    live: AnyVersion | None = whole(model.objects.filter(**{f"{model.subject}__slug": slug}).live(timezone.now())).first()
    return live


def treatments_with_names() -> QuerySet[Treatment]:
    """Every treatment with `name`, that of its newest version, draft or not."""
    newest = TreatmentVersion.objects.filter(treatment=OuterRef("pk")).order_by("-pk")
    return Treatment.objects.annotate(name=Subquery(newest.values("name")[:1]))


def clinical_versions(model: type[AnyVersion], now: datetime) -> tuple[AnyVersion | None, AnyVersion | None]:
    """The version in force and the draft of something that there is one of: questions, rules, intervals."""
    people = ("approved_by", "published_by")
    versions = model.objects
    live, drafts = (whole(found.select_related(*people)) for found in (versions.live(now), versions.drafts()))
    return live.first(), drafts.first()


def published_question(code: str) -> Question | None:
    """The question that was last published under a code, in force or not."""
    return Question.objects.filter(code=code, version__published_at__isnull=False).order_by("-version__number").first()


def readers_of(version: Version, code: str, now: datetime) -> list[str]:
    """The codes of the rules, of their draft or else in force, that read a question of `version`; none for other rows."""
    if not isinstance(version, QuestionnaireVersion):
        return []
    live, draft = clinical_versions(RulesVersion, now)
    rules = draft or live
    return [rule.code for rule in rules.rules.all() if rule.question == code] if rules else []


def misfits_of(draft: Version, now: datetime) -> list[str]:
    """Where a draft of the rules, or of the questions, contradicts what is in force of the other; a sentence each."""
    asked = draft if isinstance(draft, QuestionnaireVersion) else None
    rules = draft if isinstance(draft, RulesVersion) else None
    if asked is None and rules is None:
        return []
    asked, rules = asked or in_force(QuestionnaireVersion, now), rules or in_force(RulesVersion, now)
    if asked is None or rules is None:
        return []
    return misfits(rules.rules.all(), {question.code: question for question in asked.questions.all()})
