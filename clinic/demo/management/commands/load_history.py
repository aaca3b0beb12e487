"""`manage.py load_history --claims N`: an empty database becomes a clinic with a long past, for measuring."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.demo.build import is_empty
from clinic.demo.history import load, open_history

WIDTH = 40


class Command(BaseCommand):
    help = "Fill an empty database with a synthetic clinic and N claims: 90 days ahead, the rest in the past."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--claims", type=int, required=True, help="how many, 10000 at least")

    def handle(self, *args: Any, claims: int, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("this is for measuring; it works only with LOCAL=1")
        if not is_empty():
            raise CommandError("This database is not empty. The history needs a new one: name it in DATABASE_URL.")
        now = timezone.now()
        open_history(now)
        try:
            stored = load(claims, now, lambda so_far: self._bar(so_far, claims))
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"\n{stored} claims")

    def _bar(self, so_far: int, claims: int) -> None:
        done = min(WIDTH, WIDTH * so_far // claims)
        self.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {so_far:>9,}", ending="")
        self.stderr.flush()
