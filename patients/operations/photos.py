"""Pictures: added, opened and taken back. Only here do rows and their sealed files meet."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied

from patients import trail
from patients.access import clinical_visible_to, photos_visible_to
from patients.models import Gone, Patient, Photo, PhotoRemoval
from patients.pictures import files
from patients.pictures.reading import read
from patients.pictures.refusals import EnoughForToday
from patients.queries.photos import seen_at_the_clinic
from treatments.acting import Actor, acting_as

if TYPE_CHECKING:
    from clinic.accounts.models import User

ONE_DAY = timedelta(days=1)


class NoSuchPhoto(Exception):
    """There is no such picture, or it is not for this user, or it has been taken back."""


def add_photo(*, actor: Actor, patient: Patient, view: str, content: bytes, now: datetime) -> Photo:
    """Keep the picture in `content`, by the patient or by a clinician of the care team.

    Raises PermissionDenied, or a PictureRefused whose sentence says what to do.
    """
    user = _who_may_add(actor, patient, now)
    _refuse_one_too_many(user, patient, now)
    picture, row = read(content), uuid.uuid4()
    with files.keeping(picture, row) as name, acting_as(actor):
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)  # two at once are counted one after the other
        _refuse_one_too_many(user, patient, now)
        size = {"width": picture.width, "height": picture.height}
        return Photo.objects.create(id=row, patient=patient, recorded_by=user, at=now, view=view, file=name, **size)


def open_photo(*, actor: Actor, photo: uuid.UUID, now: datetime) -> bytes:
    """The picture as JPEG; the trail says who opened it.

    Raises NoSuchPhoto, or SealBroken when its file is missing, altered or another's: then nothing was opened.
    """
    user = _somebody(actor)
    with acting_as(actor):
        found = _visible(user, photo, now)
        own = found.patient.user_id == user.pk
        trail.opened(user, found.patient, ["photos"], trail.OWN if own else trail.CARE)
        return files.jpeg(found.file, found.pk)


def take_back_photo(*, actor: Actor, photo: uuid.UUID, now: datetime) -> Gone:
    """A patient wants a picture removed. What nobody at the clinic has seen is erased; else removal is asked for.

    Either way the patient no longer sees it. Raises NoSuchPhoto for all but own pictures.
    """
    user = _somebody(actor)
    with acting_as(actor):
        patient = Patient.objects.select_for_update(no_key=True).filter(user=user).first()  # a double click is one request
        found = _visible(user, photo, now)
        if found.patient != patient:
            raise NoSuchPhoto
        kind = Gone.ASKED if seen_at_the_clinic(found) else Gone.ERASED
        PhotoRemoval.objects.create(photo=found, recorded_by=user, at=now, kind=kind)
    if kind == Gone.ERASED:
        files.remove(found.file)
    return kind


def erase_photo(*, actor: Actor, photo: uuid.UUID, now: datetime) -> None:
    """A clinician of the care team grants what the patient has asked for. Raises NoSuchPhoto, also where nobody asked."""
    user = _somebody(actor)
    with acting_as(actor):
        Patient.objects.select_for_update(no_key=True, of=("self",)).filter(photos=photo).first()
        found = _visible(user, photo, now)
        if not found.removals.filter(kind=Gone.ASKED).exists():
            raise NoSuchPhoto
        PhotoRemoval.objects.create(photo=found, recorded_by=user, at=now, kind=Gone.ERASED)
    files.remove(found.file)


def _who_may_add(actor: Actor, patient: Patient, now: datetime) -> "User":
    user = actor.user
    if user is None or not clinical_visible_to(user, now).filter(pk=patient.pk).exists():
        raise PermissionDenied
    if patient.user_id != user.pk and not actor.may("patients.view_photos"):
        raise PermissionDenied
    return user


def _refuse_one_too_many(user: "User", patient: Patient, now: datetime) -> None:
    """Counted by who sends them, so that a patient's own never keep a clinician from adding one."""
    sent = Photo.objects.filter(patient=patient, recorded_by=user, at__gt=now - ONE_DAY)
    if sent.count() >= settings.PHOTOS_A_DAY:
        raise EnoughForToday


def _somebody(actor: Actor) -> "User":
    if actor.user is None:
        raise NoSuchPhoto
    return actor.user


def _visible(user: "User", photo: uuid.UUID, now: datetime) -> Photo:
    found = photos_visible_to(user, now).select_related("patient").filter(pk=photo).first()
    if found is None:
        raise NoSuchPhoto
    return found
