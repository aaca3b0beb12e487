"""What `clinic/urls.py` hands to the lower apps: prices and booking links to the catalogue, the hold to the intake."""

from contextlib import suppress

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.scheduling import operations
from clinic.scheduling.holder import holder_of
from clinic.scheduling.queries.offers import prices_from
from clinic.scheduling.refusals import HoldLost
from patients.models import Patient
from treatments.acting import Actor
from treatments.doors import user_of
from treatments.models import Treatment


def prices() -> dict[int, str]:
    """{treatment id: “from £180”}."""
    return {pk: _("from %(price)s") % {"price": price} for pk, price in prices_from(timezone.now()).items()}


def book_url(treatment: Treatment) -> str:
    return reverse("scheduling:times", args=[treatment.pk])


def after_save(request: HttpRequest, patient: Patient) -> None:
    """A saved page of the journey keeps the time (a lapsed hold is dealt with when the journey goes on), and what it says
    is put to the visits that are booked already.
    """
    holder, now = holder_of(request), timezone.now()
    if holder:
        with suppress(HoldLost):
            operations.renew(holder=holder, now=now)
    operations.take_answers(actor=Actor(user=user_of(request)), patient=patient, now=now)
