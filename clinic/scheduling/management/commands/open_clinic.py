"""`manage.py open_clinic clinic.yaml`: the one way to begin. docs/clinic.example.yaml shows all that can be written."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.scheduling.opening import ClinicPlan, WrongFile, read_plan
from clinic.scheduling.operations.open_clinic import ClinicExists, open_clinic


class Command(BaseCommand):
    help = "Open the clinic that a file describes. Everything is checked first; nothing is written when a line is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="such as docs/clinic.example.yaml")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        plan = self._plan(file)
        try:
            drafts = open_clinic(plan=plan, now=timezone.now())
        except ClinicExists as refusal:
            raise CommandError(str(refusal)) from refusal
        names = ", ".join(place.name for place in plan.places)
        self.stdout.write(f"Open: {names}, with {len(plan.people)} people. {plan.people[0].email} can sign in as its owner.")
        self.stdout.write(f"{len(drafts)} drafts await approval; patients see each one once it is published.")

    def _plan(self, file: Path) -> ClinicPlan:
        try:
            return read_plan(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read as text: {error}") from error
        except WrongFile as wrong:
            listed = "\n".join(f"  {problem}" for problem in wrong.problems)
            raise CommandError(f"Nothing was written. {file} needs changes:\n{listed}") from wrong
