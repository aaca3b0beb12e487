"""What is known of a patient's skin type and of the last sun: own answers and the clinic's, side by side, never merged."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from patients import instruments
from patients.items import NEVER, NOW, UNSURE, Item, Look, Option
from patients.models import Patient, Phototype, SunExposure
from patients.policies.screening import Facts, Given, Outcome, evaluate
from patients.queries.answers import given, latest
from patients.queries.known import SUN, known_of
from treatments.models import Rule


@dataclass(frozen=True)
class SelfReported:
    """What the own answers add up to, by which scoring; `answers` are (question, answer) in words.

    `most` is the highest score of that scoring; None for one that is no longer known.
    """

    type: str
    words: str
    score: int
    most: int | None
    variant: str
    answers: list[tuple[str, str]]
    at: datetime


@dataclass(frozen=True)
class Confirmed:
    """A type that a clinician has seen."""

    type: str
    words: str
    who: str
    at: datetime


@dataclass(frozen=True)
class SunTold:
    """The last strong sun as told to a clinician; `last` None: never."""

    last: date | None
    who: str
    at: datetime


@dataclass(frozen=True)
class SunKnown:
    """The rules about the last sun, the patient's answer (else what a clinician was told), and what a clinician was told."""

    rules: list[Rule]
    answers: Mapping[str, Given]
    told: Mapping[str, Given]


def self_reported(patient: Patient) -> SelfReported | None:
    """The newest of the patient's own, or None. Opens the sealed answers."""
    row = _rows(patient, Phototype.Provenance.SELF_REPORTED).first()
    if row is None:
        return None
    kind = Phototype.Type(row.type).label
    most = instruments.highest_score(row.variant)
    answers = list(_in_words(json.loads(row.answers)))
    return SelfReported(kind, instruments.type_words()[kind], row.score or 0, most, row.variant, answers, row.at)


def confirmed(patient: Patient) -> list[Confirmed]:
    """All that clinicians have confirmed, newest first."""
    rows = _rows(patient, Phototype.Provenance.CLINICIAN_CONFIRMED).select_related("recorded_by")
    words = instruments.type_words()
    kinds = ((row, Phototype.Type(row.type).label) for row in rows)
    return [Confirmed(kind, words[kind], row.recorded_by.name, row.at) for row, kind in kinds]


def sun_told(patient: Patient) -> list[SunTold]:
    """What was told to clinicians, newest first."""
    rows = SunExposure.objects.filter(patient=patient).select_related("recorded_by").order_by("-at", "-id")
    return [SunTold(row.last, row.recorded_by.name, row.at) for row in rows]


def sun_answered(patient: Patient) -> Given | None:
    """The patient's own newest answer to the question about the last sun, however old."""
    row = latest(patient).get(SUN)
    return given(row) if row else None


def sun_answered_in_words(patient: Patient) -> tuple[str, date] | None:
    """The same as the patient chose it, and the day of answering."""
    own = sun_answered(patient)
    return (_sun_item().words(own.value), own.on) if own else None


def sun_known(patient: Patient, now: datetime) -> SunKnown:
    """All that `sun_outcome` needs of a patient, read once for every treatment and day."""
    known = known_of(patient, now)
    about_sun = [rule for rule in known.rules.rules.all() if rule.question == SUN] if known.rules else []
    own = {SUN: given(known.answers[SUN])} if SUN in known.answers else known.told
    return SunKnown(about_sun, own, known.told)


def sun_outcome(known: SunKnown, treatment: str, on: date, jurisdiction: str) -> Outcome:
    """What the rules in force about the last sun say of `treatment` (its code) on a day, however far away the visit is."""
    nothing_else = Facts(age=0, confirmed_phototype=None, jurisdiction=jurisdiction)  # these rules look at one answer only
    return evaluate(known.rules, known.answers, nothing_else, treatment, on, told=known.told)


def _sun_item() -> Item:
    """As far as words go: the question itself may have been published in many versions."""
    options = (Option(NEVER, _("Never")), Option(NOW, _("Now")), Option(UNSURE, _("I'm not sure")))
    return Item(SUN, Look.DATE, "", options=options)


def _rows(patient: Patient, provenance: str) -> QuerySet[Phototype]:
    return Phototype.objects.filter(patient=patient, provenance=provenance).order_by("-at", "-id")


def _in_words(scores: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Each answer in the words in which it was chosen; a question that is no longer asked is left out."""
    for item in instruments.items(instruments.skin_type()):
        code = item.code.removeprefix(instruments.SKIN)
        if code in scores:
            yield item.text, item.words(str(scores[code]))
