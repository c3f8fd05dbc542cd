"""Whether the sealed values of a backup open with the keys at hand, and what to put where they don't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from gisgrid.access.keys.encryption import KeyRing, key_id_of
from gisgrid.storage.content.values import Row
from gisgrid.upkeep.manifest import TableNote

Seal = tuple[str, int]
"""A column, as ``table.column``, and the key its value was sealed with."""


class Seals:
    """Tries one value of each column and key while rows pass."""

    def __init__(self, ring: KeyRing | None) -> None:
        self._ring = ring
        self._tried: dict[Seal, bool] = {}

    @property
    def is_any(self) -> bool:
        """Whether anything sealed was seen."""
        return bool(self._tried)

    @property
    def shut(self) -> frozenset[Seal]:
        """What does not open."""
        return frozenset(seal for seal, opens in self._tried.items() if not opens)

    def watch(self, note: TableNote, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, looked at while they pass."""
        places = [(note.form.names.index(name), f"{note.form.name}.{name}") for name in note.sealed]
        for row in rows:
            for place, column in places:
                if row[place] is not None:
                    self._try(column, row[place])
            yield row

    def _try(self, column: str, value: bytes) -> None:
        seal = (column, key_id_of(value))
        if seal not in self._tried:
            self._tried[seal] = self._ring is not None and self._ring.opens(value, column)


def without_shut(
    note: TableNote, rows: Iterable[Row], shut: frozenset[Seal], ring: KeyRing, lost: Counter[str]
) -> Iterator[Row]:
    """The same rows, with an empty text, sealed by the key of today, for every value that does not open.

    ``lost`` counts them by column.
    """
    places = [(note.form.names.index(name), f"{note.form.name}.{name}") for name in note.sealed]
    for row in rows:
        fresh: list[Any] = list(row)
        for place, column in places:
            if row[place] is not None and (column, key_id_of(row[place])) in shut:
                fresh[place] = ring.seal(b"", column)
                lost[column] += 1
        yield fresh
