"""Imports as a whole, for the command line and for pages: look at a file first, then run it, or stop it.

``prepare`` reads and checks a file without a database. ``preview`` shows what was read: which column is
taken for which field, the first rows, every fault. ``run`` keeps the good rows in one transaction, tells
how far it is, and can be stopped; ``keep`` does the same inside a transaction of the caller. What was run
is listed by `gisgrid.overview.undoing.list_imports` and taken back by `undo_import`.

Two imports at once take turns: on SpatiaLite there is one writer, on PostGIS one import per community. Who
has to wait for longer than the patience gets one sentence, and nothing is kept.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.importers.areas import import_areas, read_areas
from data.importers.cases import NewCategories, import_cases, read_cases
from data.importers.columns import choose_columns, text_of
from data.importers.facilities import import_facilities, read_facilities
from data.importers.fields import KINDS, names_of
from data.importers.households import import_households, read_households
from data.importers.identity_numbers import has_identity_number, is_identity_header
from data.importers.members import import_members, read_members
from data.importers.outcome import Outcome
from data.importers.places import import_buildings, import_streets, read_buildings, read_streets
from data.importers.reading import read_table
from data.importers.residents import import_residents, read_residents
from data.importers.rows import Rows
from data.importers.table import Table
from gisgrid.access.actors import Actor
from gisgrid.access.imports import ImportNotes, ImportSource, begin_import
from gisgrid.areas.communities import choose_community
from gisgrid.areas.division import load_division
from gisgrid.areas.models import AreaName, Level
from gisgrid.errors import Conflict, DatabaseBusy, Fault, InvalidInput, Sentence, say
from gisgrid.places.keeping import Importing, Pulse, wait_for_others
from gisgrid.storage.engine import Database

SHOWN_ROWS: Final = 20
PATIENCE_S: Final = 60.0
_PIECE: Final = 2**20
_HIDDEN: Final = "…"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be imported, and how. ``name`` is the file's name where it lies under another one."""

    kind: str
    file: Path
    name: str | None = None
    community: str | None = None
    crs: str | None = None
    columns: Sequence[str] = ()
    sheet: str | None = None
    level: Level = Level.GRID
    fix: bool = False
    new_categories: NewCategories = NewCategories.REFUSE

    @property
    def source(self) -> ImportSource:
        """The file's name and hash for the record."""
        return ImportSource(kind=self.kind, file_name=self.name or self.file.name, sha256=_sha256(self.file))


