"""`manage.py demo`: an empty database becomes the demo clinic."""

from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.demo.build import build, is_empty


class Command(BaseCommand):
    help = "Fill an empty database with a clinic of invented people: six weeks back, four ahead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--today", type=date.fromisoformat, help="YYYY-MM-DD; without it, today in London")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is anything already")

    def handle(self, *args: Any, today: date | None, if_empty: bool, **options: Any) -> None:
        if is_empty():
            self.stdout.write("Making the demo clinic …")
            build(today or timezone.localdate(timezone=ZoneInfo("Europe/London")))
        elif not if_empty:
            raise CommandError("This database is not empty. The demo needs a new one: name it in DATABASE_URL.")
