"""What is offered where: for the catalogue's prices and the first step of a booking."""

from datetime import datetime

from django.db.models import QuerySet

from clinic.scheduling.models import Location, Offer, Resource
from clinic.scheduling.words import price_words
from treatments.models import Treatment, TreatmentVersion


def offers_in_force(now: datetime) -> list[Offer]:
    """The newest begun offer of each treatment at each open location."""
    return list(_newest(now).filter(location__active=True).select_related("location", "treatment"))


def _newest(now: datetime) -> QuerySet[Offer]:
    begun = Offer.objects.filter(valid_from__lte=now)
    return begun.order_by("location_id", "treatment_id", "-valid_from").distinct("location_id", "treatment_id")


def prices_from(now: datetime) -> dict[int, str]:
    """{treatment id: “£180”}, the lowest price of each treatment; the currency of the location that has it."""
    cheapest: dict[int, Offer] = {}
    for offer in sorted(offers_in_force(now), key=lambda o: o.price_minor, reverse=True):
        cheapest[offer.treatment_id] = offer
    return {treatment: price_words(offer.price_minor, offer.currency) for treatment, offer in cheapest.items()}


def bookable(now: datetime) -> list[TreatmentVersion]:
    """The live version of each treatment that some open location offers."""
    offered = {offer.treatment_id for offer in offers_in_force(now)}
    live = TreatmentVersion.objects.live(now).filter(treatment__in=offered).values("pk")
    shown = TreatmentVersion.objects.filter(pk__in=live).exclude(treatment__retired_at__lte=now)
    return list(shown.select_related("treatment").order_by("treatment__position"))


def places_offering(treatment: Treatment, now: datetime) -> list[Location]:
    offers = Offer.objects.filter(treatment=treatment, valid_from__lte=now).values("location")
    return list(Location.objects.filter(pk__in=offers, active=True))


def practitioners_for(treatment: Treatment, place: Location) -> list[Resource]:
    """Who performs the treatment at the location."""
    skilled = Resource.objects.filter(kind=Resource.Kind.PRACTITIONER, active=True, treatments=treatment)
    return list(skilled.filter(hours__location=place).distinct())


def open_places() -> list[Location]:
    return list(Location.objects.filter(active=True))


def priced(now: datetime) -> list[tuple[Offer, str]]:
    """Every offer in force with the name of its treatment, by location and in the clinic's order."""
    live = TreatmentVersion.objects.live(now).values_list("treatment_id", "name")
    names = dict(live)
    offers = [offer for offer in offers_in_force(now) if offer.treatment_id in names]
    offers.sort(key=lambda offer: (offer.location.name, offer.treatment.position))
    return [(offer, names[offer.treatment_id]) for offer in offers]
