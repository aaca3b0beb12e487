"""The pages of the content admins: edit a draft, look at it, publish it with a reason, read the history, go back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from treatments import operations, queries
from treatments.acting import Actor
from treatments.doors import needs, user_of
from treatments.editing.differences import differences, spoken
from treatments.editing.forms import WhyForm
from treatments.editing.kinds import KINDS, Kind
from treatments.editing.sheets import sheet_page
from treatments.versions import Version, content_hash

EDIT = "treatments.edit_catalogue"
form_page = require_http_methods(["GET", "HEAD", "POST"])


@needs(EDIT)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    kinds = [(kind, queries.entries(kind.model)) for kind in KINDS.values()]
    return render(request, "editing/index.html", {"kinds": kinds})


@needs(EDIT)
@form_page
def edit(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """The draft, or where there is none the live version, as one form; saving it makes or changes the draft."""
    what = _kind(kind)
    page = sheet_page(request, what, lambda: _current(kind, slug)[1])
    if page.is_saved:
        messages.success(request, _("The draft is saved. The public page has not changed yet."))
        return redirect("editing:preview" if "preview" in request.POST else "editing:edit", kind, slug)
    return render(request, "editing/edit.html", {"kind": what, "slug": slug, **page.context})


@needs(EDIT)
@require_safe
def preview(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """The public page, made from the draft."""
    what, draft = _draft(kind, slug)
    return _page(request, what, slug, draft) if draft else _no_draft(request, kind, slug)


@needs(EDIT)
@form_page
def publish(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    what, draft = _draft(kind, slug)
    if draft is None:
        return _no_draft(request, kind, slug)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.publish(
                actor=_actor(request),
                draft=draft,
                why=form.cleaned_data["why"],
                now=timezone.now(),
                seen=request.POST.get("seen", ""),
            )
        except operations.NotPublished as refusal:
            form.add_error(None, str(refusal))
            what, draft = _current(kind, slug)
        else:
            messages.success(request, _("Version %(number)s is public now.") % {"number": made.number})
            return redirect("editing:history", kind, slug)
    live = _live(what, slug)
    changes = differences(spoken(live) if live else {}, spoken(draft))
    context = {"kind": what, "slug": slug, "version": draft, "live": live, "changes": changes, "form": form}
    return render(request, "editing/publish.html", {**context, "seen": content_hash(draft)})


@needs(EDIT)
@require_POST
def discard(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    _what, draft = _draft(kind, slug)
    if draft is None:
        return _no_draft(request, kind, slug)
    try:
        operations.discard(actor=_actor(request), draft=draft)
    except operations.NotPublished as refusal:
        messages.error(request, str(refusal))
        return redirect("editing:edit", kind, slug)
    messages.success(request, _("The draft is discarded. The public page stays as it is."))
    return redirect("editing:index")


@needs(EDIT)
@require_safe
def history(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    what, version = _current(kind, slug)
    versions = queries.versions_of(what.model, slug)
    context = {"kind": what, "slug": slug, "version": version, "versions": versions, "live": _live(what, slug)}
    return render(request, "editing/history.html", context)


@needs(EDIT)
@require_safe
def version(request: HttpRequest, kind: str, slug: str, number: int) -> HttpResponse:
    """The public page as an old version showed it."""
    what = _kind(kind)
    return _page(request, what, slug, get_object_or_404(queries.versions_of(what.model, slug), number=number))


@needs(EDIT)
@require_POST
def go_back(request: HttpRequest, kind: str, slug: str, number: int) -> HttpResponse:
    """A new draft copied from an old version; nothing public changes."""
    old = get_object_or_404(queries.versions_of(_kind(kind).model, slug), number=number)
    try:
        operations.go_back(actor=_actor(request), to=old)
    except operations.DraftExists as refusal:
        messages.error(request, str(refusal))
        return redirect("editing:history", kind, slug)
    messages.success(request, _("A new draft says what version %(number)s said.") % {"number": number})
    return redirect("editing:edit", kind, slug)


def _actor(request: HttpRequest) -> Actor:
    return Actor(user=user_of(request))


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _current(kind: str, slug: str) -> tuple[Kind, Version]:
    """What an editor works on: the draft, else the live version."""
    what, draft = _draft(kind, slug)
    found = draft or _live(what, slug)
    if found is None:
        raise Http404
    return what, found


def _draft(kind: str, slug: str) -> tuple[Kind, Version | None]:
    what = _kind(kind)
    return what, queries.versions_of(what.model, slug).filter(published_at=None).first()


def _live(kind: Kind, slug: str) -> Version | None:
    return queries.live_version(kind.model, slug)


def _no_draft(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Somebody published or discarded it meanwhile, or a button was pressed twice."""
    messages.info(request, _("There is no draft at the moment."))
    return redirect("editing:history", kind, slug)


def _page(request: HttpRequest, kind: Kind, slug: str, version: Version) -> HttpResponse:
    context = {"version": version, "banner": True, "kind": kind, "slug": slug, "live": _live(kind, slug)}
    return render(request, kind.page, {**context, **kind.extras(version)})
