"""The sealed files of pictures, as a store for `manage.py reencrypt`."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from patients.models import Gone, Patient, Photo, PhotoRemoval
from patients.pictures import files as sealed
from patients.resealing import OWNER


class Files:
    name = "patients_photo.file"

    def count(self) -> Counter[str]:
        """Files only: a row whose file is missing has nothing that could be sealed anew."""
        keys = (sealed.key_of(file) for file in self._rows().values_list("file", flat=True).iterator())
        return Counter(kid for kid in keys if kid is not None)

    def reseal(self, size: int) -> Iterator[int]:
        """A picture at a time, each under its patient's lock: what is just being taken back must not come back."""
        for pk, file in list(self._rows().order_by("pk").values_list("pk", "file")):
            if sealed.key_of(file) not in {None, settings.KEYRING["current"]}:
                yield self._renew(pk)

    def _renew(self, pk: UUID) -> int:
        with transaction.atomic(using=OWNER):
            free = Patient.objects.using(OWNER).select_for_update(no_key=True, skip_locked=True, of=("self",))
            photo = self._rows().filter(pk=pk).first() if free.filter(photos=pk).first() else None
            if photo:
                sealed.reseal(photo.file, photo.pk)
        return 1 if photo else 0

    def _rows(self) -> QuerySet[Photo]:
        erased = PhotoRemoval.objects.filter(photo=OuterRef("pk"), kind=Gone.ERASED)
        return Photo.objects.using(OWNER).exclude(Exists(erased))


def files() -> list[Files]:
    return [Files()]
