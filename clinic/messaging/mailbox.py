"""The mailbox of a machine without a mail server: letters are files, and a page of this machine shows them."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

SHOWN = 30
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each letter


class Letter(NamedTuple):
    to: str
    subject: str
    date: str
    body: str
    attachments: tuple[str, ...]


def newest() -> list[Letter]:
    """The last letters that were written to `EMAIL_FILE_PATH`, newest first."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_read(text) for path in files[:SHOWN] for text in reversed(path.read_bytes().split(BETWEEN)) if text.strip()]


def _read(text: bytes) -> Letter:
    parsed: EmailMessage = message_from_bytes(text.lstrip(), EmailMessage, policy=policy.default)
    body = parsed.get_body(("plain",))
    names = tuple(part.get_filename() or "" for part in parsed.iter_attachments())
    return Letter(parsed["to"], parsed["subject"], parsed["date"], body.get_content() if body else "", names)
