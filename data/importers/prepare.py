"""Files of every kind, read and checked without a database, ready to be kept in a transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from data.importers.kinds.area_rows import MOST_MOVED_M2, Mending
from data.importers.kinds.areas import import_areas, read_areas
from data.importers.kinds.cases import NewCategories, import_cases, read_cases
from data.importers.kinds.facilities import import_facilities, read_facilities
from data.importers.kinds.fields import KINDS, names_of
from data.importers.kinds.households import import_households, read_households
from data.importers.kinds.members import import_members, read_members
from data.importers.kinds.places import import_buildings, import_streets, read_buildings, read_streets
from data.importers.kinds.residents import import_residents, read_residents
from data.importers.kinds.rows import FileRows, with_more_faults
from data.importers.outcome import ImportOutcome
from data.importers.readers.files import read_table
from data.importers.readers.lines import Lines
from data.importers.readers.table import FileTable
from data.importers.values.columns import choose_columns
from data.importers.values.date_forms import checked_form
from data.importers.values.leading_zeros import KINDS_WITH_CODES, leading_zero_twins
from gisgrid.access.actors import Actor
from gisgrid.access.imports import ImportNotes, ImportSource
from gisgrid.areas.communities import choose_community, wait_for_others
from gisgrid.areas.division import load_division
from gisgrid.areas.models import Level
from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.heartbeat import Pulse
from gisgrid.places.import_rows import Importing

_PIECE: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is to be imported, and how.

    ``name`` is the file's name where it lies under another one; ``import_id`` the id its record shall have,
    so that a file that was uploaded once is kept once.
    ``channel``: where cases came from that name no source of their own; ``as_closed``: whether cases without
    an end are closed. ``dates``: the form of dates. ``merge``: whether areas of one code are one area;
    ``accepted_m2``: how much a repair may move of one of them.
    """

    kind: str
    file: Path
    name: str | None = None
    community: str | None = None
    crs: str | None = None
    columns: Sequence[str] = ()
    sheet: str | None = None
    level: Level = Level.GRID
    fix: bool = False
    accepted_m2: float = MOST_MOVED_M2
    merge: bool = False
    dates: str | None = None
    as_closed: bool = False
    new_categories: NewCategories = NewCategories.REFUSE
    channel: str | None = None
    import_id: str | None = None

    @property
    def source(self) -> ImportSource:
        """The file's name and hash for the record."""
        return ImportSource(
            kind=self.kind,
            file_name=self.name or self.file.name,
            sha256=_sha256(self.file),
            import_id=self.import_id,
        )


Progress = Callable[[int, int], None]
"""Is told rows done and rows in all."""


def no_progress(_done: int, _total: int) -> None:
    """For whoever wants no progress."""


Keep = Callable[["Turn"], ImportOutcome]
"""The second half of an import: everything is read, now it goes into an open transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A transaction in which an import is kept: who, when, and who is told how far it is."""

    session: Session
    actor: Actor
    notes: ImportNotes
    now: datetime
    tz: tzinfo
    pulse: Pulse


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A file that was read and checked, ready to be kept. ``rows``: how many it has.

    The table itself is not held: while its rows are kept it is needed no more.
    """

    asked: ImportRequest
    source: ImportSource
    rows: int
    faults: Sequence[Fault]
    notes: Sequence[Sentence]
    keep: Keep


def prepare(asked: ImportRequest, *, tz: tzinfo, progress: Progress = no_progress) -> Prepared:
    """Read a file and check its rows, without a database. ``tz`` is the zone of its days and times.

    ``progress`` is told rows read and rows in all; what it raises ends the reading.

    Raises
    ------
    MissingCrs
        There are positions, and neither the file nor the asker says their CRS.
    InvalidInput
        The file can't be read, lacks a column, or (areas) has any fault at all.
    """
    return check(asked, open_table(asked), tz=tz, progress=progress)


def open_table(asked: ImportRequest) -> FileTable:
    """The rows of a file as they stand.

    Raises
    ------
    InvalidInput
        There is no such kind, or the file can't be read.
    """
    if asked.kind not in KINDS:
        raise InvalidInput(say("there is no import of {kind}", kind=asked.kind), field="kind")
    return read_table(asked.file, layer=asked.sheet)


def check(
    asked: ImportRequest, table: FileTable, *, tz: tzinfo, progress: Progress = no_progress
) -> Prepared:
    """Check the rows of a file that was opened before.

    Raises
    ------
    MissingCrs, InvalidInput
        As `prepare`.
    """
    rows = len(table.frame)
    reading = Reading(asked=asked, table=table, tz=tz, pulse=lambda done: progress(done, rows))
    lines = table.lines
    try:
        faults, notes, keep = _READERS[asked.kind](reading)
    except InvalidInput as error:
        raise lines.error(error) from None
    return Prepared(
        asked=asked,
        source=asked.source,
        rows=rows,
        faults=lines.faults(faults),
        notes=notes,
        keep=_describe(keep, asked.kind, lines, codes=_codes_of(asked, table)),
    )


def _codes_of(asked: ImportRequest, table: FileTable) -> Sequence[str]:
    """The codes of a file's rows, for kinds that have some."""
    if asked.kind not in KINDS_WITH_CODES:
        return ()
    return choose_columns(table, names_of(asked.kind), asked.columns).texts("code")


