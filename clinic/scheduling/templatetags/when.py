"""Days, times and prices in templates: always on the clock of the location."""

from datetime import date, datetime

from django import template
from django.utils.text import capfirst

from clinic.scheduling import words
from clinic.scheduling.models import Appointment, Location, Offer
from clinic.scheduling.policies.intervals import Need

register = template.Library()


@register.filter
def at(moment: datetime, place: Location) -> str:
    """{{ visit.during.lower|at:visit.location }} → “Tuesday 1 December 2026, 11:00”."""
    return words.moment_words(moment, place.tz)


@register.filter
def clock(moment: datetime, place: Location) -> str:
    return words.time_words(moment, place.tz)


@register.filter
def zone_of(place: Location) -> str:
    return words.zone_words(place.tz)


@register.filter
def in_words(day: date) -> str:
    return words.day_words(day)


@register.filter
def need_in_words(need: Need) -> str:
    """“A consultation, at least 7 days earlier”."""
    return capfirst(words.need_words(need))


@register.filter
def price_of(visit: Appointment | Offer) -> str:
    return words.price_words(visit.price_minor, visit.currency)
