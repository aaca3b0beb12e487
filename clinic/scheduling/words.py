"""Days, times and prices as people say them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


def day_words(day: date) -> str:
    """“Tuesday 1 December 2026”."""
    return date_format(day, "l j F Y")


def time_words(moment: datetime, zone: ZoneInfo) -> str:
    """“11:00”; in the hour that a clock change doubles, with the zone's abbreviation: “01:30 GMT”."""
    local = moment.astimezone(zone)
    doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M} {local:%Z}" if doubled else f"{local:%H:%M}"


def moment_words(moment: datetime, zone: ZoneInfo) -> str:
    """“Tuesday 1 December 2026, 11:00”, on the clock of `zone`."""
    return f"{day_words(moment.astimezone(zone).date())}, {time_words(moment, zone)}"


def zone_words(zone: ZoneInfo) -> str:
    """“London time”."""
    city = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return _("%(city)s time") % {"city": city}


def price_words(price_minor: int, currency: str) -> str:
    """“£180”, “£179.50”, “1,200 CHF”: minor units are hundredths."""
    amount = f"{price_minor / 100:,.2f}".removesuffix(".00")
    return f"{SYMBOLS[currency]}{amount}" if currency in SYMBOLS else f"{amount} {currency}"
