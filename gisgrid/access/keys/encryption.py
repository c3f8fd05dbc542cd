"""Field encryption: AES-256-GCM with a key ring outside the database.

Layout of a stored value: version (1 byte), key id (4 bytes), nonce (12 bytes), ciphertext with tag.
The column's name is authenticated too, so a value moved to another column does not open.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
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
_MARK_DIGITS: Final = 32
_IDENTITY: Final = {"is_", "is_not"}


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Secrets by key id, and which of them encrypts from now on. Old ones stay for reading.

    ``former``: marks of keys that were taken out.
    """

    current: int
    secrets: dict[int, bytes]
    _derived: dict[tuple[str, bytes], bytes] = field(default_factory=dict, compare=False, repr=False)
    former: frozenset[str] = frozenset()

    def derive(self, purpose: str, key_id: int | None = None) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
        secret = self.secrets.get(self.current if key_id is None else key_id)
        if secret is None:
            raise MissingPart("the key file lacks a key that this database was encrypted with")
        wanted = (purpose, secret)
        if wanted not in self._derived:
            key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)
            self._derived[wanted] = key
        return self._derived[wanted]

    def mark(self, key_id: int) -> str:
        """What a key is known by without telling it."""
        return self.derive("mark", key_id).hex()[:_MARK_DIGITS]

    def follows(self, other: KeyRing) -> bool:
        """Whether this ring came out of another by turning keys and taking old ones out."""
        known = {self.mark(key) for key in self.secrets} | self.former
        return other.mark(other.current) in known

    def encrypt(self, text: str, column: str) -> bytes:
        """A text as bytes for one column; two encryptions of one text differ."""
        return self.seal(text.encode(), column)

    def seal(self, content: bytes, column: str) -> bytes:
        """Bytes sealed for one column."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.derive("field")).encrypt(nonce, content, column.encode())
        return seal_head(self.current) + nonce + sealed

    def decrypt(self, value: bytes, column: str) -> str:
        """The text again; see :meth:`unseal`."""
        return self.unseal(value, column).decode()

    def unseal(self, value: bytes, column: str) -> bytes:
        """The bytes again.

        Raises
        ------
        MissingPart
            The key is not in the ring, or the value was altered or moved to another column.
        """
        key_id = key_id_of(value)
        body = value[_HEADER_BYTES:]
        nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return AESGCM(self.derive("field", key_id)).decrypt(nonce, sealed, column.encode())
        except InvalidTag:
            raise MissingPart(f"an encrypted value of {column} does not open with the key file") from None

    def opens(self, value: bytes, column: str) -> bool:
        """Whether a sealed value opens with a key of this ring."""
        try:
            self.unseal(value, column)
        except MissingPart:
            return False
        return True


def seal_head(key_id: int) -> bytes:
    """What every value sealed with a key begins with."""
    return bytes([_VERSION]) + key_id.to_bytes(4, "big")


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
        known = {int(key): bytes.fromhex(secret) for key, secret in ring["keys"].items()}
        return KeyRing(int(ring["current"]), known, former=frozenset(map(str, ring.get("former", ()))))
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


class KeyFile:
    """The key ring of a file, read again whenever the file has changed: keys are turned while others work.

    A file that can't be read at the moment leaves the ring that was read last, and so does one that never
    held the key that sealed until then: a wrong file put in place while others work seals nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ring = load_keys(path)
        self._seen = _stamp(path)

    def ring(self) -> KeyRing:
        """The ring of now."""
        stamp = _stamp(self.path)
        if stamp != self._seen and stamp is not None:
            try:
                fresh = load_keys(self.path)
            except MissingPart:
                return self._ring
            if fresh.follows(self._ring):
                self._ring, self._seen = fresh, stamp
        return self._ring


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_ino, status.st_size)


def open_database(url: URL, keys: KeyRing | KeyFile) -> Database:
    """The database at a URL, opened with the keys that its encrypted columns need."""
    from gisgrid.access.unfinished import hide_unfinished  # noqa: PLC0415 - models stand on this file

    database = Database(url)
    database.on_open = hide_unfinished
    database.engine.dialect.gisgrid_keys = keys  # type: ignore[attr-defined]
    return database


class Sealed(TypeDecorator[Any]):
    """A column that is encrypted in the row. It can't be compared: the nonce is random.

    The key ring stands on the engine's dialect (``dialect.gisgrid_keys``), put there by whoever
    opens the database, so that no key lives in a module.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    class Comparator(TypeEngine.Comparator[Any]):
        """Refuses every comparison but IS NULL."""

        def operate(self, op: OperatorType, *other: Any, **options: Any) -> Any:
            """Only ``IS NULL`` and ``IS NOT NULL`` make sense on a sealed value."""
            if op.__name__ not in _IDENTITY:
                raise InvalidInput("an encrypted column can't be searched or sorted in SQL")
            return super().operate(op, *other, **options)

    comparator_factory = Comparator


class Encrypted(Sealed):
    """A text column that is encrypted in the row."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Text to sealed bytes."""
        return None if value is None else ring_of(dialect).encrypt(value, self.column)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Sealed bytes to text."""
        return None if value is None else ring_of(dialect).decrypt(bytes(value), self.column)


class EncryptedBytes(Sealed):
    """A column of bytes, such as a picture, that are encrypted in the row."""

    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Bytes to sealed bytes."""
        return None if value is None else ring_of(dialect).seal(value, self.column)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Sealed bytes to bytes."""
        return None if value is None else ring_of(dialect).unseal(bytes(value), self.column)


def ring_of(dialect: Dialect) -> KeyRing:
    """The key ring a database was opened with, as it is now.

    Raises
    ------
    MissingPart
        It was opened without one.
    """
    keys = getattr(dialect, "gisgrid_keys", None)
    if isinstance(keys, KeyFile):
        return keys.ring()
    if not isinstance(keys, KeyRing):
        raise MissingPart("the database was opened without its key file")
    return keys
