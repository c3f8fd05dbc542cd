"""The rows of files of households, residents, facilities, members, field by field with all their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final, Generic, TypeVar

import numpy as np

from data.importers.kinds.fields import KINDS, names_of, spelt, word_options
from data.importers.outcome import ImportOutcome, Remark, row_faults
from data.importers.readers.table import FileTable
from data.importers.values.columns import Columns, choose_columns, need
from data.importers.values.dates import day
from data.importers.values.datum_check import DatumCheck
from data.importers.values.field import EXAMPLE, Field
from data.importers.values.identity_numbers import refuse_identity_numbers, without_identity_numbers
from data.importers.values.positions import (
    Positions,
    Reference,
    brought_to,
    column_positions,
    geometry_positions,
    reference_of,
)
from data.importers.values.values import RowFaults, whole_number
from gisgrid.crs import NOWHERE, Datum, is_nowhere, stored_crs
from gisgrid.errors import Fault, Sentence, say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.places.import_rows import Importing, KeptRows

Row = TypeVar("Row")
_TOO_LONG: Final = "at most {limit} characters"
_DAYS: Final = frozenset({"birth_date", "lived_from", "lived_to", "consent_at", "from", "until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRows(Generic[Row]):
    """The good rows of a file, the faults of the others, notes about the file, and how many were examples.

    ``chosen`` tells which column is which field. ``datum`` is what was said of their positions. ``suspects``
    are rows with faults that could still be made: more may be wrong with them.
    """

    good: Sequence[Row]
    faults: Sequence[Fault]
    source: str
    chosen: Mapping[str, str]
    notes: Sequence[Sentence] = ()
    examples: int = 0
    datum: Datum = Datum.WGS84
    suspects: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One row: its number from 1, its texts by field, its days as they stand, and its position.

    What is wrong goes to ``reading``, so that all of it is told at once.
    """

    row: int
    texts: Mapping[str, str]
    days: Mapping[str, Any]
    lon: float
    lat: float
    reading: RowFaults
    words: Mapping[str, Mapping[str, str]]
    dates: str | None = None

    def text(self, name: str, *, most: int) -> str | None:
        """A field as text; nothing where it is empty."""
        text = self.texts[name]
        if len(text) > most:
            self.reading.found.append((name, say(_TOO_LONG, limit=most)))
        return text or None

    def word(self, name: str) -> str | None:
        """The code of the word in a field; nothing where it is empty."""
        text, options = self.texts[name], self.words[name]
        if not text:
            return None
        code = options.get(spelt(text))
        if code is None:
            wanted = ", ".join(dict.fromkeys(options))
            self.reading.found.append((name, say("this is none of: {wanted}", wanted=wanted)))
        return code

    def day(self, name: str) -> date | None:
        """The day in a field; nothing where it is empty."""
        return self.reading.take(name, partial(day, self.days[name], self.dates), None)

    def number(self, name: str, *, lowest: int, highest: int) -> int | None:
        """The whole number in a field; nothing where it is empty."""
        read = partial(whole_number, self.texts[name], lowest=lowest, highest=highest)
        return self.reading.take(name, read, None)


def read_rows(  # noqa: PLR0913 - what is said of a file
    table: FileTable,
    kind: str,
    make: Callable[[FileRow], Row],
    *,
    crs: str | None = None,
    columns: Sequence[str] = (),
    needs: Sequence[Sequence[str]] = (),
    dates: str | None = None,
    pulse: Pulse = no_pulse,
) -> FileRows[Row]:
    """The rows of a table that ``make`` could read without a fault, and every fault of the others.

    Columns of identity-card numbers are left out and told; rows marked as a template's example are skipped.

    Parameters
    ----------
    needs
        Fields of which each group must have a column for at least one.
    dates
        What was said of the form of dates.

    Raises
    ------
    MissingCrs
        There are positions, and neither the file nor the caller says their CRS.
    InvalidInput
        A column is missing or named wrongly, or a field was to be read from identity-card numbers.
    """
    chosen, notes = without_identity_numbers(choose_columns(table, names_of(kind), columns))
    for group in needs:
        need(chosen, *group)
    is_placed = any(field.name == "lon" for field in KINDS[kind])
    positions = positions_of_rows(table, chosen, crs, is_placed=is_placed)
    reader = _reader(chosen, KINDS[kind], positions, dates=dates, pulse=pulse)
    good: list[Row] = []
    suspects: list[Row] = []
    faults: list[Fault] = []
    examples = 0
    for row in reader:
        if row.texts.get("note") == EXAMPLE:
            examples += 1
            continue
        row.reading.found += refuse_identity_numbers(row.texts)
        imported = make(row)
        if row.reading.found:
            faults += row_faults(table.source, row.row, row.reading.found)
            if not _is_too_long(row.reading):
                suspects.append(imported)
        else:
            good.append(imported)
    return FileRows(
        good=good,
        suspects=suspects,
        faults=faults,
        source=table.source,
        chosen=chosen.chosen,
        notes=(*table.notes, *notes),
        examples=examples,
        datum=reference_of(table, crs).datum if positions else Datum.WGS84,
    )


