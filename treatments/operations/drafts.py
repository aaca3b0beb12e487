"""Changing a draft, and starting one from an old version. Two editors at once never overwrite each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from treatments.acting import Actor, acting_as
from treatments.operations.publish import DraftChanged, NotPublished, copy_of, same_subject
from treatments.versions import Version, VersionQuerySet, content_hash

AnyVersion = TypeVar("AnyVersion", bound=Version)
Values = Mapping[str, Any]


class DraftExists(NotPublished):
    words = _("There is a draft already. Publish or discard it first.")


def save_draft(
    *,
    actor: Actor,
    of: AnyVersion,
    seen: str,
    values: Values,
    children: Mapping[str, Sequence[Values]],
    now: datetime,
) -> AnyVersion:
    """Write `values`, and `children` in their order, into the draft of what `of` is a version of; a copy of the live
    version becomes the draft where there is none. `seen` is the content hash of what the editor started from.

    Raises DraftChanged, and writes nothing, when that is no longer what stands there.
    """
    with acting_as(actor):
        versions = locked(of)
        draft: AnyVersion | None = versions.drafts().first()
        stands = draft or versions.live(now).first()
        if stands is None or content_hash(stands) != seen:
            raise DraftChanged
        draft = draft or copy_of(stands)
        write(draft, values, children)
        return draft


def go_back(*, actor: Actor, to: AnyVersion) -> AnyVersion:
    """A new draft that says what the old version `to` said. Raises DraftExists."""
    with acting_as(actor):
        if locked(to).drafts().exists():
            raise DraftExists
        return copy_of(to)


def locked(version: Version) -> VersionQuerySet:
    """All versions of one subject, locked against other editors; bookings, which only point at a version, go on."""
    versions: VersionQuerySet = type(version).objects.filter(**same_subject(version))
    list(versions.select_for_update(no_key=True).order_by("pk"))
    return versions


def write(draft: Version, values: Values, children: Mapping[str, Sequence[Values]]) -> None:
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    for name, rows in children.items():
        stored = getattr(draft, name)
        stored.all().delete()
        made = (stored.model(version=draft, position=position, **row) for position, row in enumerate(rows, start=1))
        stored.model._default_manager.bulk_create(made)
