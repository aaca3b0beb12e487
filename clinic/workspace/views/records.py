"""A patient's record for the care team, and the way to it in an emergency for others, which everybody learns of."""

from uuid import UUID

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, raise_if_reauthentication_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.scheduling import operations
from clinic.scheduling.queries.clock import house_clock
from clinic.scheduling.refusals import AlreadyOpen, NotAllowed
from clinic.workspace.queries import records
from clinic.workspace.record_forms import EmergencyForm
from patients import trail
from patients.access import contacts_visible_to
from treatments.acting import Actor, acting_as
from treatments.doors import needs, user_of


@needs("patients.read_records")
@require_safe
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything is read in the transaction that writes down that it was read."""
    user, now = user_of(request), timezone.now()
    with acting_as(Actor(user=user)):
        patient = records.record_visible_to(user, pk, now)
        if patient is None:
            return not_yours(request, pk)
        because = records.because(user, patient, now)
        trail.opened(user, patient, records.SHOWN, because.why, visit_on=because.visit_on)
        until = records.open_until(user, patient) if because.why == trail.EMERGENCY else None
        context = {"patient": patient, "record": records.record_of(patient), "until": until, "place": house_clock()}
        return render(request, "workspace/record.html", context)


@needs("patients.break_glass")
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who has a second factor says first who they are; then they write what has happened."""
    if request.method != "POST":
        raise_if_reauthentication_required(request, app="account")
        return _emergency_page(request, pk, EmergencyForm())
    form = EmergencyForm(request.POST)
    recently = did_recently_reauthenticate(request)
    if form.is_valid() and recently:
        return _break(request, pk, form)
    if not recently:
        form.ask_again_who()
    return _emergency_page(request, pk, form, asked_who=not recently)


@needs("patients.watch_emergencies")
@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """Who opened whose record in an emergency. Nothing clinical."""
    return render(request, "workspace/emergencies.html", {"rows": records.emergencies(), "place": house_clock()})


@needs("patients.watch_emergencies")
@require_safe
def emergency_told(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them with its reason, which may tell of the patient: whoever reads it is in the trail."""
    user = user_of(request)
    with acting_as(Actor(user=user)):
        row = records.emergency(pk)
        if row is None:
            raise Http404
        trail.opened(user, row.patient, ["emergency_reason"], trail.WATCH)
        return render(request, "workspace/emergency_told.html", {"row": row, "place": house_clock()})


def not_yours(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The answer of every clinical page to those outside the care team: 404, and the way in for an emergency."""
    name, user = records.name_of(user_of(request), patient), user_of(request)
    if contacts_visible_to(user).filter(pk=patient, user=user).exists():
        raise Http404  # their own: they read it as patients do
    if name is None or not user_of(request).has_perm("patients.break_glass"):
        raise Http404
    return render(request, "workspace/not_yours.html", {"name": name, "patient": patient}, status=404)


def _break(request: HttpRequest, pk: UUID, form: EmergencyForm) -> HttpResponse:
    """The second of two clicks finds the record open."""
    wish = operations.Emergency(pk, form.cleaned_data["reason"])
    try:
        operations.break_glass(actor=Actor(user=user_of(request)), emergency=wish, now=timezone.now())
    except NotAllowed as refused:
        raise Http404 from refused
    except AlreadyOpen:
        pass
    return redirect("workspace:record", pk)


def _emergency_page(request: HttpRequest, pk: UUID, form: EmergencyForm, *, asked_who: bool = False) -> HttpResponse:
    user = user_of(request)
    name = records.name_of(user, pk)
    if name is None:
        raise Http404
    if records.record_visible_to(user, pk, timezone.now()):
        return redirect("workspace:record", pk)
    context = {"name": name, "patient": pk, "form": form, "asked_who": asked_who, "minutes": records.minutes()}
    return render(request, "workspace/emergency.html", context, status=422 if form.errors else 200)
