"""What a template's sheets hold: which field each column and single cell is, and what a row is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from gisgrid.records.core.rules import OutwardRows

ROW_NUMBER: Final = "row.number"
"""The field of a column that counts the rows."""

_SUMMED: Final = frozenset(
    {
        *("household.people_told", "household.minors", "household.registered"),
        *("household.elders", "household.elders_80", "building.dwellings"),
    }
)


def is_summed(code: str) -> bool:
    """Whether numbers of a field are added up in a row of totals: counts, no ages or years."""
    return code.startswith("count.") or code in _SUMMED


class OutwardPeople(StrEnum):
    """Which persons stand in the rows of a sheet."""

    EVERYONE = "everyone"
    ELDERS = "elders"
    ELDERS_80 = "elders_80"
    ALONE = "alone"
    IN_NEED = "in_need"
    VISITED = "visited"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardSheet:
    """A sheet: what its rows are about, which persons, and fields by column letters and by single cell."""

    sheet: str
    rows: OutwardRows
    people: OutwardPeople = OutwardPeople.EVERYONE
    columns: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)


_MOST_SENSITIVE: Final = (
    OutwardRows.PERSON,
    OutwardRows.HOUSEHOLD,
    OutwardRows.BUILDING,
    OutwardRows.GRID,
)


def rows_of(sheets: Iterable[OutwardSheet]) -> OutwardRows:
    """What a template's rows are about; of several kinds the one that tells most of people."""
    kinds = {sheet.rows for sheet in sheets if sheet.columns}
    return next((rows for rows in _MOST_SENSITIVE if rows in kinds), OutwardRows.GRID)


def sheets_to_json(sheets: Sequence[OutwardSheet]) -> dict[str, Any]:
    """As a template keeps them."""
    return {"sheets": [asdict(sheet) for sheet in sheets]}


def sheets_from_json(kept: Mapping[str, Any]) -> tuple[OutwardSheet, ...]:
    """What a template keeps, read again."""
    return tuple(
        OutwardSheet(
            sheet=row["sheet"],
            rows=OutwardRows(row["rows"]),
            people=OutwardPeople(row["people"]),
            columns=row["columns"],
            cells=row["cells"],
        )
        for row in kept["sheets"]
    )
