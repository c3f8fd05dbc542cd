"""People on duty from a file: one duty a row, who and where, from when to when. It makes no account."""

from __future__ import annotations

from collections.abc import Sequence

from data.importers.kinds.rows import FileRow, FileRows, outcome_of, read_rows
from data.importers.outcome import ImportOutcome
from data.importers.readers.table import FileTable
from gisgrid.access.models import DutyKind
from gisgrid.errors import say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.places.import_rows import Importing
from gisgrid.workforce.imports import ImportedMember, save_members


def read_members(
    table: FileTable,
    *,
    crs: str | None = None,
    columns: Sequence[str] = (),
    dates: str | None = None,
    pulse: Pulse = no_pulse,
) -> FileRows[ImportedMember]:
    """The duties of a table that can be taken, and the faults of the others; positions aren't read.

    Raises
    ------
    InvalidInput
        As `data.importers.kinds.rows.read_rows`.
    """
    return read_rows(
        table,
        "members",
        _member,
        crs=crs,
        columns=columns,
        dates=dates,
        needs=[("name",), ("duty",), ("area",)],
        pulse=pulse,
    )


def _member(row: FileRow) -> ImportedMember:
    name, duty, area = row.text("name", most=100), row.word("duty"), row.text("area", most=60)
    for field, value in (("name", name), ("duty", duty), ("area", area)):
        if value is None and not row.texts[field]:
            row.reading.found.append((field, say("a person on duty needs this")))
    primary = row.word("primary")
    return ImportedMember(
        row=row.row,
        name=name or "",
        duty=DutyKind(duty) if duty else DutyKind.GRID_MEMBER,
        area=area or "",
        code=row.text("code", most=60),
        office_phone=row.text("office_phone", most=40),
        birth_year=row.number("birth_year", lowest=1900, highest=2100),
        education=row.text("education", most=40),
        is_primary=None if primary is None else primary == "yes",
        first=row.day("from"),
        last=row.day("until"),
    )


def import_members(running: Importing, rows: FileRows[ImportedMember], *, community: str) -> ImportOutcome:
    """Save the good rows and say what happened."""
    return outcome_of(save_members(running, rows.good), rows, community=community)
