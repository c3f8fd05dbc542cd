"""Takes a whole import back: what it made goes, what it changed is as it was before, or nothing happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.audit import record
from gisgrid.access.imports import UNDO_DAYS, ImportNotes
from gisgrid.access.models import Account, ImportChange, ImportRun, Role
from gisgrid.access.unfinished import refuse_beside_import
from gisgrid.areas.communities import touch, visible_communities, wait_for_others
from gisgrid.errors import Conflict, NotFound, say
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.imports.undo_areas import forget_community, forget_notes, take_back_division
from gisgrid.imports.undo_rows import Undone, take_back_rows
from gisgrid.positions.placement import place_objects

IMPORT_RIGHTS: Final[dict[str, Action]] = {
    "areas": Action.AREAS_IMPORT,
    "buildings": Action.PLACES_IMPORT,
    "streets": Action.PLACES_IMPORT,
    "cases": Action.CASES_IMPORT,
    "households": Action.HOUSEHOLDS_IMPORT,
    "residents": Action.RESIDENTS_IMPORT,
    "facilities": Action.FACILITIES_IMPORT,
    "members": Action.MEMBERS_IMPORT,
}
"""Which right each kind of file needs."""

_LISTED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedImport:
    """One import as it is listed. ``can_undo`` goes by its record: what happened since isn't asked."""

    id: str
    at: datetime
    who: str
    kind: str
    community: str | None
    file_name: str
    sha256: str
    counts: Mapping[str, Any]
    undone_at: datetime | None
    can_undo: bool


def list_imports(session: Session, actor: Actor, *, now: datetime) -> list[ListedImport]:
    """The imports an actor may know of, the newest first: a staff's own, a head's community's, else all."""
    require(actor, Action.IMPORTS_VIEW)
    visible = {community.id: community.code for community in visible_communities(session, actor, now=now)}
    statement = _seen(actor, visible).order_by(ImportRun.at.desc(), ImportRun.id.desc()).limit(_LISTED)
    runs = session.scalars(statement).all()
    names = _names(session, runs)
    noted = _noted(session, runs)
    return [
        ListedImport(
            id=run.id,
            at=run.at,
            who=run.operator or names.get(run.account_id or "", ""),
            kind=run.kind,
            community=visible.get(run.community_id or ""),
            file_name=run.file_name,
            sha256=run.sha256,
            counts=run.counts,
            undone_at=run.undone_at,
            can_undo=run.id in noted
            and run.undone_at is None
            and not _is_old(run, now)
            and may(actor, IMPORT_RIGHTS[run.kind]),
        )
        for run in runs
    ]


def _seen(actor: Actor, communities: Mapping[str, str]) -> Select[ImportRun]:
    statement = select(ImportRun)
    if actor.role == Role.LOCAL:
        return statement
    is_here = ImportRun.community_id.in_(communities)
    if actor.role == Role.HEAD:
        return statement.where(is_here)
    # A community that went with the undoing of an import leaves its record without one.
    return statement.where(
        or_(is_here, ImportRun.community_id.is_(None)), ImportRun.account_id == actor.account_id
    )


def _names(session: Session, runs: Sequence[ImportRun]) -> dict[str, str]:
    ids = {run.account_id for run in runs if run.account_id}
    return {
        row.id: row.name
        for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    }


def _noted(session: Session, runs: Sequence[ImportRun]) -> set[str]:
    ids = [run.id for run in runs]
    return set(
        session.scalars(select(ImportChange.import_id).where(ImportChange.import_id.in_(ids)).distinct())
    )


def _is_old(run: ImportRun, now: datetime) -> bool:
    return run.at < now - timedelta(days=UNDO_DAYS)


def undo_import(
    session: Session, actor: Actor, import_id: str, *, now: datetime, pulse: Pulse = no_pulse
) -> Undone:
    """Take an import back as a whole.

    What answers to consent hang on can't be deleted: such a resident is emptied like an erased one, such a
    household stays as a bare address. Numbers that cases and revisions were given are never given again. A
    community the import made goes too, unless something else came into it.

    Raises
    ------
    NotFound
        No such import within what the actor may see.
    Conflict
        It has been taken back already, is too old, changed nothing that could be, or something it made or
        changed was changed or is used since. Nothing is changed then.
    """
    require(actor, Action.IMPORTS_UNDO)
    refuse_beside_import(session.get_bind())
    visible = {community.id: community.code for community in visible_communities(session, actor, now=now)}
    wanted = _seen(actor, visible).where(ImportRun.id == import_id)
    run = session.scalar(wanted)
    if run is None:
        raise NotFound("no such import")
    if run.community_id:
        wait_for_others(session, run.community_id)
    run = session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()
    require(actor, IMPORT_RIGHTS[run.kind])
    _refuse(session, run, now=now)
    if run.kind == "areas":
        done, moved = take_back_division(session, actor, run, now=now)
    else:
        done, moved = take_back_rows(session, ImportNotes(session, run), now=now, pulse=pulse)
    if run.community_id:
        if moved:
            place_objects(session, run.community_id, at=now)
        touch(session, [run.community_id])
    forget_notes(session, run)
    run.undone_at, run.undone_by = now, actor.account_id
    session.flush()
    forget_community(session, run)
    record(
        session,
        actor,
        "imports:undo",
        "import_run",
        now=now,
        object_id=run.id,
        count=done.removed + done.restored + done.emptied,
    )
    return done


def _refuse(session: Session, run: ImportRun, *, now: datetime) -> None:
    if run.undone_at is not None:
        raise Conflict("this import has been taken back already")
    if _is_old(run, now):
        raise Conflict(say("imports can be taken back for {days} days; this one is older", days=UNDO_DAYS))
    if not _noted(session, [run]):
        raise Conflict("this import changed nothing that could be taken back")
