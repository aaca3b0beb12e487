"""Text kept as AES-256-GCM and bound to its place: a copied, moved or altered ciphertext raises, and never reads.

Stored form: key id, ".", 12-byte nonce, ciphertext with its 16-byte tag. Additional data: "table.column.row id", so the
row id must exist before the insert (UUIDs made in Python).
"""

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

NONCE = 12
FIELDS, FILES = b"clinic encrypted fields", b"clinic encrypted files"  # what a key of its own is derived for


class SealBroken(Exception):
    """The stored value was altered, moved to another row or column, or its key is missing. Names the place only."""


def seal(text: str, place: str) -> bytes:
    """`text` encrypted under the current key, bound to `place`."""
    return _sealed(text.encode(), place)


def unseal(stored: bytes | memoryview, place: str) -> str:
    """The text sealed at `place`. Raises SealBroken, never returns anything else."""
    return _opened(stored, place).decode()


def reseal(stored: bytes | memoryview, place: str) -> bytes:
    """The same content under the current key; what is under it already stays as it is. Raises SealBroken."""
    return bytes(stored) if is_current(stored) else _sealed(_opened(stored, place), place)


def seal_file(content: bytes, place: str) -> bytes:
    """The content of a file, encrypted under a key that opens no field."""
    return _sealed(content, place, FILES)


def unseal_file(stored: bytes, place: str) -> bytes:
    """The content sealed at `place`. Raises SealBroken, never returns anything else."""
    return _opened(stored, place, FILES)


def reseal_file(stored: bytes, place: str) -> bytes:
    """As `reseal`."""
    return stored if is_current(stored) else seal_file(unseal_file(stored, place), place)


def is_current(stored: bytes | memoryview) -> bool:
    """Whether the current key sealed it."""
    return bytes(stored).startswith(current_prefix())


def current_prefix() -> bytes:
    """How everything begins that the current key has sealed."""
    return settings.KEYRING["current"].encode() + b"."


def _sealed(content: bytes, place: str, purpose: bytes = FIELDS) -> bytes:
    nonce = os.urandom(NONCE)
    cipher = _cipher(settings.KEYRING["current"], purpose)
    return current_prefix() + nonce + cipher.encrypt(nonce, content, place.encode())


def _opened(stored: bytes | memoryview, place: str, purpose: bytes = FIELDS) -> bytes:
    try:
        kid, sealed = bytes(stored).split(b".", 1)
        return _cipher(kid.decode(), purpose).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except (InvalidTag, KeyError, ValueError) as error:
        raise SealBroken(place) from error


def _cipher(kid: str, purpose: bytes) -> AESGCM:
    return AESGCM(_derived(settings.KEYRING["keys"][kid], purpose))


@lru_cache
def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose only: the ring's own keys never encrypt anything (RFC 5869)."""
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key)


class _Sealed:
    """The attribute of the model: opened when somebody reads it, so a list of rows decrypts nothing."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:  # deferred
            instance.refresh_from_db(fields=[name])
        held = instance.__dict__[name]
        return unseal(held, self.field.place_of(instance)) if isinstance(held, bytes | memoryview) else held

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:
    _Binary = models.BinaryField[str, str]
else:
    _Binary = models.BinaryField


class EncryptedTextField(_Binary):
    """A text column that only this application can read.

    `place` ("table.column") is written into the migration, so that a renamed table still opens. An empty text stays an
    empty text. `queryset.update()` of it raises TypeError: save the instance. `row` names the field with the UUID that
    the text is bound to, where that is not the primary key.
    """

    def __init__(self, *args: Any, place: str = "", row: str = "id", **kwargs: Any) -> None:
        self.place, self.row = place, row
        super().__init__(*args, **{**kwargs, "editable": kwargs.get("editable", True)})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        row = {} if self.row == "id" else {"row": self.row}
        return name, path, args, {**kwargs, **row, "place": self.place, "editable": self.editable}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Sealed(self))

    def place_of(self, instance: models.Model) -> str:
        return self.place_for(getattr(instance, self.row))  # not pk: a row's history has another

    def place_for(self, row: UUID) -> str:
        """What the text of the row with this UUID is bound to."""
        return f"{self.place}.{row}"

    def get_default(self) -> str:
        return ""

    def to_python(self, value: Any) -> Any:
        return value  # BinaryField would read a str as base64

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        """A text that nobody opened is stored as it was read, or under the current key when that is another by now."""
        held = instance.__dict__[self.attname]
        return seal(held, self.place_of(instance)) if isinstance(held, str) else reseal(held, self.place_of(instance))