def _describe(keep: Keep, kind: str, lines: Lines, *, codes: Sequence[str]) -> Keep:
    """What keeps the rows of a file, and tells of them at their places in the file."""

    def kept(turn: Turn) -> ImportOutcome:
        try:
            outcome = keep(turn)
        except InvalidInput as error:
            raise lines.error(error) from None
        alike = leading_zero_twins(turn.session, kind, str(outcome.counts.get("community", "")), codes)
        return lines.outcome(replace(outcome, remarks=[*alike, *outcome.remarks]))

    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A table that is read: what was asked of it, its zone, and who is told how many rows are read."""

    asked: ImportRequest
    table: FileTable
    tz: tzinfo
    pulse: Pulse


Read = tuple[Sequence[Fault], Sequence[Sentence], Keep]


def _areas(read: Reading) -> Read:
    asked, table = read.asked, read.table
    source = read_areas(
        table,
        level=asked.level,
        crs=asked.crs,
        columns=asked.columns,
        mending=Mending(fix=asked.fix, accepted_m2=asked.accepted_m2, merge=asked.merge),
        pulse=read.pulse,
    )
    code = _code(asked)
    return (
        (),
        table.notes,
        lambda turn: import_areas(
            turn.session, turn.actor, source, community=code, at=turn.now, pulse=turn.pulse, notes=turn.notes
        ),
    )


def _buildings(read: Reading) -> Read:
    asked, table = read.asked, read.table
    rows = read_buildings(table, crs=asked.crs, columns=asked.columns, fix=asked.fix, pulse=read.pulse)
    code = _code(asked)
    return (
        rows.faults,
        table.notes,
        lambda turn: import_buildings(
            turn.session, turn.actor, rows, community=code, at=turn.now, pulse=turn.pulse, notes=turn.notes
        ),
    )


def _streets(read: Reading) -> Read:
    asked, table = read.asked, read.table
    rows = read_streets(table, crs=asked.crs, columns=asked.columns, pulse=read.pulse)
    code = _code(asked)
    return (
        rows.faults,
        table.notes,
        lambda turn: import_streets(
            turn.session, turn.actor, rows, community=code, at=turn.now, pulse=turn.pulse, notes=turn.notes
        ),
    )


def _code(asked: ImportRequest) -> str:
    if asked.community is None:
        raise InvalidInput(say("the code of the community is needed"), field="community")
    return asked.community


def _cases(read: Reading) -> Read:
    asked, table = read.asked, read.table
    rows = read_cases(
        table,
        tz=read.tz,
        crs=asked.crs,
        columns=asked.columns,
        channel=asked.channel,
        dates=checked_form(asked.dates),
        as_closed=asked.as_closed,
        pulse=read.pulse,
    )

    def keep_cases(turn: Turn) -> ImportOutcome:
        community = choose_community(turn.session, turn.actor, asked.community, now=turn.now)
        return import_cases(
            turn.session,
            turn.actor,
            rows,
            community=community,
            new_categories=asked.new_categories,
            now=turn.now,
            pulse=turn.pulse,
            notes=turn.notes,
        )

    return rows.faults, table.notes, keep_cases


def _households(read: Reading) -> Read:
    asked, table = read.asked, read.table
    rows = read_households(table, tz=read.tz, **_how(read))
    return _rowwise(asked, rows, import_households)


def _residents(read: Reading) -> Read:
    asked, table = read.asked, read.table
    rows = read_residents(table, tz=read.tz, **_how(read))
    return _rowwise(asked, rows, import_residents)


def _facilities(read: Reading) -> Read:
    asked, table = read.asked, read.table
    rows = read_facilities(table, crs=asked.crs, columns=asked.columns, pulse=read.pulse)
    return _rowwise(asked, rows, import_facilities)


def _members(read: Reading) -> Read:
    asked, table = read.asked, read.table
    return _rowwise(asked, read_members(table, **_how(read)), import_members)


def _how(read: Reading) -> dict[str, Any]:
    """What was said of a file with rows that have dates."""
    asked = read.asked
    return {
        "crs": asked.crs,
        "columns": asked.columns,
        "dates": checked_form(asked.dates),
        "pulse": read.pulse,
    }


def _rowwise(asked: ImportRequest, rows: FileRows[Any], save: Callable[..., ImportOutcome]) -> Read:
    """An import whose good rows are kept in the division of a community, one import at a time."""

    def keep_rows(turn: Turn) -> ImportOutcome:
        community = choose_community(turn.session, turn.actor, asked.community, now=turn.now)
        wait_for_others(turn.session, community.id)
        turn.notes.run.community_id = community.id
        running = Importing(
            notes=turn.notes,
            actor=turn.actor,
            division=load_division(turn.session, community.id, at=turn.now, revision=0),
            at=turn.now,
            tz=turn.tz,
            pulse=turn.pulse,
        )
        outcome = save(running, rows, community=community.code)
        return with_more_faults(outcome, save, running, rows=rows)

    return rows.faults, rows.notes, keep_rows


_READERS: Final[Mapping[str, Callable[[Reading], Read]]] = {
    "areas": _areas,
    "buildings": _buildings,
    "streets": _streets,
    "cases": _cases,
    "households": _households,
    "residents": _residents,
    "facilities": _facilities,
    "members": _members,
}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
