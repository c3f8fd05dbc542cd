"""Imports as a whole: kept in a transaction of their own, told how far they are, and stopped on request.

On SpatiaLite, which has one writer, the rows are kept in turns between which others write; nobody sees any
of them before all are there, and an import that fails, is stopped or killed leaves nothing.

What is read and checked before is in `data.importers.prepare`, what can be seen of it in
`data.importers.preview`. ``run`` keeps the good rows in one transaction; ``keep`` does the same inside a
transaction of the caller. What was run is listed by `gisgrid.imports.undo.list_imports` and taken back
by `undo_import`.

Two imports at once take turns: on SpatiaLite there is one writer, on PostGIS one import per community. Who
has to wait for longer than the patience gets one sentence, and nothing is kept.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.importers.outcome import ImportOutcome
from data.importers.prepare import Prepared, Turn
from gisgrid.access.actors import Actor
from gisgrid.access.imports import begin_import
from gisgrid.access.unfinished import importing_alone, mark_of
from gisgrid.areas.models import AreaName
from gisgrid.errors import Conflict, say
from gisgrid.heartbeat import Pulse
from gisgrid.imports.unfinished import take_back_unfinished
from gisgrid.storage.dialect import hold_few_pages
from gisgrid.storage.engine import Database
from gisgrid.storage.patience import PATIENCE_S, patiently
from gisgrid.storage.trial import trial
from gisgrid.storage.turns import Turns, in_turns

_MANY: Final = 1000
"""From how many rows on the database's plans are of another size."""


class ImportStopped(Conflict):
    """Whoever runs an import has stopped it; nothing was kept."""


def keep(
    session: Session,
    actor: Actor,
    prepared: Prepared,
    *,
    now: datetime,
    tz: tzinfo,
    pulse: Pulse,
    turns: Turns | None = None,
) -> ImportOutcome:
    """Keep what was prepared in an open transaction, with a record of the import.

    With ``turns`` it is several of them, and nobody sees anything of it before the last.

    Raises
    ------
    NotAllowed
        The actor may not import this kind.
    NotFound, InvalidInput, Conflict
        As the service of the kind.
    """
    notes = begin_import(session, actor, prepared.source, community_id=None, at=now)
    if turns is not None:
        notes.run.is_unfinished = True
        pulse = _giving_way(turns, pulse)
    turn = Turn(session=session, actor=actor, notes=notes, now=now, tz=tz, pulse=pulse)
    outcome = prepared.keep(turn)
    if notes.run.community_id is None:
        notes.run.community_id = _community_of(session, outcome)
    notes.run.counts = {
        name: value
        for name, value in outcome.counts.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    notes.run.is_unfinished = False
    return replace(outcome, counts={**outcome.counts, "import": notes.run.id})


def _giving_way(turns: Turns, pulse: Pulse) -> Pulse:
    """Tell how far it is, and let others write now and then."""

    def beat(done: int) -> None:
        pulse(done)
        if turns.is_due():
            turns.give_way()

    return beat


def _community_of(session: Session, outcome: ImportOutcome) -> str | None:
    code = str(outcome.counts.get("community", ""))
    return session.scalar(select(AreaName.area_id).where(AreaName.code == code, AreaName.valid_to.is_(None)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWatch:
    """How an import is watched while it runs.

    ``progress`` is told rows done and rows in all; ``is_cancelled`` is asked after each batch, and once it
    says yes nothing is kept; ``is_dry``: do everything, tell it, and keep nothing, without keeping others
    from writing anything; ``patience_s``: how long to wait for other writers; ``beside`` writes
    something of its own in the same transaction, and is told the id of the community.
    """

    progress: Callable[[int, int], None] | None = None
    is_cancelled: Callable[[], bool] | None = None
    is_dry: bool = False
    patience_s: float = PATIENCE_S
    beside: Callable[[Session, str | None], None] | None = None


def run(
    database: Database,
    who: Callable[[Session], Actor],
    prepared: Prepared,
    *,
    now: datetime,
    tz: tzinfo,
    watch: ImportWatch | None = None,
) -> ImportOutcome:
    """Keep what was prepared in a transaction of its own; the outcome's count ``import`` is the record's id.

    ``who`` gives the actor inside the transaction, so that a right that was taken away meanwhile counts.

    Raises
    ------
    ImportStopped
        It was cancelled.
    DatabaseBusy
        Others wrote for longer than the patience.
    """
    watching = watch or ImportWatch()

    def pulse(done: int) -> None:
        if watching.is_cancelled is not None and watching.is_cancelled():
            raise ImportStopped(say("the import was stopped; nothing was kept"))
        if watching.progress is not None:
            watching.progress(min(done, prepared.rows), prepared.rows)

    def once(session: Session, turns: Turns | None = None) -> ImportOutcome:
        hold_few_pages(session)
        pulse(0)
        outcome = keep(session, who(session), prepared, now=now, tz=tz, pulse=pulse, turns=turns)
        pulse(prepared.rows)
        if watching.beside is not None:
            watching.beside(session, _community_of(session, outcome))
        return outcome

    def tried(where: Database) -> ImportOutcome:
        with where.write() as session:
            outcome = once(session)
            session.rollback()
        return outcome

    def kept() -> ImportOutcome:
        """In turns; an area without its neighbours is no division, so those are kept at once."""
        with _all_or_nothing(database, now=now) as turns:
            return once(turns.session, None if prepared.asked.kind == "areas" else turns)

    with importing_alone(database, patience_s=watching.patience_s), _frozen():
        if watching.is_dry:
            with trial(database) as where:
                return patiently(lambda: tried(where), patience_s=watching.patience_s)
        take_back_unfinished(database, now=now)
        outcome = patiently(kept, patience_s=watching.patience_s)
        if prepared.rows >= _MANY:
            database.refresh_statistics()
        return outcome


@contextmanager
def _all_or_nothing(database: Database, *, now: datetime) -> Iterator[Turns]:
    """Turns of which all are seen at the end, or all taken back when the block raises."""
    mark, turns = mark_of(database.engine), None
    if mark is not None:
        mark.touch(mode=0o600)  # before anything is kept: who opens a session from now on asks what to hide
    try:
        with in_turns(database) as turns:
            yield turns
    except BaseException:
        if turns is not None and turns.kept:
            take_back_unfinished(database, now=now)
        elif mark is not None:
            mark.unlink(missing_ok=True)
        raise
    if mark is not None:
        mark.unlink(missing_ok=True)


@contextmanager
def _frozen() -> Iterator[None]:
    """What is there already is not looked through for garbage again and again: a file has many rows."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
