"""What patients see of their own record: their answers in words, bother over time, and who opened it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth import get_user_model
from django.db.models import F
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from patients import instruments
from patients.instruments import Sheet
from patients.items import Item, from_question
from patients.models import Answer, Patient, Phototype, ScarAssessment, TrailEntry
from patients.queries.answers import confirmed_phototype, latest
from treatments.models import QuestionnaireVersion

OPENINGS = 200


@dataclass(frozen=True)
class Said:
    question: str
    answer: str
    on: date


@dataclass(frozen=True)
class Group:
    """Answers that were asked on one page."""

    title: str
    said: list[Said]


@dataclass(frozen=True)
class SkinType:
    words: str
    is_confirmed: bool


@dataclass(frozen=True)
class Bother:
    on: date
    level: int


@dataclass(frozen=True)
class Opening:
    """One line of "who opened my record": somebody else did."""

    who: str
    role: str
    at: datetime
    what: str
    why: str


@dataclass(frozen=True)
class OwnDay:
    """A day on which the patient looked, and all that was shown on it."""

    on: date
    what: str


def own_answers(patient: Patient) -> list[Group]:
    """The newest answer to each question, in the words in which it was asked, page by page."""
    rows = latest(patient)
    sheets = (*_published(rows.values()), *instruments.skin_type(), *instruments.scars())
    groups: dict[str, list[Said]] = {}
    for sheet in sheets:
        said = [_said(item, rows[item.code]) for item in sheet.items if item.code in rows]
        if said:
            groups.setdefault(sheet.title, []).extend(said)
    return [Group(title, said) for title, said in groups.items()]


def bother_over_time(patient: Patient) -> list[Bother]:
    """0 to 10, the last word of each day, oldest first."""
    rows = ScarAssessment.objects.filter(patient=patient).order_by("at", "id").values_list("at", "bother")
    return [Bother(on, level) for on, level in {timezone.localdate(at): level for at, level in rows}.items()]


def skin_type_in_words(patient: Patient) -> SkinType | None:
    """What such skin does in the sun: as confirmed, else as the own answers have it."""
    confirmed = confirmed_phototype(patient)
    found = confirmed or Phototype.objects.filter(patient=patient).order_by("-at", "-id").first()
    if found is None:
        return None
    return SkinType(instruments.type_words()[Phototype.Type(found.type).label], confirmed is not None)


def openings(patient: Patient) -> list[Opening]:
    """Whom else the clinical facts of the patient were shown to, newest first, the last OPENINGS times."""
    rows = TrailEntry.objects.filter(patient=patient).exclude(user=F("patient__user"))
    return [_opening(row) for row in rows.select_related("user").order_by("-at", "-id")[:OPENINGS]]


def own_days(patient: Patient) -> list[OwnDay]:
    """When the patient looked, newest first: one line a day, for each question page leaves an entry."""
    own = TrailEntry.objects.filter(patient=patient, user=F("patient__user")).annotate(on=TruncDate("at"))
    shown: dict[date, dict[str, None]] = {}
    for on, names in own.order_by("-on", "fields").values_list("on", "fields").distinct():
        shown.setdefault(on, {}).update(dict.fromkeys(names))
    return [OwnDay(on, _in_words(names)) for on, names in shown.items()]


def _said(item: Item, row: Answer) -> Said:
    return Said(item.text, item.words(row.value), timezone.localdate(row.at))


def _published(rows: Iterable[Answer]) -> Iterator[Sheet]:
    """The pages of the answers, each question as its own version of the questionnaire asked it."""
    wanted = {(row.version_id, row.question) for row in rows}
    versions = QuestionnaireVersion.objects.filter(pk__in={version for version, _code in wanted})
    for version in versions.prefetch_related("questions").order_by("-number"):
        asked = [q for q in version.questions.all() if (version.pk, q.code) in wanted]
        for page in version.pages:
            items = tuple(from_question(q) for q in asked if q.page == page["code"])
            yield Sheet(page["code"], page["title"], items)


def _opening(row: TrailEntry) -> Opening:
    roles = role_words()
    return Opening(
        who=row.user.name or _("A colleague"),
        role=", ".join(roles.get(role, role) for role in row.roles),
        at=row.at,
        what=_in_words(row.fields),
        why=row.why,
    )


def _in_words(names: Iterable[str]) -> str:
    words = field_words()
    return ", ".join(words.get(name, name) for name in names)


def role_words() -> dict[str, str]:
    """{role: words}, as the user model names them: which roles there are is decided above this app."""
    roles = get_user_model()._meta.get_field("roles")
    return {str(code): str(words) for code, words in roles.base_field.choices}  # type: ignore[union-attr]


def field_words() -> dict[str, str]:
    return {
        "answers": _("answers"),
        "consents": _("consents"),
        "evaluation": _("what the answers mean for a visit"),
        "phototypes": _("skin type"),
        "scar_assessments": _("scars"),
    }
