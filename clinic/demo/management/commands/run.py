"""One machine, one command: a migrated database, the demo clinic when it is empty, the site and its worker."""

import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication

from clinic.demo import people
from clinic.demo.fresh import is_unused

PATIENCE = 12  # seconds for a killed run's processes to notice and leave the port


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, bind: str, port: int, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("`run` is for one machine; in production start gunicorn clinic.wsgi and manage.py worker")
        _wait_for_port(bind, port)
        if is_unused():
            call_command("demo_reset")
        else:
            call_command("migrate", verbosity=0)
            call_command("demo", if_empty=True)
        connections.close_all()  # what follows is started from here, and must not share a connection
        worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR)
        try:
            Site(bind, port, self._greet).run()
        finally:
            worker.terminate()
            worker.wait()

    def _greet(self, server: object) -> None:
        self.stdout.write(f"\n  The clinic is open:  {settings.SITE_URL}")
        self.stdout.write(f"  Letters and codes:   {settings.SITE_URL}/mailbox/")
        self.stdout.write("\n  Sign in with one of these addresses; the code is in the mailbox:")
        for role, email in people.SIGN_INS.items():
            self.stdout.write(f"    {role:<14} {email}")
        self.stdout.write("\n  Ctrl-C stops everything.\n")


class Site(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """The site under gunicorn, in this process, so that its workers leave when it is killed."""

    def __init__(self, bind: str, port: int, greet: Any) -> None:
        self.settings = {"bind": f"{bind}:{port}", "workers": 2, "timeout": 10, "loglevel": "warning", "when_ready": greet}
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()


def _wait_for_port(bind: str, port: int) -> None:
    """Raises CommandError when somebody else listens there."""
    until = time.monotonic() + PATIENCE
    while not _is_free(bind, port):
        if time.monotonic() > until:
            raise CommandError(f"port {port} is in use; choose another one: make run PORT={port + 1}")
        time.sleep(0.5)


def _is_free(bind: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return False
        return True
