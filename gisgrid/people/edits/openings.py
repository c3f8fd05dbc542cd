"""Who is told the values of a household and its people, and the audit entry of it."""

from __future__ import annotations

from datetime import datetime

from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.people.edits.scope import EditSubject, editable_person


def is_shown_to(view: View, reason: str | None) -> bool:
    """Whether values are told: to heads after a reason."""
    return view.actor.role != Role.HEAD or bool((reason or "").strip())


def note_opening(view: View, action: str, subject: EditSubject, reason: str | None, now: datetime) -> None:
    """Leave the audit entry of somebody who looked."""
    record(
        view.session,
        view.actor,
        action,
        "household" if subject.person is None else "resident",
        now=now,
        object_id=subject.id,
        reason=(reason or "").strip() or None,
    )


def open_person(
    view: View, person_id: str, action: str, reason: str | None, now: datetime
) -> tuple[EditSubject, bool]:
    """A person of whom something is read, and whether values are told. Leaves the audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    Conflict
        The person was erased or has refused to be registered.
    """
    subject = editable_person(view, person_id, lock=False)
    note_opening(view, action, subject, reason, now)
    return subject, is_shown_to(view, reason)
