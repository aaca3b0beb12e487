"""Public holidays of the country (and its part) where a location lies."""

from datetime import date, timedelta

import holidays

from clinic.scheduling.models import Closure, Location

YEAR = timedelta(days=365)


def coming_holidays(place: Location, today: date) -> dict[date, str]:
    """{day: name} of the coming twelve months; nothing for a country that the library does not know."""
    country, _, part = place.jurisdiction.partition("-")
    try:
        days = holidays.country_holidays(country, subdiv=part or None, years=(today.year, today.year + 1))
    except NotImplementedError:
        return {}
    return {day: name for day, name in sorted(days.items()) if today <= day <= today + YEAR}


def closed_holidays(place: Location, today: date) -> dict[date, Closure]:
    """{day: its closure} of the holidays that are closed already."""
    rows = Closure.objects.filter(location=place, kind=Closure.Kind.HOLIDAY)
    found = {row.during.lower.astimezone(place.tz).date(): row for row in rows}
    return {day: row for day, row in found.items() if day >= today}
