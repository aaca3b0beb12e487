"""Standing in for a colleague who is away: their waiting visits are looked at by somebody else until a day."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings

from clinic.scheduling.models import Appointment, Cover, Resource, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.refusals import NotAllowed, WrongSpan
from patients import trail
from patients.models import CareTeam, Patient
from treatments.acting import Actor

if TYPE_CHECKING:
    from clinic.accounts.models import User


def take_cover(*, actor: Actor, practitioner: Resource, until: datetime, now: datetime) -> Cover:
    """Until then the waiting visits of `practitioner` are also those of `actor`, who joins the care team of their patients.

    The trail of each patient says so. Taken again, the later end counts. Raises NotAllowed, also for one's own visits, or
    WrongSpan for an end that is over, or further away than `COVER_LONGEST`.
    """
    if actor.user is None or not actor.may("scheduling.review") or practitioner.user_id == actor.user.pk:
        raise NotAllowed
    if not now < until <= now + settings.COVER_LONGEST:
        raise WrongSpan
    return inner.carry_out(actor, partial(_cover, actor.user, practitioner, until, now))


def _cover(user: "User", practitioner: Resource, until: datetime, now: datetime) -> Cover:
    cover, made = Cover.objects.select_for_update().get_or_create(
        practitioner=practitioner, user=user, defaults={"since": now, "until": until}
    )
    if not made:
        cover.since, cover.until = (now if cover.until <= now else cover.since), max(cover.until, until)
        cover.save()
    waiting = Appointment.objects.filter(practitioner=practitioner, status=Status.PENDING)
    for patient in Patient.objects.filter(appointments__in=waiting).distinct().order_by("pk"):
        join_as_cover(user, patient, cover, now)
    return cover


def join_as_cover(user: "User", patient: Patient, cover: Cover, now: datetime) -> None:
    """On the patient's care team until the cover ends; the trail says why."""
    place = {"patient": patient, "user": user, "why": CareTeam.Why.COVER}
    CareTeam.objects.bulk_create([CareTeam(**place, since=now, until=cover.until)], ignore_conflicts=True)
    CareTeam.objects.filter(**place, until__lt=cover.until).update(until=cover.until)
    trail.opened(user, patient, [], trail.COVER)
