"""Django's `migrate`, as this site needs it: as the owner of the tables, then granting the application what it may do."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from clinic.accounts import privileges


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == DEFAULT_DB_ALIAS:
            options["database"] = "owner"  # the application may not change tables
        super().handle(*args, **options)
        call_command("createcachetable", database="owner", verbosity=0)
        privileges.grant()
