"""What a clinician on the care team notes of a patient's skin. Each note is a new row; the patient's own stay as well."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients import instruments
from patients.access import assessable_by
from patients.models import Patient, Phototype, ScarGrade, SunExposure
from patients.policies import goodman_baron
from patients.queries.scars import published_weights, weights_of
from treatments.acting import Actor, acting_as

if TYPE_CHECKING:
    from clinic.accounts.models import User

ASSESS = "patients.assess_skin"


class NotAssessed(Exception):
    """The base of the refusals; `str()` says what to do."""

    words = _("Nothing has been kept.")

    def __str__(self) -> str:
        return str(self.words)


class NotOnTheCareTeam(NotAssessed):
    words = _("Only clinicians on the patient's care team note this, and nobody for themselves. Ask for a visit first.")


class StillToCome(NotAssessed):
    words = _("This day is still to come. Enter a day up to today.")


class NothingGraded(NotAssessed):
    words = _("Grade at least one zone.")


class WeightsChanged(NotAssessed):
    words = _("Other weights are in force by now. Look at the total once more before you save it.")


@dataclass(frozen=True)
class Grading:
    """One look at the scars: {zone: grade 1 to 4}, a note, and where weights are in force what was counted with which."""

    zones: Mapping[str, int]
    note: str = ""
    weights: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def confirm_phototype(*, actor: Actor, patient: UUID, kind: str, now: datetime) -> Phototype:
    """The type "I".."VI" as the clinician sees it. Raises NotOnTheCareTeam."""
    with acting_as(actor):
        user, found = _entitled(actor, patient, now)
        return Phototype.objects.create(
            patient=found,
            provenance=Phototype.Provenance.CLINICIAN_CONFIRMED,
            type=Phototype.Type[kind],
            answers="",
            at=now,
            recorded_by=user,
        )


def note_sun(*, actor: Actor, patient: UUID, last: date | None, now: datetime) -> SunExposure:
    """When strong sun or a sunbed last tanned or burned the area, as told (None: never).

    Raises NotOnTheCareTeam or StillToCome.
    """
    today = timezone.localdate(now)
    if last and last > today:
        raise StillToCome
    with acting_as(actor):
        user, found = _entitled(actor, patient, now)
        return SunExposure.objects.create(patient=found, last=last, asked_on=today, at=now, recorded_by=user)


def grade_scars(*, actor: Actor, patient: UUID, grading: Grading, now: datetime) -> ScarGrade:
    """A grade for each zone that was looked at, and the worst of them for the whole, which is returned.

    Where something was counted, the total is reckoned here, with the weights in force. Raises NotOnTheCareTeam,
    NothingGraded, or WeightsChanged when those are others than the clinician saw.
    """
    if not grading.zones:
        raise NothingGraded
    with acting_as(actor):
        user, found = _entitled(actor, patient, now)
        scale = instruments.grading()
        shared = {
            "patient": found,
            "scale": scale["code"],
            "scale_version": scale["version"],
            "at": now,
            "recorded_by": user,
        }
        ScarGrade.objects.bulk_create(
            ScarGrade(zone=zone, grade=grade, note="", counts="", **shared) for zone, grade in grading.zones.items()
        )
        overall = goodman_baron.worst(grading.zones.values())
        return ScarGrade.objects.create(grade=overall, note=grading.note, **shared, **_counted(grading, now))


def _counted(grading: Grading, now: datetime) -> dict[str, object]:
    """What the whole grade keeps of a count: nothing where nothing was counted."""
    if not grading.counts:
        return {"counts": ""}
    version = published_weights(now)
    if version is None or version.pk != grading.weights:
        raise WeightsChanged
    found = goodman_baron.terms(grading.counts, weights_of(version))
    return {"weights": version, "total": goodman_baron.total(found), "counts": json.dumps(dict(grading.counts))}


def _entitled(actor: Actor, patient: UUID, now: datetime) -> tuple["User", Patient]:
    found = assessable_by(actor.user, patient, now) if actor.user and actor.may(ASSESS) else None
    if actor.user is None or found is None:
        raise NotOnTheCareTeam
    return actor.user, found
