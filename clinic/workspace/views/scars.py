"""A patient's scars, for a clinician on the care team: the own words by zone, and the grades. Patients see no grade."""

from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.workspace.queries import records
from clinic.workspace.skin_forms import GradeForm
from clinic.workspace.views.records import not_yours
from patients import instruments, operations, trail
from patients.access import assessable_by
from patients.charts import Curve, curve
from patients.queries import record
from patients.queries import scars as queries
from treatments.acting import Actor, acting_as
from treatments.doors import needs, user_of

ASSESS = "patients.assess_skin"
SHOWN = ["scar_assessments", "scar_grades"]
GRADES = (1, 2, 3, 4)  # the lines of their curve


@needs(ASSESS)
@require_http_methods(["GET", "HEAD", "POST"])
def scars(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the patient says, and every grade so far; POST keeps a new one."""
    form = _form(request, timezone.now())
    if not form.is_valid():
        return _page(request, pk, form)
    try:
        operations.grade_scars(actor=Actor(user=user_of(request)), patient=pk, grading=form.grading, now=timezone.now())
    except operations.NotOnTheCareTeam as refusal:
        raise Http404 from refusal
    except operations.NotAssessed as refusal:
        form.add_error(None, str(refusal))
        form.with_weights_in_force()
        return _page(request, pk, form)
    messages.success(request, _("The grade is kept. Patients do not see it."))
    return redirect("workspace:scars", pk)


def _form(request: HttpRequest, now: datetime) -> GradeForm:
    zones = list(instruments.zone_words().items())
    grades = [(grade["grade"], f"{grade['grade']} {grade['label']}") for grade in instruments.grading()["grades"]]
    data = request.POST if request.method == "POST" else None
    return GradeForm(zones, grades, queries.published_weights(now), data)


def _page(request: HttpRequest, pk: UUID, form: GradeForm) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    with acting_as(Actor(user=user)):
        patient = assessable_by(user, pk, now)
        if patient is None:
            return not_yours(request, pk)
        because = records.because(user, patient, now)
        own, graded, bother = queries.own_view(patient), queries.gradings(patient), record.bother_over_time(patient)
        trail.opened(user, patient, SHOWN, because.why, visit_on=because.visit_on)
        context = {
            "patient": patient,
            "own": own,
            "chosen": [zone.code for zone in own.zones] if own else [],
            "named": [zone.name for zone in own.zones] if own else [],
            "scale": instruments.grading(),
            "graded": graded,
            "curve": _grades_over_time(graded),
            "bother": bother,
            "bother_curve": curve([(row.on, row.level) for row in bother], record.BOTHER_SCALE),
            "form": form,
        }
        return render(request, "workspace/scars.html", context, status=422 if form.errors else 200)


def _grades_over_time(graded: list[queries.Graded]) -> Curve | None:
    """The last grade of each day."""
    levels: dict[date, int] = {timezone.localdate(one.at): one.grade for one in reversed(graded)}
    return curve(list(levels.items()), GRADES)