def _is_too_long(reading: RowFaults) -> bool:
    """Whether a text is longer than its column: such a row can't even be tried."""
    messages = [message for _name, message in reading.found]
    return any(isinstance(message, Sentence) and message.template == _TOO_LONG for message in messages)


def with_more_faults(
    outcome: ImportOutcome, save: Callable[..., ImportOutcome], running: Importing, *, rows: FileRows[Any]
) -> ImportOutcome:
    """An outcome with what else is wrong with its refused rows: they are tried, and nothing of that stays."""
    if not rows.suspects:
        return outcome
    trying = replace(running, pulse=no_pulse)
    suspects = replace(rows, good=rows.suspects, faults=(), suspects=(), notes=(), examples=0)
    with running.session.begin_nested() as trial:
        more = save(trying, suspects, community=str(outcome.counts["community"])).faults
        trial.rollback()
    faulty = {(fault.row, fault.field) for fault in outcome.faults}
    fresh = [fault for fault in more if (fault.row, fault.field) not in faulty]
    return replace(outcome, faults=[*outcome.faults, *fresh])


def _reader(
    chosen: Columns,
    fields: Sequence[Field],
    positions: Positions | None,
    *,
    dates: str | None,
    pulse: Pulse,
) -> Iterator[FileRow]:
    names = [field.name for field in fields]
    words = {field.name: word_options(field.words) for field in fields if field.words}
    for row in chosen.each_row(names, (name for name in names if name in _DAYS), pulse=pulse):
        place = row.number - 1
        yield FileRow(
            row=row.number,
            texts=row.texts,
            days=row.values,
            lon=float(positions.x[place]) if positions else np.nan,
            lat=float(positions.y[place]) if positions else np.nan,
            reading=RowFaults(),
            words=words,
            dates=dates,
        )


def positions_of_rows(
    table: FileTable, chosen: Columns, crs: str | None, *, is_placed: bool
) -> Positions | None:
    """Lon and lat in EPSG:4326 of each row; nothing where there are no positions, or none are wanted.

    Raises
    ------
    MissingCrs, InvalidInput
        As `data.importers.values.positions.reference_of` and `column_positions`.
    """
    stored = Reference(stored_crs(), Datum.WGS84)
    if chosen.has("lon") and chosen.has("lat"):
        columns = (chosen.texts("lon"), chosen.texts("lat"))
        if not any(any(column) for column in columns):
            return None
        positions = column_positions(
            table, chosen.chosen["lon"], chosen.chosen["lat"], reference=reference_of(table, crs)
        )
    elif table.has_geometry and is_placed:
        positions = geometry_positions(table, reference=reference_of(table, crs))
    else:
        return None
    return brought_to(positions, stored)


def faulty_position(row: FileRow) -> None:
    """Note a fault where a row gives a position that can't be read: half of it, no number, no degrees, 0."""
    names = [name for name in ("lon", "lat") if row.texts.get(name)]
    if names and np.isnan(row.lon):
        row.reading.found.append((names[0], say("lon and lat are no position")))
    elif is_nowhere(row.lon, row.lat):
        row.reading.found.append(("lon", NOWHERE))


def outcome_of(
    kept: KeptRows, rows: FileRows[Any], *, community: str, datum: DatumCheck | None = None
) -> ImportOutcome:
    """What a service did with the rows of a file, with those that were refused before it."""
    refused = [
        Fault(message=message, file=rows.source, row=row, field=name) for row, name, message in kept.refused
    ]
    faults = [*rows.faults, *refused]
    updates = [
        Remark(row=row, key=key, field=", ".join(names), message=say("changed"))
        for row, key, names in kept.updated
    ]
    remarks = [
        Remark(row=row, key=key, field=name, message=message) for row, key, name, message in kept.remarks
    ]
    counts = {
        "community": community,
        "new": kept.new,
        "updated": len(kept.updated),
        "unchanged": kept.unchanged,
        "refused": len({fault.row for fault in faults}),
        "examples": rows.examples,
        **kept.counts,
    }
    return ImportOutcome(
        counts=counts, faults=faults, remarks=[*updates, *remarks], warnings=rows.notes, datum=datum
    )
