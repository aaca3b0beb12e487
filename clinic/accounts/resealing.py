"""Second factors as a store of sealed content: the secrets inside the rows of allauth."""

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from clinic.accounts.adapters import PLACE, place_of
from patients.encryption import is_current, reseal
from patients.resealing import OWNER

SECRETS = ("secret", "seed")  # of the authenticator app; of the recovery codes


class SecondFactors:
    name = PLACE

    def count(self) -> Counter[str]:
        rows = Authenticator.objects.using(OWNER).values_list("data", flat=True)
        return Counter(sealed.split(b".", 1)[0].decode() for data in rows for sealed in _sealed(data).values())

    def reseal(self, size: int) -> Iterator[int]:
        """A row at a time: there is one for each colleague."""
        for pk in Authenticator.objects.using(OWNER).order_by("pk").values_list("pk", flat=True):
            yield self._renew(pk)

    def _renew(self, pk: int) -> int:
        with transaction.atomic(using=OWNER):
            row = Authenticator.objects.using(OWNER).select_for_update(skip_locked=True).filter(pk=pk).first()
            old = {name: sealed for name, sealed in _sealed(row.data).items() if not is_current(sealed)} if row else {}
            if row and old:
                row.data |= {name: _text(reseal(sealed, place_of(row.user_id))) for name, sealed in old.items()}
                row.save(using=OWNER, update_fields=["data"])
        return len(old)


def second_factors() -> list[SecondFactors]:
    return [SecondFactors()]


def _text(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()


def _sealed(data: dict[str, Any]) -> dict[str, bytes]:
    return {name: base64.b64decode(data[name]) for name in SECRETS if name in data}
