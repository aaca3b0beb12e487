"""What patients see of their own record: their answers in words, and bother over time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from patients import instruments
from patients.instruments import Sheet
from patients.items import Item, from_question
from patients.models import Answer, Patient, Phototype, ScarAssessment
from patients.queries.answers import chosen_zones, confirmed_phototype, latest
from treatments.models import QuestionnaireVersion

BOTHER_SCALE = (0, 5, 10)  # the lines of its curve


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
    """A type in words, never as a number. `who` confirmed it; "" for the own answers."""

    words: str
    on: date
    who: str = ""


@dataclass(frozen=True)
class Bother:
    on: date
    level: int


def own_answers(patient: Patient) -> list[Group]:
    """The newest answer to each question, in the words in which it was asked, page by page."""
    rows = latest(patient)
    sheets = (*_published(rows.values()), *instruments.skin_type(), *instruments.scars(chosen_zones(rows)))
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


def confirmed_skin_type(patient: Patient) -> SkinType | None:
    """What such skin does in the sun, as a clinician has confirmed it."""
    found = confirmed_phototype(patient)
    return _skin_type(found, found.recorded_by.name or _("your clinician")) if found else None


def own_skin_type(patient: Patient) -> SkinType | None:
    """The same as the own answers have it, whatever a clinician has confirmed."""
    own = Phototype.objects.filter(patient=patient, provenance=Phototype.Provenance.SELF_REPORTED)
    found = own.order_by("-at", "-id").first()
    return _skin_type(found) if found else None


def _skin_type(found: Phototype, who: str = "") -> SkinType:
    words = instruments.type_words()[Phototype.Type(found.type).label]
    return SkinType(words, timezone.localdate(found.at), who)


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


def role_words() -> dict[str, str]:
    """{role: words}, as the user model names them: which roles there are is decided above this app."""
    roles = get_user_model()._meta.get_field("roles")
    return {str(code): str(words) for code, words in roles.base_field.choices}  # type: ignore[union-attr]


def field_words() -> dict[str, str]:
    """{field of the trail: words that “opened your” can stand before}."""
    return {
        "answers": _("answers"),
        "consents": _("consents"),
        "evaluation": _("answers for a visit"),
        "note": _("note about a visit"),
        "photos": _("pictures"),
        "phototypes": _("skin type"),
        "scar_assessments": _("scars"),
        "scar_grades": _("clinician's notes on the scars"),
        "sun_exposures": _("last sun"),
        "review_notes": _("clinician's notes"),
        "emergency_reason": _("note about an emergency"),
    }
