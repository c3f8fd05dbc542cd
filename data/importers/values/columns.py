"""Which column of a file is which of our fields: by exact name, or as the user says it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pandas as pd

from data.importers.readers.table import FileTable
from data.importers.values.positions import one_column
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.heartbeat import Pulse, no_pulse

MISSING: Final = frozenset(
    {
        "null",
        "<null>",
        "(null)",
        "none",
        "nan",
        "nat",
        "n/a",
        "#n/a",
        "nil",
        "undefined",
        "\\n",
        "/",
        "-",
        "--",
        "—",
        "——",
    }
)
"""What stands in a field where nothing is known, in whatever case."""

_MARKS: Final = frozenset("*:_-/.#")
_FORMULA: Final = ("=", "+", "-", "@")

ALL: Final = slice(None)
_AT_ONCE: Final = 2000
"""Rows that are turned into text together."""


class OneRow(NamedTuple):
    """A row with its number from 1, its fields as text, and those wanted as they stand in the file."""

    number: int
    texts: dict[str, str]
    values: dict[str, Any]


Names = Mapping[str, Sequence[str]]
"""Our fields, and the names a column may have to be taken for one; case does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A table and which of its columns holds which field."""

    table: FileTable
    chosen: Mapping[str, str]

    def has(self, field: str) -> bool:
        """Whether the file has a column for a field."""
        return field in self.chosen

    def texts(self, field: str, rows: slice = ALL) -> list[str]:
        """A field of some rows as text without blanks round it; empty where the file has none."""
        if field not in self.chosen:
            return [""] * len(self.table.frame.index[rows])
        # Equal texts are kept once: of most fields many rows say the same.
        known: dict[str, str] = {}
        texts = (text_of(value) for value in one_column(self.table, self.chosen[field]).iloc[rows])
        return [known.setdefault(text, text) for text in texts]

    def values(self, field: str, rows: slice = ALL) -> list[Any]:
        """A field of some rows as it stands in the file; None where the file has none."""
        if field not in self.chosen:
            return [None] * len(self.table.frame.index[rows])
        return list(one_column(self.table, self.chosen[field]).iloc[rows])

    def each_row(
        self, texts: Iterable[str], values: Iterable[str] = (), *, pulse: Pulse = no_pulse
    ) -> Iterator[OneRow]:
        """Some fields of each row as text, others as they stand, read piece by piece.

        ``pulse`` is told after each piece how many rows are read.
        """
        texts, values, count = tuple(texts), tuple(values), len(self.table.frame)
        for start in range(0, count, _AT_ONCE):
            rows = slice(start, min(start + _AT_ONCE, count))
            columns = [self.texts(name, rows) for name in texts]
            stand = [self.values(name, rows) for name in values]
            for place in range(rows.stop - start):
                yield OneRow(
                    start + place + 1,
                    {name: column[place] for name, column in zip(texts, columns, strict=True)},
                    {name: column[place] for name, column in zip(values, stand, strict=True)},
                )
            pulse(rows.stop)


def text_of(value: Any) -> str:
    """A value as text: codes stay as they are written, whole numbers get no decimal point.

    What stands for nothing (``NULL``, ``None``, ``/``, see ``MISSING``) is empty. The apostrophe that an
    export puts before what a spreadsheet would run as a formula is no part of the text.
    """
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124 - nan
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    if text[:1] == "'" and text[1:].startswith(_FORMULA):
        text = text[1:]
    return "" if text.casefold() in MISSING else text


def choose_columns(table: FileTable, names: Names, said: Sequence[str] = ()) -> Columns:
    """The columns of a table for our fields.

    Parameters
    ----------
    names
        Our fields with the names their columns may have.
    said
        What the user says, each ``OURS=THEIRS``; it goes before any name. ``OURS=`` takes no column.

    Raises
    ------
    InvalidInput
        What is said names a field that isn't ours, a column that isn't there, or a field twice.
    """
    stated = _describe(table, names, said)
    by_name: dict[str, str] = {}
    for column in table.frame.columns:
        by_name.setdefault(str(column).strip().casefold(), str(column))
    chosen = {
        field: by_name[name.casefold()]
        for field, options in names.items()
        for name in reversed(options)
        if name.casefold() in by_name
    }
    chosen = {**_nearly(table, names, chosen), **chosen, **stated}
    return Columns(table=table, chosen={field: name for field, name in chosen.items() if name})


def _nearly(table: FileTable, names: Names, chosen: Mapping[str, str]) -> dict[str, str]:
    """Columns whose name is ours but for marks such as ``*`` or ``(必填)``, and that no field has yet."""
    free = [str(name) for name in table.frame.columns if str(name) not in chosen.values()]
    by_core: dict[str, str] = {}
    for name in free:
        by_core.setdefault(_core_of(name), name)
    nearly: dict[str, str] = {}
    for field, options in names.items():
        core = next((_core_of(name) for name in options if _core_of(name) in by_core), None)
        if core and field not in chosen:
            nearly[field] = by_core.pop(core)
    return nearly


def _core_of(name: str) -> str:
    """A name without blanks, brackets and marks, in one spelling."""
    plain = unicodedata.normalize("NFKC", name).partition("(")[0]
    return "".join(sign for sign in plain if sign not in _MARKS and not sign.isspace()).casefold()


def _describe(table: FileTable, names: Names, said: Sequence[str]) -> dict[str, str]:
    there = {str(column) for column in table.frame.columns}
    stated: dict[str, str] = {}
    faults = []
    for text in said:
        ours, sign, theirs = text.partition("=")
        if not sign or ours not in names:
            options = ", ".join(names)
            message = say("{text!r} is not OURS=THEIRS with one of: {options}", text=text, options=options)
        elif theirs and theirs not in there:
            listed = ", ".join(sorted(there - {"geometry"}))
            message = say("no column {name!r}; there are: {names}", name=theirs, names=listed)
        elif ours in stated:
            message = say("{name} is named twice", name=ours)
        else:
            stated[ours] = theirs
            continue
        faults.append(Fault(message=message, file=table.source, field="--column"))
    if faults:
        raise InvalidInput(faults)
    return stated


def need(columns: Columns, *fields: str) -> None:
    """Refuse a table that has no column for any of some fields.

    Raises
    ------
    InvalidInput
        None of the fields has a column; the names that are there are told.
    """
    if not any(columns.has(field) for field in fields):
        there = ", ".join(str(name) for name in columns.table.frame.columns if name != "geometry")
        wanted = fields[0]
        for other in fields[1:]:
            wanted = say("{one} or {other}", one=wanted, other=other)
        message = say(
            "no column for {wanted}: name it with --column {field}=THEIRS; there are: {there}",
            wanted=wanted,
            field=fields[0],
            there=there,
        )
        raise InvalidInput(message, file=columns.table.source, field=fields[0])
