"""What the booking journey hands to the questions: for which visit they are asked, and where to go on afterwards."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from django.core import signing
from django.urls import reverse

from patients.encryption import SealBroken, seal, unseal

SALT = "patients.ticket"
LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class Ticket:
    """`treatment` is a code, `on` the visit's local day, `next` the path that follows the last question.

    `since`: what counted then counts for this visit for good (it was booked then). `only`: these questions alone, else all.
    `anew`: nothing that was said before `since` counts, and `only` is asked whenever it is due.
    """

    treatment: str
    on: date
    jurisdiction: str
    next: str
    since: datetime | None = None
    only: tuple[str, ...] = ()
    anew: bool = False

    def sign(self) -> str:
        """Sealed as well as signed: an address must not tell what the visit is for."""
        fields = json.dumps(asdict(self), default=_iso)
        return _signer().sign(urlsafe_b64encode(seal(fields, SALT)).decode())

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The ticket, or None when it is none of ours, was altered, or is older than twelve hours."""
        try:
            sealed = urlsafe_b64decode(_signer().unsign(text, max_age=LASTS))
            fields = json.loads(unseal(sealed, SALT))
            since = datetime.fromisoformat(fields["since"]) if fields["since"] else None
            on, only = date.fromisoformat(fields["on"]), tuple(fields["only"])
            return cls(**fields | {"on": on, "since": since, "only": only})
        except (signing.BadSignature, SealBroken, ValueError, TypeError, KeyError):
            return None

    def url(self, page: str = "") -> str:
        """The address of the questions, or of one page of them, for this visit."""
        path = reverse("patients:question_page", args=[page]) if page else reverse("patients:questions")
        return self._with(path)

    def url_of_answers(self) -> str:
        """The address where all answers for this visit can be read and changed."""
        return self._with(reverse("patients:answers"))

    def _with(self, path: str) -> str:
        return f"{path}?{urlencode({'ticket': self.sign()})}"


def _iso(value: date) -> str:
    return value.isoformat()


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT)
