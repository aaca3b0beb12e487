"""Keeping a page of answers. Answers are only ever added; the newest counts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from patients import instruments
from patients.items import PREFER_NOT, Item
from patients.models import Answer, Patient, Phototype, ScarAssessment, ScarFinding
from patients.policies.phototype import type_of
from patients.queries.answers import chosen_zones, latest
from patients.queries.intake import Page, live_questionnaire
from treatments.acting import Actor, acting_as
from treatments.models import QuestionnaireVersion


class NothingAsked(Exception):
    """No questions are published, so there is nothing that an answer could belong to."""


@dataclass(frozen=True)
class _Said:
    """Who says what of whom, and when: the part that all rows of one saved page share."""

    actor: Actor
    patient: Patient
    now: datetime

    @property
    def fields(self) -> dict[str, object]:
        return {"patient": self.patient, "recorded_by": self.actor.user, "at": self.now}


def save_page(*, actor: Actor, patient: Patient, page: Page, values: Mapping[str, str], now: datetime) -> None:
    """Keep `values` ({question code: value}) of `page`; a skin type or scar form that is now complete is stored as such.

    Values are checked by the form; "" and codes that are not on the page are left out. Raises NothingAsked.
    """
    said = _Said(actor, patient, now)
    with acting_as(actor):
        questionnaire = live_questionnaire(now)
        if questionnaire is None:
            raise NothingAsked
        rows = [_row(said, questionnaire, item, values[item.code]) for item in page.items if values.get(item.code)]
        Answer.objects.bulk_create(rows)
        saved = {row.question for row in rows}
        if saved & _codes(instruments.skin_type()):
            _keep_skin_type(said)
        if any(code.startswith(instruments.SCAR) for code in saved):
            _keep_scars(said)


def _row(said: _Said, questionnaire: QuestionnaireVersion, item: Item, value: str) -> Answer:
    return Answer(version=questionnaire, question=item.code, value=value, **said.fields)


def _codes(sheets: tuple[instruments.Sheet, ...]) -> set[str]:
    return {item.code for item in instruments.items(sheets)}


def _complete(rows: Mapping[str, Answer], sheets: Iterable[instruments.Sheet]) -> dict[str, str]:
    """The newest values of all items of an instrument; {} while one is missing."""
    asked = [item.code for sheet in sheets for item in sheet.items]
    return {code: rows[code].value for code in asked} if all(code in rows for code in asked) else {}


def _keep_skin_type(said: _Said) -> None:
    values = _complete(latest(said.patient), instruments.skin_type())
    if not values:
        return
    scores = {code.removeprefix(instruments.SKIN): int(value) for code, value in values.items()}
    score, variant = sum(scores.values()), instruments.variant()
    Phototype.objects.create(
        provenance=Phototype.Provenance.SELF_REPORTED,
        type=Phototype.Type[type_of(score, variant["bands"])],
        variant=variant["id"],
        score=score,
        answers=json.dumps(scores),
        **said.fields,
    )


def _keep_scars(said: _Said) -> None:
    """The patient's own view as it is now; nothing while a chosen zone has no look yet."""
    rows = latest(said.patient)
    zones = chosen_zones(rows)
    values = _complete(rows, instruments.scars(zones))
    if not values:
        return
    wrote = {zone: values.get(f"{instruments.WORDS}{zone}", PREFER_NOT) for zone in zones}
    assessment = ScarAssessment.objects.create(
        visibility=values[f"{instruments.SCAR}visibility"],
        bother=int(values[f"{instruments.SCAR}bother"]),
        words=json.dumps({zone: words for zone, words in wrote.items() if words != PREFER_NOT}),
        **said.fields,
    )
    named = [(zone, values.get(f"{instruments.TYPE}{zone}")) for zone in zones]
    ScarFinding.objects.bulk_create(ScarFinding(assessment=assessment, zone=zone, type=kind) for zone, kind in named if kind)
