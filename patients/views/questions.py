"""The questions before a visit, a few on each page, saved as one goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from patients import trail
from patients.forms import CHANGED, PageForm, RepeatForm
from patients.models import Patient
from patients.operations import save_page
from patients.queries import intake
from patients.tickets import Ticket
from patients.views.own import AfterSave, nothing, own_record
from treatments.acting import Actor, acting_as
from treatments.doors import needs

if TYPE_CHECKING:
    from clinic.accounts.models import User


@dataclass(frozen=True)
class Visit:
    """One request for questions: who asks, for which visit, when."""

    user: "User"
    patient: Patient
    ticket: Ticket
    now: datetime

    @property
    def actor(self) -> Actor:
        return Actor(user=self.user)


@needs("patients.use_own_record")
@require_safe
def questions(request: HttpRequest, after_save: AfterSave = nothing) -> HttpResponse:
    """On to the first page with an open question, or out again when there is none."""
    visit = _visit(request)
    return _onward(visit) if isinstance(visit, Visit) else visit


@needs("patients.use_own_record")
@require_safe
def answers(request: HttpRequest, after_save: AfterSave = nothing) -> HttpResponse:
    """All that was answered for the visit, page by page, each page with a way to change it."""
    visit = _visit(request)
    if not isinstance(visit, Visit):
        return visit
    with acting_as(visit.actor):
        pages = intake.pages(visit.patient, visit.ticket, visit.now)
        trail.opened(visit.user, visit.patient, ["answers"], trail.OWN)
        shown = [(page, visit.ticket.url(page.code)) for page in pages]
        return render(request, "patients/answers.html", {"pages": shown, "next": visit.ticket.next})


@needs("patients.use_own_record")
@require_http_methods(["GET", "HEAD", "POST"])
def question_page(request: HttpRequest, page: str, after_save: AfterSave = nothing) -> HttpResponse:
    """One page of questions. POST saves it and goes on, or back."""
    visit = _visit(request)
    if not isinstance(visit, Visit):
        return visit
    if request.method == "POST":
        return _save(request, visit, page, after_save)
    with acting_as(visit.actor):
        pages = intake.pages(visit.patient, visit.ticket, visit.now)
        index = _index(pages, page)
        if index is None:
            return _onward(visit)
        form = PageForm(pages[index], visit.now)
        if form.initial or pages[index].before or intake.has_zones(pages):
            trail.opened(visit.user, visit.patient, ["answers"], trail.OWN)
        return _page(request, visit, pages, index, form)


def _save(request: HttpRequest, visit: Visit, page: str, after_save: AfterSave) -> HttpResponse:
    pages = intake.pages(visit.patient, visit.ticket, visit.now)
    index = _index(pages, page)
    if index is None:
        return _onward(visit)
    if RepeatForm.KEY in request.POST:
        return _repeat(request, visit, pages[index], after_save)
    back = "back" in request.POST and index > 0
    form = PageForm(pages[index], visit.now, request.POST, partial=back)
    if not form.is_valid():
        return _page(request, visit, pages, index, form)
    save_page(actor=visit.actor, patient=visit.patient, page=pages[index], values=form.values, now=visit.now)
    after_save(request, visit.patient)
    return redirect(visit.ticket.url(pages[index - 1].code)) if back else _onward(visit)


def _repeat(request: HttpRequest, visit: Visit, page: intake.Page, after_save: AfterSave) -> HttpResponse:
    """“All as last time”: the earlier answers, given anew today; the page once more when they are not those it showed."""
    form = RepeatForm(page, request.POST)
    if form.is_valid():
        values = {code: row.value for code, row in page.before.items()}
        save_page(actor=visit.actor, patient=visit.patient, page=page, values=values, now=visit.now)
        after_save(request, visit.patient)
        return _onward(visit)
    messages.warning(request, CHANGED)
    return redirect(visit.ticket.url(page.code))


def _visit(request: HttpRequest) -> Visit | HttpResponse:
    """What the ticket says, or the page for those who come without one, or out to where a record is made."""
    ticket = Ticket.read(request.GET.get("ticket", ""))
    if ticket is None:
        return render(request, "patients/no_ticket.html")
    user, now = cast("User", request.user), timezone.now()
    patient = own_record(user, now)
    return Visit(user, patient, ticket, now) if patient else redirect(ticket.next)


def _onward(visit: Visit) -> HttpResponse:
    following = intake.next_page(visit.patient, visit.ticket, visit.now)
    return redirect(visit.ticket.url(following) if following else visit.ticket.next)


def _index(pages: list[intake.Page], code: str) -> int | None:
    return next((index for index, page in enumerate(pages) if page.code == code), None)


def _page(request: HttpRequest, visit: Visit, pages: list[intake.Page], index: int, form: PageForm) -> HttpResponse:
    context = {
        "form": form,
        "repeat": RepeatForm(pages[index]) if pages[index].asks_again else None,
        "page": pages[index],
        "number": index + 1,
        "progress": intake.progress(pages),
        "back": index > 0,
    }
    return render(request, "patients/question_page.html", context, status=422 if form.errors else 200)
