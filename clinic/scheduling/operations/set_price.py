"""Prices: a new one counts from now on; visits that are booked keep theirs."""

from datetime import datetime

from clinic.scheduling.models import Location, Offer
from clinic.scheduling.refusals import NotAllowed
from treatments.acting import Actor, acting_as
from treatments.models import Treatment


def set_price(*, actor: Actor, place: Location, treatment: Treatment, price_minor: int, now: datetime) -> Offer:
    """The offer of `treatment` at `place` from now on, in the currency of the one before. Raises NotAllowed.

    Only what is offered there already can be priced anew; the same price again changes nothing.
    """
    if not actor.may("scheduling.set_prices"):
        raise NotAllowed
    with acting_as(actor):
        before = Offer.objects.filter(location=place, treatment=treatment, valid_from__lte=now)
        last = before.select_for_update().order_by("-valid_from").first()
        if last is None:
            raise NotAllowed
        if last.price_minor == price_minor:
            return last
        return Offer.objects.create(
            location=place, treatment=treatment, price_minor=price_minor, currency=last.currency, valid_from=now
        )
