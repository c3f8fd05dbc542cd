"""Does what an upload asks for, in a process of its own: look at the file, import it, take an import back.

Whatever happens, the work doesn't stay "running": a failure is told in one sentence, and nothing is kept.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from data.importers.kinds.cases import NewCategories
from data.importers.prepare import ImportRequest, Prepared, check, open_table
from data.importers.preview import headers_of, preview_of
from data.importers.readers.table import FileTable
from data.importers.run import ImportStopped, ImportWatch, run
from data.uploads.preview import describe_outcome, looked_at, refused
from data.uploads.store import Stage, Upload, Uploads, Work
from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.columns import recall_columns, remember_columns
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.models import Level
from gisgrid.errors import Fault, GisgridError, InvalidInput, NotAllowed, say
from gisgrid.imports.undo import undo_import
from gisgrid.processes import most_memory_mb
from gisgrid.storage.engine import Database
from gisgrid.storage.patience import patiently

AT_ONCE: Final = 2
"""So many works are done at once on one machine."""
_BEAT_S: Final = 1.0
_OPEN_SHARE: Final = 0.1
_READ_SHARE: Final = 0.3
"""Shares of a work that are done when a file was opened, and when its rows were read."""
_log = logging.getLogger("gisgrid.uploads")


@dataclass(slots=True)
class Going:
    """A work under way: where it is told, and how far it is."""

    uploads: Uploads
    upload: Upload
    database: Database
    tz: tzinfo
    share: float = 0.0
    told: float = field(default=0.0)

    def progress(self, share: float) -> None:
        """Take note of the share done; it is written at most once a second."""
        self.share = share
        if time.monotonic() - self.told >= _BEAT_S:
            self.told = time.monotonic()
            self.uploads.beat(self.upload, share)

    def reading(self, done: int, total: int) -> None:
        """Take note of the rows read, unless nobody wants them any more."""
        self.refuse_stopped()
        self.progress(_OPEN_SHARE + (_READ_SHARE - _OPEN_SHARE) * done / max(total, 1))

    def refuse_stopped(self) -> None:
        """End the work where nobody wants it any more."""
        if self.uploads.is_stopped(self.upload):
            raise ImportStopped(say("the import was stopped; nothing was kept"))

    def who(self, session: Session) -> Actor:
        """Who sent the file, with the rights that hold now."""
        actor = load_actor(session, self.upload.account_id, now=self.upload.at)
        if actor is None:
            raise NotAllowed("this account may not do that")
        return actor


Result = Mapping[str, object]
"""What came of a work, which is kept for the page: each kind of work has its own."""
Works = Mapping[Work, Callable[[Going], Result]]
"""What is done for each kind of work."""


def work(
    uploads: Uploads, upload: Upload, database: Database, *, tz: tzinfo, works: Works | None = None
) -> None:
    """Do what an upload asks for and keep what came of it; ``works`` where it is no import."""
    going, began = Going(uploads, upload, database, tz), time.monotonic()
    with _beating(going):
        result = _describe(going, works or _WORKS)
    result["seconds"] = round(time.monotonic() - began, 2)
    result["memory_mb"] = most_memory_mb()
    if result["stage"] == Stage.STOPPED or (upload.work == Work.IMPORT and result["stage"] == Stage.DONE):
        uploads.drop_file(upload)
    if (uploads.folder / upload.id).is_dir():
        uploads.end(upload, result)


def _describe(going: Going, works: Works) -> dict[str, object]:
    try:
        with _slot(going):
            return {"stage": Stage.DONE, **works[going.upload.work](going)}
    except ImportStopped:
        return {"stage": Stage.STOPPED}
    except InvalidInput as error:
        return {"stage": Stage.FAILED, **refused(error.faults, error)}
    except GisgridError as error:
        return {"stage": Stage.FAILED, **refused([Fault(message=error.args[0])])}
    except MemoryError:
        return {"stage": Stage.FAILED, **refused([Fault(message=say("the file needs too much memory"))])}
    except Exception as error:  # noqa: BLE001 - what isn't known is told as such, and logged without its text
        frames = traceback.extract_tb(error.__traceback__)
        places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        _log.error("%s: %s", type(error).__name__, places)
        sentence = say("something went wrong while working on it; nothing was kept")
        return {"stage": Stage.FAILED, **refused([Fault(message=sentence)])}


@contextmanager
def _beating(going: Going) -> Iterator[None]:
    """Say that the work goes on, also while a file is read for long."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_S * 2):
            going.uploads.beat(going.upload, going.share)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _slot(going: Going) -> Iterator[None]:
    """Wait until there is room for one more work on this machine."""
    locks = [(going.uploads.folder / f".slot-{number}").open("wb") for number in range(AT_ONCE)]
    try:
        while not any(_locked(lock) for lock in locks):
            going.refuse_stopped()
            time.sleep(_BEAT_S / 5)
        yield
    finally:
        for lock in locks:
            lock.close()


