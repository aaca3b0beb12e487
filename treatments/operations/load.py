"""The knowledge files as drafts: what a new clinic starts from, and a clinician approves before anything is published."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from django.db import models

from treatments.models import (
    Concern,
    ConcernReference,
    ConcernTreatment,
    ConcernVersion,
    ConsentReference,
    ConsentVersion,
    Interval,
    IntervalsVersion,
    Prerequisite,
    Question,
    QuestionnaireVersion,
    Reference,
    Rule,
    RulesVersion,
    ScarWeight,
    ScarWeightsVersion,
    SideEffect,
    Step,
    Treatment,
    TreatmentVersion,
)
from treatments.versions import Version

FOLDER = Path(__file__).resolve().parent.parent / "knowledge"
IDENTITY = ("code", "slug", "kind", "family")
Entry = dict[str, Any]


def read(name: str) -> Entry:
    """One knowledge file as plain data."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same language, ten times as fast where libyaml is there
    data: Entry = yaml.load((FOLDER / f"{name}.yaml").read_text(), Loader=loader)  # noqa: S506
    return data


def load_knowledge() -> list[Version]:
    """A draft of everything in `treatments/knowledge/`, inside the caller's transaction. For an empty database only."""
    catalogue, screening = read("catalogue"), read("screening")
    treatments = [_treatment(position, entry) for position, entry in enumerate(catalogue["treatments"])]
    by_code = {version.treatment.code: version.treatment for version in treatments}
    concerns = [_concern(position, entry, by_code) for position, entry in enumerate(catalogue["concerns"])]
    return [
        *treatments,
        *concerns,
        _intervals(catalogue, by_code),
        _questionnaire(screening),
        _rules(screening["rules"]),
        _scar_weights(read("scars")["goodman_baron_quantitative"]),
        *(_consent(entry, by_code) for entry in read("consent")["consents"]),
    ]


def _treatment(position: int, entry: Entry) -> TreatmentVersion:
    subject = Treatment.objects.create(position=position, **{name: entry[name] for name in IDENTITY})
    children = {"steps": Step, "side_effects": SideEffect, "references": Reference}
    fields = {name: value for name, value in entry.items() if name not in {*IDENTITY, *children}}
    version = TreatmentVersion.objects.create(treatment=subject, **fields)
    for name, model in children.items():
        _children(version, model, entry.get(name, []))
    return version


def _concern(position: int, entry: Entry, by_code: dict[str, Treatment]) -> ConcernVersion:
    subject = Concern.objects.create(slug=entry["slug"], position=position)
    fields = {name: value for name, value in entry.items() if name not in {"slug", "treatments", "references"}}
    version = ConcernVersion.objects.create(concern=subject, **fields)
    links = [{"treatment": by_code[link["code"]], "text": link["text"]} for link in entry["treatments"]]
    _children(version, ConcernTreatment, links)
    _children(version, ConcernReference, entry.get("references", []))
    return version


def _intervals(catalogue: Entry, by_code: dict[str, Treatment]) -> IntervalsVersion:
    version = IntervalsVersion.objects.create()
    _children(version, Interval, (_named(entry, by_code, "before", "after") for entry in catalogue["intervals"]))
    _children(version, Prerequisite, (_named(entry, by_code, "treatment", "first") for entry in catalogue["prerequisites"]))
    return version


def _named(entry: Entry, by_code: dict[str, Treatment], *names: str) -> Entry:
    """The entry with the treatments that its codes name."""
    return entry | {name: by_code[entry[name]] for name in names if name in entry}


def _questionnaire(screening: Entry) -> QuestionnaireVersion:
    version = QuestionnaireVersion.objects.create(pages=screening["groups"])
    _children(version, Question, ({"page": q.pop("group"), **q} for q in screening["questions"]))
    return version


def _rules(entries: list[Entry]) -> RulesVersion:
    version = RulesVersion.objects.create()
    _children(version, Rule, ({k: v for k, v in entry.items() if k != "window"} for entry in entries))
    return version


def _scar_weights(entry: Entry) -> ScarWeightsVersion:
    version = ScarWeightsVersion.objects.create(bands=entry["bands"], source=entry["source"])
    _children(version, ScarWeight, entry["weights"])
    return version


def _consent(entry: Entry, by_code: dict[str, Treatment]) -> ConsentVersion:
    fields = {name: value for name, value in entry.items() if name not in {"treatment", "references"}}
    version = ConsentVersion.objects.create(treatment=by_code[entry["treatment"]], **fields)
    _children(version, ConsentReference, entry["references"])
    return version


def _children(version: Version, model: type[models.Model], entries: Iterable[Entry]) -> None:
    rows = [model(version=version, position=position, **entry) for position, entry in enumerate(entries, start=1)]
    model._default_manager.bulk_create(rows)
