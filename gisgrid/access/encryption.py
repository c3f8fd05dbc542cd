"""Field encryption: AES-256-GCM with a key ring outside the database.

Layout of a stored value: version (1 byte), key id (4 bytes), nonce (12 bytes), ciphertext with tag.
The column's name is authenticated too, so a value moved to another column does not open.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import URL, Dialect, LargeBinary
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from gisgrid.errors import InvalidInput, MissingPart
from gisgrid.storage.engine import Database

_VERSION: Final = 1
_NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = 5
_SECRET_BYTES: Final = 32
_IDENTITY: Final = {"is_", "is_not"}


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Secrets by key id, and which of them encrypts from now on. Old ones stay for reading."""

    current: int
    secrets: dict[int, bytes]

    def derive(self, purpose: str, key_id: int | None = None) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
        secret = self.secrets.get(self.current if key_id is None else key_id)
        if secret is None:
            raise MissingPart("the key file lacks a key that this database was encrypted with")
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)

    def encrypt(self, text: str, column: str) -> bytes:
        """A text as bytes for one column; two encryptions of one text differ."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.derive("field")).encrypt(nonce, text.encode(), column.encode())
        return bytes([_VERSION]) + self.current.to_bytes(4, "big") + nonce + sealed

    def decrypt(self, value: bytes, column: str) -> str:
        """The text again.

        Raises
        ------
        MissingPart
            The key is not in the ring, or the value was altered or moved to another column.
        """
        key_id = key_id_of(value)
        body = value[_HEADER_BYTES:]
        nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return AESGCM(self.derive("field", key_id)).decrypt(nonce, sealed, column.encode()).decode()
        except InvalidTag:
            raise MissingPart(f"an encrypted value of {column} does not open with the key file") from None


def key_id_of(value: bytes) -> int:
    """The id of the key that a value was sealed with."""
    return int.from_bytes(value[1:_HEADER_BYTES], "big")


def load_keys(path: Path) -> KeyRing:
    """The key ring of a file.

    Raises
    ------
    MissingPart
        The file is missing or not a key ring.
    """
    try:
        ring = json.loads(path.read_text(encoding="utf-8"))
        return KeyRing(int(ring["current"]), {int(k): bytes.fromhex(v) for k, v in ring["keys"].items()})
    except FileNotFoundError:
        raise MissingPart(f"the key file {path.name} is missing; `gisgrid db upgrade` makes one") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MissingPart(f"the key file {path.name} can't be read") from None


def ensure_keys(path: Path) -> KeyRing:
    """The key ring of a file, made with mode 0600 if it does not exist; safe when two start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ring = {"current": 1, "keys": {"1": secrets.token_hex(_SECRET_BYTES)}}
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(ring, file)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return load_keys(path)
    finally:
        temporary.unlink()
    return load_keys(path)


def open_database(url: URL, keys: KeyRing) -> Database:
    """The database at a URL, opened with the key ring that its encrypted columns need."""
    database = Database(url)
    database.engine.dialect.gisgrid_keys = keys  # type: ignore[attr-defined]
    return database


class Encrypted(TypeDecorator[str]):
    """A text column that is encrypted in the row. It can't be compared: the nonce is random.

    The key ring stands on the engine's dialect (``dialect.gisgrid_keys``), put there by whoever
    opens the database, so that no key lives in a module.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Text to sealed bytes."""
        return None if value is None else _ring(dialect).encrypt(value, self.column)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Sealed bytes to text."""
        return None if value is None else _ring(dialect).decrypt(bytes(value), self.column)

    class Comparator(TypeEngine.Comparator[str]):
        """Refuses every comparison but IS NULL."""

        def operate(self, op: OperatorType, *other: Any, **options: Any) -> Any:
            """Only ``IS NULL`` and ``IS NOT NULL`` make sense on a sealed value."""
            if op.__name__ not in _IDENTITY:
                raise InvalidInput("an encrypted column can't be searched or sorted in SQL")
            return super().operate(op, *other, **options)

    comparator_factory = Comparator


def _ring(dialect: Dialect) -> KeyRing:
    ring = getattr(dialect, "gisgrid_keys", None)
    if not isinstance(ring, KeyRing):
        raise MissingPart("the database was opened without its key file")
    return ring