def _locked(lock: Any) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def import_request(uploads: Uploads, upload: Upload) -> ImportRequest:
    """The import an upload asks for."""
    return ImportRequest(
        kind=upload.kind,
        file=uploads.file_of(upload),
        name=upload.file_name,
        community=upload.community,
        crs=upload.crs,
        columns=upload.columns,
        sheet=upload.sheet,
        level=Level(upload.level),
        fix=upload.fix,
        accepted_m2=upload.accepted_m2,
        merge=upload.merge,
        dates=upload.dates,
        as_closed=upload.as_closed,
        new_categories=NewCategories(upload.new_categories),
        import_id=upload.id,
    )


def _check(going: Going) -> Result:
    """Look at a file, and do everything an import does without keeping it."""
    asked, table, is_recalled = _opened(going)
    going.refuse_stopped()
    prepared, facts = _prepared(going, asked, table)
    try:
        preview = preview_of(asked, table, prepared, ())
    except InvalidInput as error:
        return {**refused(error.faults, error), "can_import": False}
    seen = {**looked_at(asked, table, preview), "is_recalled": is_recalled, "columns": list(asked.columns)}
    if prepared is None:
        return {**seen, **facts, "can_import": False}
    try:
        outcome = run(
            going.database,
            going.who,
            prepared,
            now=going.upload.at,
            tz=going.tz,
            watch=replace(_watch(going), is_dry=True),
        )
    except ImportStopped:
        raise
    except InvalidInput as error:
        return {**seen, **refused(error.faults, error), "can_import": False}
    except GisgridError as error:
        return {**seen, **refused([Fault(message=error.args[0])]), "can_import": False}
    done = describe_outcome(outcome, prepared)
    changes = any(outcome.counts.get(name) for name in ("new", "updated", "closed"))
    return {**seen, **done, "rows": seen["rows"], "can_import": bool(changes)}


def _opened(going: Going) -> tuple[ImportRequest, FileTable, bool]:
    """The table, read with the columns this account or community chose for such files last time."""
    asked = import_request(going.uploads, going.upload)
    table = open_table(asked)
    going.progress(_OPEN_SHARE)
    if asked.columns:
        return asked, table, False
    with going.database.read() as session:
        actor = going.who(session)
        places = visible_communities(session, actor, now=going.upload.at)
        here = next((place.id for place in places if place.code == asked.community), None)
        headers = headers_of(table)
        columns = recall_columns(session, actor, kind=asked.kind, headers=headers, community_id=here)
    return replace(asked, columns=columns), table, bool(columns)


def _prepared(going: Going, asked: ImportRequest, table: FileTable) -> tuple[Prepared | None, Result]:
    try:
        prepared = check(asked, table, tz=going.tz, progress=going.reading)
    except InvalidInput as error:
        return None, refused(error.faults, error)
    going.progress(_READ_SHARE)
    return prepared, {}


def _watch(going: Going) -> ImportWatch:
    return ImportWatch(
        progress=lambda done, total: going.progress(_READ_SHARE + (1 - _READ_SHARE) * done / max(total, 1)),
        is_cancelled=lambda: going.uploads.is_stopped(going.upload),
    )


def _import(going: Going) -> Result:
    """Import the file, and remember which columns were chosen."""
    asked, table, _is_recalled = _opened(going)
    going.refuse_stopped()
    prepared = check(asked, table, tz=going.tz, progress=going.reading)
    going.progress(_READ_SHARE)

    def remember(session: Session, community_id: str | None) -> None:
        remember_columns(
            session,
            going.who(session),
            kind=asked.kind,
            headers=headers_of(table),
            columns=asked.columns,
            community_id=community_id,
            now=going.upload.at,
        )

    watch = replace(_watch(going), beside=remember if asked.columns else None)
    outcome = run(going.database, going.who, prepared, now=going.upload.at, tz=going.tz, watch=watch)
    return describe_outcome(outcome, prepared)


def _undo(going: Going) -> Result:
    """Take an import back."""

    def once() -> Result:
        with going.database.write() as session:
            done = undo_import(
                session,
                going.who(session),
                str(going.upload.subject),
                now=going.upload.at,
                pulse=lambda _count: going.refuse_stopped(),
            )
        return {"removed": done.removed, "restored": done.restored, "emptied": done.emptied}

    return {"counts": patiently(once), "faults": [], "fault_count": 0}


_WORKS: Final[Works] = {
    Work.CHECK: _check,
    Work.IMPORT: _import,
    Work.UNDO: _undo,
}
