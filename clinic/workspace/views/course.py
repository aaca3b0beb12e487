"""Courses: planned whole before anything is stored, booked in one go, and moved together."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.scheduling.forms import ShiftForm
from clinic.scheduling.models import Course, Location, Resource
from clinic.scheduling.queries.courses import Shift, Shown, course_shown, courses_of, moving_with, shifted
from clinic.scheduling.queries.offers import bookable, open_places
from clinic.scheduling.queries.planning import Session, free_between, plan_course
from clinic.scheduling.queries.times import wanted_again
from clinic.scheduling.refusals import ComesFirst, JustTaken, NotBookable, Refused, TalkFirst, TooSoon
from clinic.workspace.course_forms import CourseForm, PlanForm
from clinic.workspace.forms import read_day
from clinic.workspace.queries.people import patient_for
from clinic.workspace.words import refusal_words
from patients.models import Patient
from treatments.acting import Actor
from treatments.doors import needs, user_of

BOOK = "scheduling.book_for_patients"
RELAXABLE = (TooSoon, ComesFirst, TalkFirst, NotBookable)
ONE_DAY = timedelta(days=1)


@needs(BOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is wished (in the address), the plan that follows from it, and the one request that books it."""
    patient, now = _patient(request, pk), timezone.now()
    asked = _wish(request, patient, now)
    if not asked.is_bound:
        return _plan_page(request, patient, asked)
    if not asked.is_valid():
        return _plan_page(request, patient, asked, status=422)
    place = Location.objects.get(slug=asked.cleaned_data["place"])
    try:
        sessions = plan_course(patient, place, asked.sessions, asked.wishes, now)
    except Refused as refused:
        return _plan_page(request, patient, asked, refused=refused, status=409)
    form = PlanForm(sessions, place, request.POST or None, may_override=_may_override(request))
    if request.method == "POST" and form.is_valid():
        return _book(request, patient, place, asked, sessions, form)
    return _plan_page(request, patient, asked, place=place, sessions=sessions, form=form)


@needs(BOOK)
@require_safe
def course(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Done, booked, to be planned."""
    return render(request, "workspace/course.html", {"shown": _shown(request, pk)})


@needs(BOOK)
@require_http_methods(["GET", "HEAD", "POST"])
def reflow(request: HttpRequest, pk: UUID, position: int) -> HttpResponse:
    """Another time for one session (GET), what that does to the later ones (GET with `start`), and all of it (POST)."""
    shown, now = _shown(request, pk), timezone.now()
    line = next((line for line in shown.lines if line.position == position and line.to_come), None)
    if line is None or line.visit is None:
        return redirect("workspace:course", pk)
    if request.method == "POST":
        return _shift(request, shown, position, now)
    start = _start(request.GET.get("start", ""))
    shifts = shifted(shown, position, start, now) if start else []
    return _reflow_page(request, shown, position, shifts=shifts)


def _patient(request: HttpRequest, pk: UUID) -> Patient:
    found = patient_for(user_of(request), pk)
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, pk: UUID) -> Shown:
    course = Course.objects.filter(pk=pk).values_list("patient", flat=True).first()
    shown = course_shown(pk, _patient(request, course), timezone.now()) if course else None
    if shown is None:
        raise Http404
    return shown


def _wish(request: HttpRequest, patient: Patient, now: datetime) -> CourseForm:
    versions, places = bookable(now), open_places()
    people = list(Resource.objects.filter(kind=Resource.Kind.PRACTITIONER, active=True))
    today = timezone.localdate(now)
    initial = {"patient": patient.pk, "times_1": 4, "first": today + ONE_DAY}
    data = request.GET if "what_1" in request.GET else None
    return CourseForm(versions, places, people, data, initial=initial)


def _plan_page(
    request: HttpRequest,
    patient: Patient,
    asked: CourseForm,
    *,
    place: Location | None = None,
    sessions: list[Session] | None = None,
    form: PlanForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = [(form[f"start_{n}"], session) for n, session in enumerate(sessions)] if form and sessions else []
    context: dict[str, Any] = {"patient": patient, "asked": asked, "place": place, "rows": rows, "form": form}
    missing = next((session.missing for session in sessions or [] if session.missing), ())
    context |= {
        "first_query": asked.with_first(missing[0].first) if missing else "",
        "courses": courses_of(patient, timezone.now()),
        "refusal": refusal_words(refused) if refused else "",
        "failed": refused.item if refused else None,
        "explain": form and "override" in form.fields and isinstance(refused, RELAXABLE),
    }
    return render(request, "workspace/course_plan.html", context, status=status)


def _book(
    request: HttpRequest, patient: Patient, place: Location, asked: CourseForm, sessions: list[Session], form: PlanForm
) -> HttpResponse:
    who = asked.wishes.practitioner
    planned = tuple(
        operations.Planned(session.treatment, start, who if session.as_wished else None)
        for session, start in zip(sessions, form.starts, strict=True)
    )
    override = form.cleaned_data.get("override", "").strip()
    new, now = operations.NewCourse(patient, place, planned, override), timezone.now()
    try:
        made = operations.book_course(actor=Actor(user=user_of(request)), course=new, key=form.asked_key, now=now)
    except Refused as refused:
        return _plan_page(request, patient, asked, place=place, sessions=sessions, form=form, refused=refused, status=409)
    messages.success(request, _("The course is booked. A letter goes out for each visit where there is an address."))
    return redirect("workspace:course", made.pk)


def _shift(request: HttpRequest, shown: Shown, position: int, now: datetime) -> HttpResponse:
    moving = moving_with(shown, position)
    form = ShiftForm([at for at in moving if f"start_{at}" in request.POST], request.POST)
    if not form.is_valid() or f"start_{position}" not in form.fields:
        return _reflow_page(request, shown, position, refused=NotBookable())
    changes = form.changes(moving)
    try:
        if changes:
            operations.reflow(actor=Actor(user=user_of(request)), changes=changes, key=form.asked_key, now=now)
    except Refused as refused:
        shifts = shifted(shown, position, form.starts[position], now)
        return _reflow_page(request, shown, position, shifts=shifts, refused=refused)
    messages.success(request, _("Moved. A letter goes out for each visit where there is an address."))
    return redirect("workspace:course", shown.course.pk)


def _reflow_page(
    request: HttpRequest, shown: Shown, position: int, *, shifts: list[Shift] | None = None, refused: Refused | None = None
) -> HttpResponse:
    visit = next(line.visit for line in shown.lines if line.position == position and line.visit)
    now = timezone.now()
    day = read_day(request.GET.get("day", ""), visit.during.lower.astimezone(visit.location.tz).date())
    ids = tuple(line.visit.pk for line in shown.lines if line.position >= position and line.visit)
    asked = wanted_again(visit, visit.location, now).of(shown.course.patient, now, ignoring=ids)
    context: dict[str, Any] = {
        "shown": shown,
        "position": position,
        "visit": visit,
        "day": day,
        "before": day - ONE_DAY,
        "after": day + ONE_DAY,
        "times": free_between(asked, day, day, now, ignoring=ids),
        "shifts": shifts,
        "refusal": refusal_words(refused) if refused else "",
    }
    if shifts and all(shift.start for shift in shifts):
        context["form"] = ShiftForm.of(shifts)
    elif shifts:
        context["refusal"] = context["refusal"] or str(JustTaken())
    return render(request, "workspace/reflow.html", context, status=409 if refused else 200)


def _may_override(request: HttpRequest) -> bool:
    return user_of(request).has_perm("scheduling.override_policy")


def _start(text: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo and 2000 < start.year < 2200 else None
