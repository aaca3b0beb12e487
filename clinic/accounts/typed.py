"""What somebody had typed when the session ended: kept sealed, and there again for the same person after signing in."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from patients.encryption import SealBroken, seal, unseal

KEY = "typed"
PLACE = "clinic.accounts.typed"  # what the seal is bound to
LASTS = timedelta(minutes=30)
LONGEST = 200_000  # characters, sealed
NEVER = frozenset({"csrfmiddlewaretoken"})


class Typed(NamedTuple):
    """A form that was sent to `path` too late: {field: its values}. Files are not kept."""

    path: str
    fields: Mapping[str, list[str]]


def keep(request: HttpRequest, user: int) -> bool:
    """Keep what `user` (an id), who is not signed in any more, has just sent. False when it is too much."""
    fields = {name: values for name, values in request.POST.lists() if name not in NEVER}
    said = {"user": user, "at": timezone.now().isoformat(), "path": request.get_full_path(), "fields": fields}
    sealed = seal(json.dumps(said), PLACE).decode("latin-1")
    if len(sealed) <= LONGEST:
        request.session[KEY] = sealed
    return len(sealed) <= LONGEST


def kept_for(request: HttpRequest) -> Typed | None:
    """What whoever is signed in had typed; nothing of anybody else's, nothing older than half an hour."""
    try:
        said = json.loads(unseal(request.session.get(KEY, "").encode("latin-1"), PLACE))
    except SealBroken:
        return None
    if said["user"] != request.user.pk or timezone.now() - datetime.fromisoformat(said["at"]) > LASTS:
        return None
    return Typed(said["path"], said["fields"])
