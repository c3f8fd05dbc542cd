"""Facilities from a file: service stations, care stations and the like, each at a position or an address."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from data.importers.kinds.rows import FileRow, FileRows, faulty_position, outcome_of, read_rows
from data.importers.outcome import ImportOutcome
from data.importers.readers.table import FileTable
from data.importers.values.datum_check import check_positions
from gisgrid.errors import say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.places.facilities import ImportedFacility, save_facilities
from gisgrid.places.import_rows import Importing
from gisgrid.places.models import FacilityType

_MOST_M2: Final = 10_000_000.0


def read_facilities(
    table: FileTable, *, crs: str | None = None, columns: Sequence[str] = (), pulse: Pulse = no_pulse
) -> FileRows[ImportedFacility]:
    """The facilities of a table that can be taken, and the faults of the others.

    Raises
    ------
    MissingCrs, InvalidInput
        As `data.importers.kinds.rows.read_rows`.
    """
    return read_rows(table, "facilities", _facility, crs=crs, columns=columns, needs=[("name",)], pulse=pulse)


def _facility(row: FileRow) -> ImportedFacility:
    faulty_position(row)
    name, kind = row.text("name", most=120), row.word("type")
    if name is None:
        row.reading.found.append(("name", say("a facility needs a name")))
    return ImportedFacility(
        row=row.row,
        name=name or "",
        type=FacilityType(kind) if kind else None,
        code=row.text("code", most=60),
        address=row.text("address", most=200),
        office_phone=row.text("office_phone", most=40),
        capacity=row.number("capacity", lowest=0, highest=1_000_000),
        floor_area_m2=_area(row),
        lon=row.lon,
        lat=row.lat,
    )


def _area(row: FileRow) -> float | None:
    text = row.texts["floor_area_m2"]
    if not text:
        return None
    try:
        size = float(text)
    except ValueError:
        size = math.nan
    if not 0 <= size <= _MOST_M2:
        row.reading.found.append(("floor_area_m2", say("this is no size in square metres")))
        return None
    return size


def import_facilities(
    running: Importing, rows: FileRows[ImportedFacility], *, community: str
) -> ImportOutcome:
    """Save the good rows and say what happened."""
    datum = check_positions(running.session, running.division, rows.good, said=rows.datum)
    return outcome_of(save_facilities(running, rows.good), rows, community=community, datum=datum)
