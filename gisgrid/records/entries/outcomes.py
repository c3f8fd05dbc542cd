"""What is answered to who wrote a record, the same again however often it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.people.core.models import Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.places.models import Household
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record, RecordField
from gisgrid.records.core.rules import FieldBecame
from gisgrid.records.core.validity import is_valid

_MOST: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOutcome:
    """What came of an answer that stands for a field: of the household, or of one of its people."""

    field: str
    became: FieldBecame
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRecord:
    """A record that is kept: whether just now, and whether only that somebody came, after a no.

    ``became`` tells what came of answers that stand for fields of the register. ``not_met`` is how often
    running nobody was met by this form: from two on, somebody should come along.
    """

    id: str
    is_new: bool
    is_attempt: bool = False
    became: tuple[FieldOutcome, ...] = ()
    not_met: int = 0


def outcome_of(session: Session, row: Record, *, is_new: bool, is_attempt: bool) -> WrittenRecord:
    """What is answered about a record."""
    statement = select(RecordField).where(RecordField.record_id == row.id).order_by(RecordField.id)
    became = tuple(
        FieldOutcome(field=kept.field, became=FieldBecame(kept.became), person=kept.resident_id)
        for kept in session.scalars(statement)
    )
    return WrittenRecord(
        id=row.id, is_new=is_new, is_attempt=is_attempt, became=became, not_met=_not_met(session, row)
    )


def outcome_again(session: Session, row: Record) -> WrittenRecord:
    """What is answered to a record that was kept before: a no said since makes it an attempt, too."""
    return outcome_of(session, row, is_new=False, is_attempt=_is_refused(session, row))


def _is_refused(session: Session, row: Record) -> bool:
    version = session.get_one(FormVersion, row.form_version_id)
    purpose = session.get_one(FieldForm, version.form_id).purpose
    person = session.get(Resident, row.resident_id) if row.resident_id else None
    home_id = row.household_id or (person.household_id if person else None)
    home = session.scalar(select(Household).where(Household.id == home_id))
    if purpose is None or home is None:
        return False
    return states_of(session, home, person)[Purpose(purpose)] == FieldState.REFUSED


def _not_met(session: Session, row: Record) -> int:
    """How often running up to this record nobody was met: of a person, else of a household."""
    if row.met is not False or not (row.resident_id or row.household_id):
        return 0
    key = Record.resident_id if row.resident_id else Record.household_id
    is_same = key == (row.resident_id or row.household_id)
    statement = (
        select(Record.met)
        .where(is_same, Record.form_code == row.form_code, Record.parent_id.is_(None), is_valid())
        .where(Record.filled_at <= row.filled_at, Record.met.is_not(None))
        .order_by(Record.day.desc(), Record.filled_at.desc())
        .limit(_MOST)
    )
    running = list(session.scalars(statement))
    return running.index(True) if True in running else len(running)
