"""Booking by telephone: whom, what, when, one step of the address after another, and one request that books."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.refusals import ComesFirst, JustTaken, NotBookable, Refused, TooSoon
from clinic.scheduling.words import first_words, moment_words
from clinic.workspace.forms import BookForm, FindForm, RegisterForm
from clinic.workspace.queries.people import find_patients
from clinic.workspace.queries.telephone import FreeTimes
from clinic.workspace.views.call import Call, call_of
from clinic.workspace.words import refusal_words, rest_words
from patients.operations import register_by_staff
from patients.queries.people import like
from treatments.acting import Actor
from treatments.doors import needs, user_of

ONE_DAY = timedelta(days=1)
RESTS = (TooSoon, ComesFirst)


@needs("scheduling.book_for_patients")
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """Find the patient; choose what, where, with whom, when; book."""
    call = call_of(user_of(request), request.POST if request.method == "POST" else request.GET)
    if call is None:
        return _find(request)
    if request.method == "POST":
        return _book(request, call)
    if "first" in request.GET and call.free:
        return redirect(call.address(day=call.free.first_day(call.day) or call.day))
    return _choose(request, call)


@needs("patients.edit_contacts")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new patient; when somebody alike is there already, ask once more."""
    form, alike = RegisterForm(request.POST or None), []
    if form.is_valid():
        given = form.cleaned_data
        alike = like(user_of(request), given["given_name"], given["family_name"], given["birth_date"], given["email"])
        if given["sure"] or not alike:
            patient = register_by_staff(actor=Actor(user=user_of(request)), details=given)
            return redirect(f"{reverse('workspace:book')}?{urlencode({'patient': patient.pk})}")
        form = form.asking_again()
    status = 409 if alike else 422 if form.errors else 200
    return render(request, "workspace/register.html", {"form": form, "alike": alike}, status=status)


def _find(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    found = find_patients(user_of(request), text) if text else None
    form = FindForm(initial=request.GET.dict())
    return render(request, "workspace/find.html", {"form": form, "text": text, "found": found})


def _book(request: HttpRequest, call: Call) -> HttpResponse:
    form = BookForm(request.POST, may_override=_may_override(request))
    try:
        booking = _booking(call, form)
        visit = operations.book(actor=Actor(user=user_of(request)), booking=booking, key=form.asked_key, now=timezone.now())
    except Refused as refused:
        return _choose(request, call, form, refused)
    messages.success(request, _said(visit, with_letter=bool(call.patient.email)))
    return redirect("workspace:visit", visit.pk)


def _booking(call: Call, form: BookForm) -> operations.Booking:
    """What is to be booked. Raises NotBookable for a request that names what is not, or no longer, offered."""
    if not form.is_valid() or call.version is None or call.place is None:
        raise NotBookable
    asked = (form.cleaned_data["treatment"], form.cleaned_data["place"], form.cleaned_data["who"])
    if asked != (call.version.treatment_id, call.place.slug, call.who):
        raise NotBookable  # kindness is for looking, not for booking something else
    choice = operations.Choice(call.version.treatment, call.place, form.cleaned_data["start"], call.who)
    return operations.Booking(choice, call.patient, override=form.reason)


def _said(visit: Appointment, *, with_letter: bool) -> str:
    """What to tell the patient at the end of the call."""
    when = moment_words(visit.during.lower, visit.location.tz)
    booked = _("Booked: %(when)s.") if visit.status == Status.BOOKED else _("Kept for the patient: %(when)s.")
    letter = _("A letter goes out by e-mail.") if with_letter else _("There is no e-mail address: read it out.")
    return f"{booked % {'when': when}} {letter}"


def _choose(request: HttpRequest, call: Call, form: BookForm | None = None, refused: Refused | None = None) -> HttpResponse:
    """The one page for what, where, with whom and when; after a refusal with what was typed and the nearest times."""
    context: dict[str, Any] = {"call": call}
    if call.free:
        context |= _times(request, call, call.free, form, refused)
        refused = context["refused"]
    context |= {"refusal": refusal_words(refused) if refused else ""}
    return render(request, "workspace/book.html", context, status=409 if form else 200)


def _times(
    request: HttpRequest, call: Call, free: FreeTimes, form: BookForm | None, refused: Refused | None
) -> dict[str, Any]:
    """The day's times and the form that books the chosen one. Times of rest are for those who may give a reason."""
    rested, missing = free.in_the_way(call.day), free.missing_on(call.day)
    too_soon = rested is not None or isinstance(refused, RESTS)
    to_explain = _may_override(request) and (too_soon or bool(form and form.reason))
    shown = free.relaxed() if to_explain else free
    times = shown.on(call.day)
    start = _start(form.data.get("start", "") if form else request.GET.get("start", ""))
    if start and start not in times and not refused:
        refused = JustTaken()  # the address of an older page
    again = refused is None or (to_explain and isinstance(refused, RESTS))
    form = form or BookForm(initial=call.settled, may_override=to_explain)
    form = form.shown(asking=to_explain and (again or bool(form.reason)))
    if isinstance(refused, RESTS):
        form.miss_reason()
    return {
        "times": times,
        "start": start,
        "rested": first_words(missing) if missing else rest_words(rested) if rested else "",
        "missing": [(need.what, call.address(treatment=need.first, who="")) for need in missing if need.first],
        "to_explain": to_explain,
        "book_form": form,
        "refused": refused,
        "again": again,
        "nearest": (shown if form.reason else free).nearest_to(start) if refused and start else [],
        "before": call.address(day=call.day - ONE_DAY),
        "after": call.address(day=call.day + ONE_DAY),
        "first": call.address(first=1),
    }


def _may_override(request: HttpRequest) -> bool:
    return user_of(request).has_perm("scheduling.override_policy")


def _start(text: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo and 2000 < start.year < 2200 else None
