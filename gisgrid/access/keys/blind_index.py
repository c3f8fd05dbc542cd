"""Keyed digests: a thing is known again by its digest, and without the key nobody can guess it.

A digest names the key it was made with, so it stays good while that key is in the ring.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from gisgrid.access.keys.encryption import KeyRing, ring_of

MARK: Final = "#"
"""How every digest begins, and no id from outside."""
_HEX_DIGITS: Final = 40
_NUMBER: Final = re.compile("[0-9]{1,9}")


def key_ring(session: Session) -> KeyRing:
    """The key ring a session's database was opened with.

    Raises
    ------
    MissingPart
        It was opened without one.
    """
    return ring_of(session.get_bind().dialect)


class Digests:
    """Digests for one purpose with every key of a ring; the current one comes first."""

    def __init__(self, ring: KeyRing, purpose: str) -> None:
        order = [ring.current, *(key for key in ring.secrets if key != ring.current)]
        self._keys = {key: ring.derive(purpose, key) for key in order}

    def every(self, parts: Sequence[str]) -> list[str]:
        """The digests of some texts, ``#KEY:HEX``, by each key; the first is the one to be stored."""
        return [_digest(key, secret, parts) for key, secret in self._keys.items()]

    def current(self, parts: Sequence[str]) -> str:
        """The digest of some texts by the current key."""
        key, secret = next(iter(self._keys.items()))
        return _digest(key, secret, parts)

    def is_of(self, digest: str, parts: Sequence[str]) -> bool:
        """Whether a stored digest is one of these texts; false where its key is no longer in the ring."""
        key = digest[1:].partition(":")[0]
        secret = self._keys.get(int(key)) if _NUMBER.fullmatch(key) else None
        if secret is None:
            return False
        stored = digest.encode("utf-8", "replace")  # bytes: a text from outside may hold any letters
        return hmac.compare_digest(stored, _digest(int(key), secret, parts).encode())


def _digest(key: int, secret: bytes, parts: Sequence[str]) -> str:
    # Each part with its length before it: no two lists of texts are the same message.
    message = "".join(f"{len(part)}:{part}" for part in parts).encode()
    return f"{MARK}{key}:{hmac.digest(secret, message, hashlib.sha256).hex()[:_HEX_DIGITS]}"
