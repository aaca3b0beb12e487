"""Start-up checks: every URL names its door, every permission is declared, production is told what it leaves open."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from clinic.accounts.roles import ROLES
from treatments.doors import PUBLIC, door_of


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL pattern below `resolver`, with its whole route."""
    for found in (resolver or get_resolver()).url_patterns:
        route = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from patterns(found, route)
        else:
            yield route, found


def declared() -> set[str]:
    return {f"{m._meta.app_label}.{code}" for m in apps.get_models() for code, _ in m._meta.permissions}


@register
def every_url_names_its_door(**kwargs: Any) -> list[CheckMessage]:
    known = declared() | {PUBLIC}
    return [
        Error(f"{route}: door {door_of(pattern.callback)!r} is not a declared permission or “public”", id="clinic.E001")
        for route, pattern in patterns()
        if door_of(pattern.callback) not in known
    ]


@register
def every_granted_permission_is_declared(**kwargs: Any) -> list[CheckMessage]:
    granted = set().union(*ROLES.values())
    return [Error(f"{name} is granted but not declared", id="clinic.E002") for name in sorted(granted - declared())]


@register(deploy=True)
def two_database_roles(**kwargs: Any) -> list[CheckMessage]:
    if not settings.ONE_DATABASE_ROLE:
        return []
    return [
        checks.Warning(
            "the site runs as the owner of its tables",
            hint="set DATABASE_OWNER_URL to a role that migrates, and DATABASE_URL to one that may not",
            id="clinic.W001",
        )
    ]
