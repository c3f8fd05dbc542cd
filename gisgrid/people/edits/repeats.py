"""What is sent twice is taken once: an act has an id made by its sender, and a history that remembers it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from gisgrid.errors import Conflict, Fault
from gisgrid.people.core.edit_models import RegisterEdit
from gisgrid.people.edits.scope import EditSubject
from gisgrid.people.edits.values import Value, as_json


def id_faults(sent_id: str) -> list[Fault]:
    """What is wrong with an id that a sender made: it is a UUID as text."""
    try:
        is_id = str(UUID(sent_id)) == sent_id
    except ValueError:
        is_id = False
    return [] if is_id else [Fault(message="an id is a UUID in small letters", field="id")]


def was_taken(session: Session, change_id: str, code: str, subject: EditSubject, content: Value) -> bool:
    """Whether the very same was taken before.

    Raises
    ------
    Conflict
        Something else was taken under this id.
    """
    row = session.get(RegisterEdit, change_id)
    if row is None:
        return False
    is_same = row.field == code and row.household_id == subject.household.id
    if not is_same or row.after != as_json(content):
        raise Conflict("something else was sent under this id")
    return True
