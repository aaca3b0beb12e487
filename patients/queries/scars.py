"""A patient's scars as a clinician sees them: the patient's own words by zone, and the grades so far."""

from dataclasses import dataclass
from datetime import datetime

from patients import instruments
from patients.models import Patient, ScarAssessment, ScarGrade
from patients.policies import goodman_baron
from patients.policies.goodman_baron import Term, Weight
from treatments.models import ScarWeightsVersion
from treatments.queries import in_force


@dataclass(frozen=True)
class OwnZone:
    """What the patient says of one zone: the looks that came closest, and own words ("" for none)."""

    code: str
    name: str
    looks: list[str]
    words: str


@dataclass(frozen=True)
class OwnView:
    """The patient's newest assessment."""

    at: datetime
    zones: list[OwnZone]
    visibility: str
    bother: int


@dataclass(frozen=True)
class Count:
    """What was counted, and how the total comes about."""

    terms: tuple[Term, ...]
    total: int
    most: int
    version: int


@dataclass(frozen=True)
class Graded:
    """One look by a clinician. `zones` are (name, grade) in the order of the list."""

    at: datetime
    who: str
    grade: int
    label: str
    zones: list[tuple[str, int]]
    note: str
    scale_version: str
    count: Count | None


def own_view(patient: Patient) -> OwnView | None:
    """None while the patient has not answered all of it."""
    found = ScarAssessment.objects.filter(patient=patient).order_by("-at", "-id").first()
    if found is None:
        return None
    named, said, types = instruments.zone_words(), found.said, instruments.scar_words()
    looks: dict[str, list[str]] = {}
    for zone, kind in found.findings.order_by("pk").values_list("zone", "type"):
        looks.setdefault(zone, []).append(types.get(kind, kind))
    zones = [OwnZone(code, named.get(code, code), kinds, said.get(code, "")) for code, kinds in looks.items()]
    return OwnView(found.at, zones, instruments.visibility_words(found.visibility), found.bother)


def gradings(patient: Patient) -> list[Graded]:
    """Every look so far, newest first. Two queries, and the weights that were counted with."""
    rows = ScarGrade.objects.filter(patient=patient).select_related("recorded_by", "weights")
    whole, parts = [], dict[datetime, dict[str, int]]()
    for row in rows.prefetch_related("weights__weights").order_by("-at", "zone"):
        if row.zone:
            parts.setdefault(row.at, {})[row.zone] = row.grade
        else:
            whole.append(row)
    return [_graded(row, parts.get(row.at, {})) for row in whole]


def published_weights(now: datetime) -> ScarWeightsVersion | None:
    """The table in force, or None: then nobody counts."""
    return in_force(ScarWeightsVersion, now)


def weights_of(version: ScarWeightsVersion) -> list[Weight]:
    """The table's rows, each with the bands of its unit."""
    return [Weight(row.code, row.name, row.points, version.bands[row.unit]) for row in version.weights.all()]


def _graded(row: ScarGrade, parts: dict[str, int]) -> Graded:
    labels = {grade["grade"]: grade["label"] for grade in instruments.grading()["grades"]}
    zones = [(name, parts[code]) for code, name in instruments.zone_words().items() if code in parts]
    return Graded(
        at=row.at,
        who=row.recorded_by.name,
        grade=row.grade,
        label=labels[row.grade],
        zones=zones,
        note=row.note,
        scale_version=row.scale_version,
        count=_count(row),
    )


def _count(row: ScarGrade) -> Count | None:
    if row.weights is None or row.total is None:
        return None
    weights = weights_of(row.weights)
    found = goodman_baron.terms(row.counted, weights)
    return Count(found, row.total, goodman_baron.highest(weights), row.weights.number or 0)
