"""Prices, by location and treatment: what public pages and new bookings say."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.scheduling import operations
from clinic.scheduling.forms import PriceForm
from clinic.scheduling.queries.offers import priced
from treatments.acting import Actor
from treatments.doors import needs, user_of


@needs("scheduling.set_prices")
@require_http_methods(["GET", "HEAD", "POST"])
def prices(request: HttpRequest) -> HttpResponse:
    """Every price with a form of its own; one is sent at a time."""
    rows = priced(timezone.now())
    forms = [PriceForm(offer, request.POST if _is_sent(request, offer.pk) else None) for offer, name in rows]
    sent = next((form for form in forms if form.is_bound), None)
    if sent is not None and sent.is_valid():
        operations.set_price(
            actor=Actor(user=user_of(request)),
            place=sent.offer.location,
            treatment=sent.offer.treatment,
            price_minor=sent.price_minor,
            now=timezone.now(),
        )
        messages.success(request, _("The new price counts from now on. Booked visits keep theirs."))
        return redirect("scheduling:prices")
    table = [(offer, name, form) for (offer, name), form in zip(rows, forms, strict=True)]
    status = 422 if sent is not None and sent.errors else 200
    return render(request, "scheduling/prices.html", {"table": table, "sent": sent}, status=status)


def _is_sent(request: HttpRequest, pk: int) -> bool:
    return request.method == "POST" and request.POST.get("offer") == str(pk)
