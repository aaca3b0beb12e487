"""Whether rows and files agree: after a restore, or after a machine that stopped between the two."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from patients.encryption import SealBroken
from patients.models import Gone, Photo, PhotoRemoval
from patients.pictures import files

YOUNG = 3600  # seconds in which a file may still be waiting for its row


def closed() -> Iterator[UUID]:
    """Pictures whose file is missing, altered, or another's."""
    for pk, file in _there().values_list("pk", "file").iterator():
        try:
            files.jpeg(file, pk)
        except SealBroken:
            yield pk


def strays() -> list[Path]:
    """Files that no picture needs: their rows were never written, are erased, or are not in this database."""
    named, before = set(_there().values_list("file", flat=True)), time.time() - YOUNG
    found = Path(settings.MEDIA_DIR).iterdir() if Path(settings.MEDIA_DIR).exists() else ()
    return sorted(path for path in found if path.name not in named and path.stat().st_mtime < before)


def _there() -> QuerySet[Photo]:
    return Photo.objects.exclude(Exists(PhotoRemoval.objects.filter(photo=OuterRef("pk"), kind=Gone.ERASED)))
