"""What a row of a file is called by who looks into it: a line of text, a row of a sheet, the n-th feature.

While a file is read and kept its rows are counted from 1, without heads and empty ones. Before anything is
told of one, its number becomes that of its line or row in the file.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gisgrid.errors import ROW, Fault, InvalidInput, Sentence, say

if TYPE_CHECKING:
    from data.importers.outcome import ImportOutcome, Remark

LINE, SHEET_ROW, FEATURE, RECORD = "line", "row", "feature", "record"
_PLACES: Final = {
    LINE: say("line {row}", row=0),
    SHEET_ROW: say(ROW, row=0),
    FEATURE: say("feature {row}", row=0),
    RECORD: say("record {row}", row=0),
}


@dataclass(frozen=True, slots=True)
class Lines:
    """How rows are called (``counted``), and what gives the numbers of ``rows`` rows; without it they stay.

    The numbers are asked for only where something is told of a row: of a file without faults nobody does.
    """

    counted: str = SHEET_ROW
    numbers: Callable[[], Iterator[int]] | None = None
    rows: int = 0

    def first(self, count: int) -> list[int]:
        """The numbers of the first rows."""
        try:
            known = list(islice(self.numbers(), count)) if self.numbers else []
        except csv.Error:
            known = []
        return known if len(known) == count else list(range(1, count + 1))

    def outcome(self, outcome: ImportOutcome) -> ImportOutcome:
        """An outcome whose faults and remarks name their place in the file."""
        if not outcome.faults and not outcome.remarks:
            return outcome
        named = self._named()
        return replace(
            outcome,
            faults=[named.fault(fault) for fault in outcome.faults],
            remarks=[named.remark(remark) for remark in outcome.remarks],
        )

    def faults(self, faults: Sequence[Fault]) -> list[Fault]:
        """Faults that name their place in the file."""
        named = self._named() if faults else _NamedRows(self.counted)
        return [named.fault(fault) for fault in faults]

    def error(self, error: InvalidInput) -> InvalidInput:
        """An error whose faults name their place in the file."""
        error.faults = tuple(self.faults(error.faults))
        error.args = ("; ".join(fault.sentence() for fault in error.faults),)
        return error

    def _named(self) -> _NamedRows:
        """The names of all rows; where a file can't be told apart as it was read, they count as records."""
        if self.numbers is None:
            return _NamedRows(self.counted)
        try:
            known = array("q", self.numbers())
        except csv.Error:
            return _NamedRows(RECORD)
        return _NamedRows(self.counted, known) if len(known) == self.rows else _NamedRows(RECORD)


@dataclass(frozen=True, slots=True)
class _NamedRows:
    """Rows by the names they have in their file."""

    counted: str
    known: Sequence[int] = ()

    def number(self, row: int) -> int:
        """The number of a row, counted from 1 where nothing else is known."""
        return self.known[row - 1] if 0 < row <= len(self.known) else row

    def fault(self, fault: Fault) -> Fault:
        """A fault at its place."""
        message = self.sentence(fault.message)
        if fault.row is None:
            return replace(fault, message=message)
        return replace(fault, row=self.number(fault.row), counted=self.counted, message=message)

    def remark(self, remark: Remark) -> Remark:
        """A remark at its place."""
        message = self.sentence(remark.message)
        key = self.sentence(remark.key)
        return replace(remark, row=self.number(remark.row), key=key, counted=self.counted, message=message)

    def sentence(self, said: str) -> str:
        """A sentence in which other rows are named as they are called here."""
        if not isinstance(said, Sentence):
            return said
        if said.template == ROW:
            return say(_PLACES[self.counted].template, row=self.number(int(str(said.values["row"]))))
        if not any(isinstance(value, Sentence) for value in said.values.values()):
            return said
        values = {
            name: self.sentence(value) if isinstance(value, Sentence) else value
            for name, value in said.values.items()
        }
        return say(said.template, **values)


def lines_of_text(path: Path, *, encoding: str, separator: str, rows: int) -> Lines:
    """The lines on which the rows of a CSV begin, behind the one with the names.

    A value may go over several lines, and empty lines are no rows.
    """
    return Lines(LINE, lambda: islice(_starts(path, encoding, separator), 1, None), rows)


def _starts(path: Path, encoding: str, separator: str) -> Iterator[int]:
    """The line each row begins on, counted from 1, the names among them."""
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=separator)
        before = 0
        for row in reader:
            start, before = before + 1, reader.line_num
            is_blank = len(row) == 1 and row[0] and not row[0].strip(" \t")
            if row and not is_blank:
                yield start


def first_long_line(path: Path, *, encoding: str, separator: str, width: int) -> int | None:
    """The line on which the first row with more values than names begins."""
    with path.open(encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=separator)
        before = 0
        for row in reader:
            start, before = before + 1, reader.line_num
            if len(row) > width:
                return start
    return None
