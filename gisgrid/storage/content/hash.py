"""The content hash: equal where two databases hold the same rows, whatever their kind and order.

Each row's canonical form is digested by SHA-512; the digests of a table are added modulo 2^512, so that the
order doesn't matter and nothing has to be kept or sorted. A table's hash takes in its name, its columns with
their kinds, and how many rows it has; the content hash takes in the revision and every table by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from gisgrid.storage.content.forms import TableForm
from gisgrid.storage.content.values import Row, canonical

_MODULUS: Final = 1 << 512
_BYTES: Final = 64


class TableHash:
    """Adds up the rows of one table."""

    def __init__(self, form: TableForm) -> None:
        self.form = form
        self.rows = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        """Take one row in."""
        digest = hashlib.sha512(canonical(self.form, row)).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % _MODULUS
        self.rows += 1

    def hexdigest(self) -> str:
        """The table's hash, in hex."""
        columns = ",".join(
            f"{column.name}:{column.kind}" for column in sorted(self.form.columns, key=lambda c: c.name)
        )
        head = f"{self.form.name}\n{columns}\n{self.rows}\n".encode()
        return hashlib.sha256(head + self._sum.to_bytes(_BYTES, "big")).hexdigest()


def content_hash(head: str | None, tables: Mapping[str, str]) -> str:
    """The hash of everything: the revision, and each table's hash by its name."""
    lines = [f"revision {head}", *(f"{name} {tables[name]}" for name in sorted(tables))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
