"""“Your visit has to move”: the time that is kept for it, which the patient accepts or not."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.forms import AcceptForm
from clinic.scheduling.queries.closed import proposal_for
from clinic.scheduling.refusals import HoldLost, Refused
from clinic.scheduling.views.visits import own_or_404
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.book_own")
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Old and new side by side; only a POST accepts."""
    mine, now = own_or_404(request, pk), timezone.now()
    hold = proposal_for(mine, now)
    form = AcceptForm(request.POST or None, initial={"hold": hold.pk if hold else None})
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise HoldLost
            change = operations.Change(mine.pk, taking=form.cleaned_data["hold"])
            operations.reschedule(actor=Actor(user=user_of(request)), change=change, key=form.asked_key, now=now)
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("Your visit has a new time."))
            return redirect("scheduling:visit", mine.pk)
    context = {"visit": mine, "hold": hold, "form": form, "refusal": refusal}
    return render(request, "scheduling/proposal.html", context, status=409 if refusal else 200)
