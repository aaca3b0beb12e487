"""Patients who asked to be called: the list, and what came of a call."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.scheduling.refusals import Refused
from clinic.scheduling.words import moment_words
from clinic.workspace.call_forms import CalledForm
from clinic.workspace.queries.calls import open_call, open_calls
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.book_for_patients")
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Who is to be called until when, the most urgent first."""
    now = timezone.now()
    rows = [(call, call.due_at <= now) for call in open_calls(user_of(request))]
    return render(request, "workspace/calls.html", {"calls": rows})


@needs("scheduling.book_for_patients")
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The number to call, and what came of it. A call that a colleague has told already leads back to the list."""
    found = open_call(user_of(request), pk)
    if found is None:
        raise Http404
    form = CalledForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = operations.Called(pk, form.reached, form.cleaned_data["note"], form.cleaned_data["tries"])
        try:
            now_is = operations.called(actor=Actor(user=user_of(request)), called=told, now=timezone.now())
        except Refused as refused:
            messages.warning(request, str(refused))
            return redirect("workspace:calls")
        due = {"name": found.patient, "due": moment_words(now_is.due_at, found.location.tz)}
        said = _("%(name)s: done.") if now_is.done_at else _("%(name)s is to be called again by %(due)s.")
        messages.success(request, said % due)
        return redirect("workspace:calls")
    context = {"call": found, "form": form, "late": found.due_at <= timezone.now()}
    return render(request, "workspace/call.html", context, status=422 if form.errors else 200)