Keep = Callable[["Turn"], Outcome]
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
    """A file that was read and checked, ready to be kept. ``rows``: how many it has."""

    asked: Asked
    source: ImportSource
    table: Table
    faults: Sequence[Fault]
    notes: Sequence[Sentence]
    keep: Keep

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.table.frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is to be seen of a file before it is imported.

    ``mapping``: our field and the column it is read from; ``unused``: columns that aren't read; ``rows``:
    the first rows by field, as text, without identity-card numbers; ``total``: how many rows there are;
    ``faults``: all of them that can be found without the database.
    """

    kind: str
    mapping: Mapping[str, str]
    unused: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    total: int
    faults: Sequence[Fault]
    notes: Sequence[Sentence]


class ImportStopped(Conflict):
    """Whoever runs an import has stopped it; nothing was kept."""


def prepare(asked: Asked, *, tz: tzinfo) -> Prepared:
    """Read a file and check its rows, without a database. ``tz`` is the zone of its days and times.

    Raises
    ------
    MissingCrs
        There are positions, and neither the file nor the asker says their CRS.
    InvalidInput
        The file can't be read, lacks a column, or (areas) has any fault at all.
    """
    if asked.kind not in KINDS:
        raise InvalidInput(say("there is no import of {kind}", kind=asked.kind), field="kind")
    table = read_table(asked.file, layer=asked.sheet)
    faults, notes, keep = _READERS[asked.kind](asked, table, tz)
    return Prepared(asked=asked, source=asked.source, table=table, faults=faults, notes=notes, keep=keep)


def preview(asked: Asked, *, tz: tzinfo) -> Preview:
    """What is to be seen of a file before it is imported; a file with faults is shown with them.

    Raises
    ------
    InvalidInput
        The file can't be read at all, or the columns that were named aren't there.
    """
    if asked.kind not in KINDS:
        raise InvalidInput(say("there is no import of {kind}", kind=asked.kind), field="kind")
    table = read_table(asked.file, layer=asked.sheet)
    chosen = choose_columns(table, names_of(asked.kind), asked.columns)
    faults: Sequence[Fault]
    notes: Sequence[Sentence]
    try:
        faults, notes, _keep = _READERS[asked.kind](asked, table, tz)
    except InvalidInput as error:
        faults, notes = error.faults, table.notes
    mapping = {field: name for field, name in chosen.chosen.items() if not is_identity_header(name)}
    used = set(mapping.values())
    shown = table.frame.head(SHOWN_ROWS)
    rows = [
        {field: _shown(shown[name].iloc[place]) for field, name in mapping.items()}
        for place in range(len(shown))
    ]
    return Preview(
        kind=asked.kind,
        mapping=mapping,
        unused=[str(name) for name in table.frame.columns if name not in used and name != "geometry"],
        rows=rows,
        total=len(table.frame),
        faults=faults,
        notes=notes,
    )


def _shown(value: Any) -> str:
    text = text_of(value)
    return _HIDDEN if has_identity_number(text) else text


def keep(
    session: Session, actor: Actor, prepared: Prepared, *, now: datetime, tz: tzinfo, pulse: Pulse
) -> Outcome:
    """Keep what was prepared in an open transaction, with a record of the import.

    Raises
    ------
    NotAllowed
        The actor may not import this kind.
    NotFound, InvalidInput, Conflict
        As the service of the kind.
    """
    notes = begin_import(session, actor, prepared.source, community_id=None, at=now)
    turn = Turn(session=session, actor=actor, notes=notes, now=now, tz=tz, pulse=pulse)
    outcome = prepared.keep(turn)
    code = str(outcome.counts.get("community", ""))
    if notes.run.community_id is None:
        open_name = (AreaName.code == code) & AreaName.valid_to.is_(None)
        notes.run.community_id = session.scalar(select(AreaName.area_id).where(open_name))
    notes.run.counts = {
        name: value
        for name, value in outcome.counts.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return replace(outcome, counts={**outcome.counts, "import": notes.run.id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How an import is watched while it runs.

    ``progress`` is told rows done and rows in all; ``is_cancelled`` is asked after each batch, and once it
    says yes nothing is kept; ``is_dry``: do everything, tell it, and keep nothing; ``patience_s``: how long
    to wait for other writers.
    """

    progress: Callable[[int, int], None] | None = None
    is_cancelled: Callable[[], bool] | None = None
    is_dry: bool = False
    patience_s: float = PATIENCE_S


def run(
    database: Database,
    who: Callable[[Session], Actor],
    prepared: Prepared,
    *,
    now: datetime,
    tz: tzinfo,
    watch: Watch | None = None,
) -> Outcome:
    """Keep what was prepared in a transaction of its own; the outcome's count ``import`` is the record's id.

    ``who`` gives the actor inside the transaction, so that a right that was taken away meanwhile counts.

    Raises
    ------
    ImportStopped
        It was cancelled.
    DatabaseBusy
        Others wrote for longer than the patience.
    """
    watching = watch or Watch()

    def pulse(done: int) -> None:
        if watching.is_cancelled is not None and watching.is_cancelled():
            raise ImportStopped("the import was stopped; nothing was kept")
        if watching.progress is not None:
            watching.progress(min(done, prepared.rows), prepared.rows)

    def once() -> Outcome:
        with database.write() as session:
            pulse(0)
            outcome = keep(session, who(session), prepared, now=now, tz=tz, pulse=pulse)
            pulse(prepared.rows)
            if watching.is_dry:
                session.rollback()
        return outcome

    return patiently(once, patience_s=watching.patience_s)


