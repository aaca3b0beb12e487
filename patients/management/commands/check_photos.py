"""`manage.py check_photos`: pictures that do not open, and files that no picture needs. `--remove` removes those files."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from patients.pictures.checking import closed, strays


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove the files that no picture needs")

    def handle(self, *args: Any, remove: bool, **options: Any) -> None:
        do_not_open, left_over = list(closed()), strays()
        for pk in do_not_open:
            self.stdout.write(f"does not open: patients_photo.file.{pk}")
        for path in left_over:
            self.stdout.write(f"{'removed' if remove else 'no picture needs'}: {path.name}")
            if remove:
                path.unlink(missing_ok=True)
        self.stdout.write(f"Pictures that do not open: {len(do_not_open)}. Files that no picture needs: {len(left_over)}.")
