"""`manage.py demo_reset`: whatever is in the database is thrown away for a new demo clinic."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.demo.fresh import start_over


class Command(BaseCommand):
    help = "Throw everything away and make a new demo clinic. Only on one machine's own database (LOCAL=1)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("this throws the whole database away; it works only with LOCAL=1 (make demo-reset)")
        self.stdout.write("Making a new demo clinic …")
        start_over(timezone.localdate(timezone=ZoneInfo("Europe/London")))
