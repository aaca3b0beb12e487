"""Calendar files: when and where, in words that tell a stranger nothing."""

from datetime import UTC

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from clinic.scheduling.models import Appointment, AppointmentEvent, Status

CONFIRMED, CANCELLED = "CONFIRMED", "CANCELLED"


def calendar_file(visit: Appointment) -> bytes:
    """One VEVENT (RFC 5545) in UTC, so no clock change can move it; a cancelled visit cancels the entry of the same UID."""
    cancelled = visit.status == Status.CANCELLED
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(_event(visit, CANCELLED if cancelled else CONFIRMED))
    text: bytes = calendar.to_ical()
    return text


def _event(visit: Appointment, status: str) -> Event:
    events = AppointmentEvent.objects.filter(appointment=visit).order_by("number")
    stamps = list(events.values_list("at", flat=True)) or [visit.created_at]
    event = Event()
    event.add("uid", f"{visit.pk}@{settings.SITE_URL.split('//')[-1]}")
    event.add("dtstamp", stamps[-1])
    event.add("sequence", len(stamps))
    event.add("dtstart", visit.during.lower.astimezone(UTC))
    event.add("dtend", visit.during.upper.astimezone(UTC))
    event.add("summary", _("Appointment at %(clinic)s") % {"clinic": settings.SITE_NAME})
    event.add("location", f"{visit.location.name}, {visit.location.address}".replace("\r", "").replace("\n", ", "))
    event.add("description", _("Telephone: %(number)s") % {"number": visit.location.telephone})
    event.add("status", status)
    return event
