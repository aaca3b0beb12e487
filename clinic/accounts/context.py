"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The clinic's name, and which parts of the navigation are for whoever asks."""
    may = request.user.has_perm if hasattr(request, "user") else lambda permission: False
    return {
        "mailbox": settings.MAILBOX,
        "site_name": settings.SITE_NAME,
        "perms_day": may("scheduling.view_day"),
        "perms_review": may("scheduling.review"),
        "perms_desk": may("scheduling.book_for_patients"),
        "perms_close": may("scheduling.close_time"),
        "perms_places": may("scheduling.manage_places"),
        "perms_prices": may("scheduling.set_prices"),
        "perms_records": may("patients.read_records"),
        "perms_emergencies": may("patients.watch_emergencies"),
        "perms_clinical": may("treatments.read_clinical"),
        "perms_catalogue": may("treatments.edit_catalogue"),
    }
