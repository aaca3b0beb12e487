#!/usr/bin/env python
"""Django's command line. Where the environment names no database, it starts the embedded one."""

import os
import sys

from clinic import local
from clinic.embedded import EmbeddedPostgresError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        local.prepare()
    except EmbeddedPostgresError as error:
        raise SystemExit(f"No database: {error}") from error
    from django.core.management import execute_from_command_line  # after the environment is complete

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