def patiently(once: Callable[[], T], *, patience_s: float = PATIENCE_S) -> T:
    """Do something in a transaction, again and again while another writer is there first.

    Raises
    ------
    DatabaseBusy
        The patience is over; one sentence says how long that was.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            return once()
        except DatabaseBusy:
            if time.monotonic() >= until:
                message = say(
                    "others have been writing to the database for {seconds} s: nothing was kept, try later",
                    seconds=round(patience_s),
                )
                raise DatabaseBusy(message) from None
            time.sleep(0.2)


Read = tuple[Sequence[Fault], Sequence[Sentence], Keep]


def _areas(asked: Asked, table: Table, tz: tzinfo) -> Read:
    del tz
    found = read_areas(table, level=asked.level, crs=asked.crs, columns=asked.columns, fix=asked.fix)
    code = _code(asked)
    return (
        (),
        table.notes,
        lambda turn: import_areas(turn.session, turn.actor, found, community=code, at=turn.now),
    )


def _buildings(asked: Asked, table: Table, tz: tzinfo) -> Read:
    del tz
    rows = read_buildings(table, crs=asked.crs, columns=asked.columns, fix=asked.fix)
    code = _code(asked)
    return (
        rows.faults,
        table.notes,
        lambda turn: import_buildings(turn.session, turn.actor, rows, community=code, at=turn.now),
    )


def _streets(asked: Asked, table: Table, tz: tzinfo) -> Read:
    del tz
    rows = read_streets(table, crs=asked.crs, columns=asked.columns)
    code = _code(asked)
    return (
        rows.faults,
        table.notes,
        lambda turn: import_streets(turn.session, turn.actor, rows, community=code, at=turn.now),
    )


def _code(asked: Asked) -> str:
    if asked.community is None:
        raise InvalidInput(say("the code of the community is needed"), field="community")
    return asked.community


def _cases(asked: Asked, table: Table, tz: tzinfo) -> Read:
    rows = read_cases(table, tz=tz, crs=asked.crs, columns=asked.columns)

    def keep_cases(turn: Turn) -> Outcome:
        community = choose_community(turn.session, turn.actor, asked.community, now=turn.now)
        return import_cases(
            turn.session,
            turn.actor,
            rows,
            community=community,
            new_categories=asked.new_categories,
            now=turn.now,
        )

    return rows.faults, table.notes, keep_cases


def _households(asked: Asked, table: Table, tz: tzinfo) -> Read:
    rows = read_households(table, tz=tz, crs=asked.crs, columns=asked.columns)
    return _rowwise(asked, rows, import_households)


def _residents(asked: Asked, table: Table, tz: tzinfo) -> Read:
    rows = read_residents(table, tz=tz, crs=asked.crs, columns=asked.columns)
    return _rowwise(asked, rows, import_residents)


def _facilities(asked: Asked, table: Table, tz: tzinfo) -> Read:
    del tz
    rows = read_facilities(table, crs=asked.crs, columns=asked.columns)
    return _rowwise(asked, rows, import_facilities)


def _members(asked: Asked, table: Table, tz: tzinfo) -> Read:
    del tz
    return _rowwise(asked, read_members(table, columns=asked.columns), import_members)


def _rowwise(asked: Asked, rows: Rows[Any], save: Callable[..., Outcome]) -> Read:
    """An import whose good rows are kept in the division of a community, one import at a time."""

    def keep_rows(turn: Turn) -> Outcome:
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
        return save(running, rows, community=community.code)

    return rows.faults, rows.notes, keep_rows


_READERS: Final[Mapping[str, Callable[[Asked, Table, tzinfo], Read]]] = {
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
