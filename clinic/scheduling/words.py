"""Days, times and prices as people say them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.scheduling.policies.intervals import LAST, Barred, Need

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


def earliest_words(span: Barred) -> str:
    """“The earliest day we can offer is Friday 5 March 2027, because …”, for the span that decides it."""
    if span.last >= LAST:
        return first_words((span.need,)) if span.need else ""
    day = day_words(span.last + timedelta(days=1))
    said = _("The earliest day we can offer is %(day)s, because %(why)s.") % {"day": day, "why": _why(span)}
    return f"{said} {span.reason}".rstrip()


def _why(span: Barred) -> str:
    on = day_words(span.visit.day) if span.visit else ""
    if span.need:
        return f"{_what_first(span.need)} ({on})" if on else _what_first(span.need)
    if not span.days:
        return _("your visit on %(day)s comes later and needs time before it") % {"day": on}
    says = ngettext(
        "your skin needs %(days)s day after your visit on %(day)s",
        "your skin needs %(days)s days after your visit on %(day)s",
        span.days,
    )
    return says % {"days": span.days, "day": on}


def first_words(needs: Sequence[Need]) -> str:
    """“Before this visit comes a consultation, at least 7 days earlier.”, with the reason, one after the other."""
    said = (_("Before this visit comes %(first)s.") % {"first": need_words(need)} for need in needs)
    return " ".join(f"{words} {need.reason}".rstrip() for words, need in zip(said, needs, strict=True))


def need_words(need: Need) -> str:
    """“a consultation, at least 7 days earlier”."""
    if not need.lead_days:
        return need.what
    says = ngettext("%(what)s, at least %(days)s day earlier", "%(what)s, at least %(days)s days earlier", need.lead_days)
    return says % {"what": need.what, "days": need.lead_days}


def _what_first(need: Need) -> str:
    """“a consultation comes at least 7 days before”."""
    said = {"what": need.what, "days": need.lead_days}
    if not need.lead_days:
        return _("%(what)s comes first") % said
    one, more = "%(what)s comes at least %(days)s day before", "%(what)s comes at least %(days)s days before"
    return ngettext(one, more, need.lead_days) % said
