"""Drafts, approvals and publishing: the same few verbs for everything that is a `Version`."""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from treatments.acting import Actor, acting_as
from treatments.queries import misfits_of
from treatments.versions import BOOKKEEPING, Version, content, content_hash

AnyVersion = TypeVar("AnyVersion", bound=Version)


class NotPublished(Exception):
    """The base of the refusals to publish; `str()` says what to do."""

    words: ClassVar[str | Promise] = ""

    def __str__(self) -> str:
        return str(self.words)


class Published(NotPublished):
    words = _("This version is published already. Start a new draft to change it.")


class WhyMissing(NotPublished):
    words = _("Please write why this changes, for the colleagues who read the history.")


class NothingChanged(NotPublished):
    words = _("This draft says the same as the published version. Change something first, or discard it.")


class DraftChanged(NotPublished):
    words = _(
        "Somebody changed this after you opened the page. Nothing has been overwritten: look at both below, then decide."
    )


class NothingPublished(NotPublished):
    words = _("Nothing is published yet, so there would be nothing left. Change the draft instead.")


class ApprovalMissing(NotPublished):
    words = _("A clinician must approve exactly this content before it is published.")


class DoesNotFit(NotPublished):
    """Rules and questions in force would contradict each other."""

    def __init__(self, misfits: list[str]) -> None:
        super().__init__(misfits)
        self.misfits = misfits

    def __str__(self) -> str:
        order = _("Publish new questions before the rules that read them, and rules before questions go.")
        return " ".join([*self.misfits, str(order)])


def draft_of(*, actor: Actor, live: AnyVersion) -> AnyVersion:
    """The draft of what `live` is a version of, made as a copy of it when there is none."""
    with acting_as(actor):
        lock(live)
        drafts = type(live).objects.drafts().filter(**same_subject(live))
        found: AnyVersion | None = drafts.first()
        return found or copy_of(live)


def discard(*, actor: Actor, draft: Version) -> None:
    """Delete a draft; what is published stays. Raises Published or NothingPublished."""
    with acting_as(actor):
        if not _fresh(draft).is_draft:
            raise Published
        if not type(draft).objects.filter(**same_subject(draft), published_at__isnull=False).exists():
            raise NothingPublished
        draft.delete()


def approve(*, actor: Actor, draft: Version, now: datetime, seen: str = "") -> None:
    """A clinician's signature under exactly the draft's content; a later edit voids it.

    `seen` is the content hash of what the clinician read; "" where nobody looked. Raises Published or DraftChanged.
    """
    with acting_as(actor):
        fresh = _fresh(draft)
        if seen and seen != content_hash(fresh):
            raise DraftChanged
        approve_in(actor, fresh, now)


def publish(*, actor: Actor, draft: Version, why: str, now: datetime, seen: str = "") -> Version:
    """Make the draft the live version from `now` on, with the next number.

    `seen` is the content hash of what the person looked at; "" where nobody looked.
    Raises Published, DraftChanged, WhyMissing, NothingChanged, ApprovalMissing or DoesNotFit.
    """
    with acting_as(actor):
        fresh = _fresh(draft)
        if fresh.is_draft and seen and seen != content_hash(fresh):
            raise DraftChanged
        if found := misfits_of(fresh, now):
            raise DoesNotFit(found)
        return publish_in(actor, fresh, why, now)


def approve_in(actor: Actor, draft: Version, now: datetime) -> None:
    """`approve`, inside the transaction of a larger operation."""
    if not draft.is_draft:
        raise Published
    draft.approved_by, draft.approved_at, draft.approved_hash = actor.user, now, content_hash(draft)
    draft.save(update_fields=["approved_by", "approved_at", "approved_hash"])


def publish_in(actor: Actor, draft: Version, why: str, now: datetime) -> Version:
    """`publish`, inside the transaction of a larger operation."""
    if not draft.is_draft:
        raise Published
    if not why.strip():
        raise WhyMissing
    versions = type(draft).objects.filter(**same_subject(draft))
    live = versions.live(now).first()
    if live is not None and content(live) == content(draft):
        raise NothingChanged
    if draft.needs_approval and not draft.is_approved:
        raise ApprovalMissing
    draft.number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft.why, draft.published_by, draft.published_at = why.strip(), actor.user, now
    draft.effective_from = draft.effective_from or now
    draft.save(update_fields=["number", "why", "published_by", "published_at", "effective_from"])
    return draft


def lock(version: Version) -> None:
    """One editor of one subject at a time."""
    type(version).objects.select_for_update().get(pk=version.pk)


def _fresh(version: AnyVersion) -> AnyVersion:
    fresh: AnyVersion = type(version).objects.select_for_update().get(pk=version.pk)
    return fresh


def same_subject(version: Version) -> dict[str, Any]:
    """The filter for all versions of what `version` is a version of."""
    return {version.subject: getattr(version, version.subject)} if version.subject else {}


def copy_of(version: AnyVersion) -> AnyVersion:
    """A new draft with the content of `version`, inside the caller's transaction."""
    made = type(version)(**values_of(version), **same_subject(version))
    made.save()
    for name in version.children:
        rows = getattr(version, name).all()
        rows.model.objects.bulk_create(rows.model(**values_of(row), version=made) for row in rows)
    return made


def values_of(row: models.Model) -> dict[str, Any]:
    """The content of a row, without its place in the world."""
    skipped = BOOKKEEPING | {getattr(row, "subject", "")}
    return {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name not in skipped}
