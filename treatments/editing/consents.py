"""Consent texts as clinicians meet them: read in full, compared with what is in force, and approved.

Content admins edit and publish them with the pages of every other text (`views.py`, kind "consents").
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from treatments import operations, queries
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.editing.clinical import APPROVE, READ
from treatments.editing.differences import differences, spoken
from treatments.models import ConsentVersion
from treatments.versions import content_hash


@needs(READ)
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    return render(request, "editing/consents.html", {"entries": queries.entries(ConsentVersion)})


@needs(READ)
@require_safe
def consent(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft, or where there is none the text in force."""
    versions = queries.versions_of(ConsentVersion, slug).select_related("treatment", "approved_by")
    shown, live = get_object_or_404(versions[:1]), queries.live_version(ConsentVersion, slug)
    context = {
        "version": shown,
        "live": live,
        "changes": differences(spoken(live), spoken(shown)) if live and shown.is_draft else [],
        "seen": content_hash(shown),
        "may_approve": request.user.has_perm(APPROVE) and shown.is_draft and not shown.is_approved,
        "may_edit": request.user.has_perm("treatments.edit_catalogue"),
    }
    return render(request, "editing/consent.html", context)


@needs(APPROVE)
@require_POST
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    """A clinician signs exactly what the page showed."""
    draft = queries.versions_of(ConsentVersion, slug).filter(published_at=None).first()
    seen = request.POST.get("seen")
    try:
        if draft is None or not seen:
            raise operations.DraftChanged
        operations.approve(actor=Actor(user=user_of(request)), draft=draft, now=timezone.now(), seen=seen)
    except operations.NotPublished:
        messages.warning(request, _("This has changed meanwhile. Please read it again before you approve it."))
    else:
        messages.success(request, _("Approved. It can be published now."))
    return redirect("editing:consent", slug)
