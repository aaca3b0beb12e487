"""What clinicians note of a skin at the end of a visit's day, through the operations that everybody uses."""

from datetime import date, datetime, time
from functools import partial

from clinic.demo.world import Person, World
from clinic.scheduling.models import Status
from patients.operations import Grading, confirm_phototype, grade_scars, note_sun
from treatments.acting import Actor
from treatments.models import Treatment

EVENING = time(18)
TYPE = "III"
FIRST = {"cheek_left": 4, "cheek_right": 3, "temple_left": 2}
LATER = {"cheek_left": 3, "cheek_right": 3, "temple_left": 2}


def look(world: World, person: Person, day: date) -> None:
    """At a consultation the last sun and a first grade; at a session, when there are own answers, a grade and the type."""
    world.timeline.at(world.at(day, EVENING, person.home), partial(_note, person))


def _note(person: Person, now: datetime) -> None:
    seen = person.row.appointments.filter(status=Status.FULFILLED, during__endswith__lte=now)
    visit = seen.select_related("practitioner__user", "treatment").order_by("-during").first()
    if visit is None or visit.practitioner.user is None:
        return  # as in life: they did not come
    actor, patient = Actor(user=visit.practitioner.user), person.row.pk
    zones = FIRST if visit.treatment.kind == Treatment.Kind.CONSULTATION else LATER
    if zones is FIRST:
        note_sun(actor=actor, patient=patient, last=None, now=now)
    else:
        confirm_phototype(actor=actor, patient=patient, kind=TYPE, now=now)
    grade_scars(actor=actor, patient=patient, grading=Grading(zones, "seen in raking light"), now=now)
