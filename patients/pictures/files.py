"""Sealed files of random names in `MEDIA_DIR`: each holds one picture in both its sizes and opens only for its own row."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from patients.encryption import SealBroken, reseal_file, seal_file, unseal_file
from patients.pictures.reading import Picture

LENGTH = 4  # bytes in front that say how long the preview is; then the preview, then the picture


@contextmanager
def keeping(picture: Picture, row: UUID) -> Iterator[str]:
    """Keep `picture` for the row with this UUID; yields the file's name. It is gone again when what follows fails.

    One file for both sizes, so that neither is ever there without the other.
    """
    name = secrets.token_hex(16)
    length = len(picture.preview).to_bytes(LENGTH, "big")
    _write(name, seal_file(length + picture.preview + picture.jpeg, _place(row)))
    try:
        yield name
    except BaseException:
        remove(name)
        raise


def jpeg(name: str, row: UUID) -> bytes:
    """The whole picture. Raises SealBroken for a file that is missing, altered, or another row's."""
    return _opened(name, row)[1]


def preview(name: str, row: UUID) -> bytes:
    """The small one. Raises SealBroken as well."""
    return _opened(name, row)[0]


def remove(name: str) -> None:
    _path(name).unlink(missing_ok=True)


def key_of(name: str) -> str | None:
    """The id of the key that sealed it; None where there is no such file."""
    try:
        with _path(name).open("rb") as file:
            return file.read(64).split(b".", 1)[0].decode(errors="replace")
    except FileNotFoundError:
        return None


def reseal(name: str, row: UUID) -> None:
    """The same under the current key. Raises SealBroken."""
    _write(name, reseal_file(_stored(name, row), _place(row)))


def _opened(name: str, row: UUID) -> tuple[bytes, bytes]:
    content = unseal_file(_stored(name, row), _place(row))
    end = LENGTH + int.from_bytes(content[:LENGTH], "big")
    return content[LENGTH:end], content[end:]


def _stored(name: str, row: UUID) -> bytes:
    try:
        return _path(name).read_bytes()
    except OSError as error:
        raise SealBroken(_place(row)) from error


def _write(name: str, sealed: bytes) -> None:
    """All of it or nothing, whenever the machine stops."""
    settings.MEDIA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _path(f"{name}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(_path(name))
        _flush_names()
    finally:
        draft.unlink(missing_ok=True)


def _flush_names() -> None:
    """A new name is only as lasting as its folder."""
    folder = os.open(settings.MEDIA_DIR, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _path(name: str) -> Path:
    return Path(settings.MEDIA_DIR) / name


def _place(row: UUID) -> str:
    return f"patients_photo.file.{row}"
