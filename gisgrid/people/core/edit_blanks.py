"""What hand edits, their clashes and services of needs lose with a no: the values, not that they were."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Update, false, not_, select, true, update
from sqlalchemy.orm import Session

from gisgrid.people.core.edit_models import ClashState, FieldClash, RegisterEdit
from gisgrid.people.core.models import Resident
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.core.purposes import VISIT_NEEDS, Purpose
from gisgrid.places.import_rows import batches

_Table = type[RegisterEdit] | type[FieldClash] | type[NeedService]


def forget_edits(
    session: Session,
    purpose: str,
    *,
    households: Collection[str] = (),
    residents: Collection[str] = (),
) -> None:
    """Blank values of fields kept for a purpose: of people, and of households themselves without theirs.

    A no to being registered takes those of every purpose. A clash that waits is over. The names of
    volunteers who serve needs go too.
    """
    for people in batches(sorted(residents)):
        _blank_edits(session, RegisterEdit.resident_id.in_(people) & _is_for(RegisterEdit, purpose))
        _end_clashes(session, FieldClash.resident_id.in_(people) & _is_for(FieldClash, purpose))
        _blank_servers(session, NeedService.resident_id.in_(people) & _serves_for(purpose))
    for homes in batches(sorted(households)):
        own, clashing = (
            table.resident_id.is_(None) & table.household_id.in_(homes) & _is_for(table, purpose)
            for table in (RegisterEdit, FieldClash)
        )
        _blank_edits(session, own)
        _end_clashes(session, clashing)


def forget_edits_of_homes(session: Session, purpose: str, households: Collection[str]) -> None:
    """Blank those of households and of everybody in them."""
    for homes in batches(sorted(households)):
        people = session.scalars(select(Resident.id).where(Resident.household_id.in_(homes))).all()
        forget_edits(session, purpose, households=homes, residents=people)


def _is_for(table: type[RegisterEdit | FieldClash], purpose: str) -> ColumnElement[bool]:
    return true() if purpose == Purpose.REGISTRATION else table.purpose == purpose


def _serves_for(purpose: str) -> ColumnElement[bool]:
    """Services of needs that are kept for a purpose."""
    is_visit = NeedService.kind.in_(VISIT_NEEDS)
    kinds: dict[str, ColumnElement[bool]] = {
        Purpose.REGISTRATION: true(),
        Purpose.ELDER_VISITS: is_visit,
        Purpose.SENSITIVE_NEEDS: not_(is_visit),
    }
    return kinds.get(purpose, false())


def _blank_servers(session: Session, own: ColumnElement[bool]) -> None:
    _write(session, NeedService, update(NeedService).where(own).values(name=None))


def _blank_edits(session: Session, own: ColumnElement[bool]) -> None:
    blank = update(RegisterEdit).where(own).values(before=None, after=None, reason=None)
    _write(session, RegisterEdit, blank)


def _end_clashes(session: Session, own: ColumnElement[bool]) -> None:
    waiting = own & (FieldClash.state == ClashState.WAITING)
    _write(session, FieldClash, update(FieldClash).where(waiting).values(state=ClashState.GONE))
    _write(session, FieldClash, update(FieldClash).where(own).values(answer=None))


def _write(session: Session, table: _Table, statement: Update) -> None:
    """Write in SQL; rows the session holds are read again, since sealed values can't be told there."""
    session.execute(statement.execution_options(synchronize_session=False))
    for row in session.identity_map.values():
        if isinstance(row, table):
            session.expire(row)
