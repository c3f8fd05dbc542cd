"""Which record an account opens, and whether its answers are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.rules import OF_PERSONS
from gisgrid.records.lists.lines import KeptRow, kept_rows
from gisgrid.records.lists.scope import is_agreed_to, record_rows, visible_records

_AFTER_A_NO: Final = frozenset({Role.HEAD, Role.LOCAL})


def require_reading(actor: Actor) -> None:
    """That an actor opens and lists records; residents read the lines of their own household alone.

    Raises
    ------
    NotAllowed
        The role does not.
    """
    require(actor, Action.RECORDS_VIEW)
    if actor.role == Role.RESIDENT:
        raise NotAllowed("this account may not do that")


def opened_row(view: View, record_id: str, *, reason: str | None) -> KeptRow:
    """A record within the actor's scope.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        There is none.
    """
    require_reading(view.actor)
    statement = record_rows().where(Record.id == record_id, visible_records(view))
    if not (view.actor.role in _AFTER_A_NO and (reason or "").strip()):
        statement = statement.where(is_agreed_to())
    rows = kept_rows(view, statement)
    if not rows:
        raise NotFound("no such record")
    return rows[0]


def is_about_people(row: KeptRow) -> bool:
    """Whether a record holds what is told of people."""
    return row.record.subject in OF_PERSONS or row.opened.tree.settings.purpose is not None


def is_shown(view: View, row: KeptRow, reason: str | None) -> bool:
    """Whether names and answers are shown: to heads after a reason, where people are told of."""
    return not is_about_people(row) or is_shown_to(view, reason)


def is_told(view: View, row: KeptRow, reason: str | None) -> bool:
    """Whether there are answers that are told: they are shown and weren't taken out."""
    return is_shown(view, row, reason) and row.record.answers != GONE


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """That a record is there: its form, that form's purpose, and whether its subject has said no since."""

    form: str
    title: Mapping[str, str]
    purpose: str | None
    is_refused: bool


def known_record(view: View, record_id: str) -> KnownRecord:
    """What the page of a record may know before it is opened; leaves no entry, tells nothing of it.

    Raises
    ------
    NotAllowed
        The role opens no records.
    NotFound
        No such record that the actor opens, after a reason at least.
    """
    row = opened_row(view, record_id, reason="page")
    agreed = record_rows().with_only_columns(Record.id).where(Record.id == row.record.id, is_agreed_to())
    return KnownRecord(
        form=row.record.form_code,
        title=row.opened.tree.title,
        purpose=row.opened.tree.settings.purpose,
        is_refused=view.session.scalar(agreed) is None,
    )
