"""Pictures as pages show them: small, and inside the page, so that a page with many of them is one line of the trail."""

import base64
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from patients.encryption import SealBroken
from patients.models import Gone, Photo, TrailEntry, View
from patients.pictures import files, protocol
from patients.pictures.protocol import Guide

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """One picture. `address` is its preview as a data: address, or "" where its file does not open."""

    pk: UUID
    view: View
    on: date
    by: str  # "" for the patient
    address: str
    is_asked_for: bool  # the patient wants it removed


@dataclass(frozen=True)
class Taken:
    """A view, and the pictures of it, newest first."""

    guide: Guide
    newest: Shown | None
    earlier: list[Shown]


@dataclass(frozen=True)
class Day:
    on: date
    photos: list[Shown]


def by_view(photos: QuerySet[Photo]) -> list[Taken]:
    """All five views, also those without a picture."""
    shown = _shown(photos)
    found = {guide: [one for one in shown if one.view is guide.view] for guide in protocol.guides()}
    return [Taken(guide, next(iter(of), None), of[1:]) for guide, of in found.items()]


def by_day(photos: QuerySet[Photo]) -> list[Day]:
    """Newest day first; within a day in the order of the views."""
    order = [guide.view for guide in protocol.guides()]
    days = groupby(_shown(photos), key=lambda one: one.on)
    return [Day(on, sorted(of, key=lambda one: order.index(one.view))) for on, of in days]


def preview(photo: Photo) -> Shown:
    return next(iter(_with_previews([photo])))


def seen_at_the_clinic(photo: Photo) -> bool:
    """Whether anybody but the patient has taken it, or has opened the patient's pictures since it came."""
    patient = photo.patient
    others = TrailEntry.objects.filter(patient=patient, fields__contains=["photos"], at__gte=photo.at)
    return photo.recorded_by_id != patient.user_id or others.exclude(user=patient.user_id).exists()


def _shown(photos: QuerySet[Photo]) -> list[Shown]:
    rows = photos.select_related("patient", "recorded_by").prefetch_related("removals").order_by("-at", "-pk")
    return _with_previews(rows)


def _with_previews(rows: Iterable[Photo]) -> list[Shown]:
    return [
        Shown(
            pk=photo.pk,
            view=View(photo.view),
            on=timezone.localdate(photo.at),
            by="" if photo.recorded_by_id == photo.patient.user_id else photo.recorded_by.name or _("a colleague"),
            address=_address(photo),
            is_asked_for=any(removal.kind == Gone.ASKED for removal in photo.removals.all()),
        )
        for photo in rows
    ]


def _address(photo: Photo) -> str:
    """A picture that does not open is no reason to keep the others from being seen; the log says which it is."""
    try:
        return f"data:image/jpeg;base64,{base64.b64encode(files.preview(photo.file, photo.pk)).decode()}"
    except SealBroken as broken:
        log.error("the sealed file of a picture does not open: %s", broken)
        return ""
