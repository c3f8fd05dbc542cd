"""What an import did: counts, refused rows with their reasons, and the report file of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from data.importers.values.datum_check import DatumCheck
from gisgrid.errors import Fault, Sentence

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something about one row, counted from 1, that is no fault of it: an update, another recorded area.

    ``counted`` as in `gisgrid.errors.Fault`.
    """

    row: int
    key: str
    field: str
    message: str
    counted: str = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """Counts by name in the order they are told, rows that were refused, and remarks about kept ones.

    ``warnings`` are about the whole file; ``datum`` says how well its places agree with what was known.
    """

    counts: Mapping[str, Any]
    faults: Sequence[Fault] = ()
    remarks: Sequence[Remark] = field(default=())
    warnings: Sequence[Sentence] = ()
    datum: DatumCheck | None = None

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return len({fault.row for fault in self.faults})

    def as_json(self) -> dict[str, object]:
        """Everything a program may want to know, without the single rows."""
        report: dict[str, object] = dict(self.counts)
        report["warnings"] = [str(warning) for warning in self.warnings]
        report["datum"] = self.datum.as_json() if self.datum else None
        return report

    def rows(self) -> list[tuple[str, ...]]:
        """The lines of the report: kind, row, key, column, reason, what the row counts; by row."""
        refused = [
            (fault.row or 0, "refused", "", fault.field or "", fault.message, fault.counted)
            for fault in self.faults
        ]
        noted = [
            (note.row, "note", note.key, note.field, note.message, note.counted) for note in self.remarks
        ]
        return [
            (kind, str(row), *more) for row, kind, *more in sorted(refused + noted, key=lambda line: line[0])
        ]


def write_report(path: Path, outcome: ImportOutcome) -> None:
    """The refused rows and remarks as CSV in UTF-8 with byte order mark, safe to open in a spreadsheet."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("kind", "row", "key", "column", "reason", "counted"))
        writer.writerows(plain_line(line) for line in outcome.rows())


def plain_line(line: Iterable[str]) -> list[str]:
    """The cells of a line, so that no spreadsheet takes one for a formula."""
    return [f"'{text}" if text.startswith(_FORMULA) else text for text in line]


def row_faults(source: str, row: int, faults: Iterable[tuple[str, str]]) -> list[Fault]:
    """The faults of one row with its place."""
    return [Fault(message=message, file=source, row=row, field=name) for name, message in faults]
