"""Showing once more who one is, before something is signed."""

from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from treatments.doors import user_of


def has_second_factor(request: HttpRequest) -> bool:
    return bool(is_mfa_enabled(user_of(request)))


def proved_at(request: HttpRequest) -> datetime | None:
    """When the user last showed who they are in this session: by the second factor where there is one, else by an emailed
    code. None when that is not known.
    """
    records = get_authentication_records(request, user_of(request))
    if has_second_factor(request):
        records = [record for record in records if record["method"] == "mfa"]
    return datetime.fromtimestamp(max(record["at"] for record in records), UTC) if records else None
