"""The history of hand edits: one act of one actor, and what it wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.people.core.edit_models import RegisterEdit
from gisgrid.people.edits.fields import RegisterField
from gisgrid.people.edits.register import read_field, write_field
from gisgrid.people.edits.scope import EditSubject
from gisgrid.people.edits.values import Value, as_json
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAct:
    """Somebody edits a household or a person: with which reason, when; its changes are kept together."""

    view: View
    subject: EditSubject
    reason: str | None
    now: datetime
    id: str = field(default_factory=new_id)

    def read(self, of: RegisterField) -> Value:
        """What the register holds of a field."""
        return read_field(self.view.session, self.subject, of, self.view.tz)

    def write(
        self, of: RegisterField, value: Value, *, change_id: str | None = None, undoes: str | None = None
    ) -> str:
        """Write a field and keep both values; the id of the change."""
        before = self.read(of)
        write_field(self.view.session, self.subject, of, value, tz=self.view.tz, now=self.now)
        return self.keep(of.code, of.purpose, before=before, after=value, change_id=change_id, undoes=undoes)

    def keep(
        self,
        code: str,
        purpose: str,
        *,
        before: Value,
        after: Value,
        change_id: str | None = None,
        undoes: str | None = None,
    ) -> str:
        """Add a row to the history."""
        person = self.subject.person
        row = RegisterEdit(
            id=change_id or new_id(),
            at=self.now,
            household_id=self.subject.household.id,
            resident_id=None if person is None else person.id,
            account_id=self.view.actor.account_id,
            field=code,
            purpose=purpose,
            act_id=self.id,
            undoes_id=undoes,
            before=as_json(before),
            after=as_json(after),
            reason=self.reason,
        )
        self.view.session.add(row)
        self.view.session.flush()
        return row.id

    def close(self, action: str, fields: Iterable[str]) -> None:
        """Leave the audit entry, and let caches of the community go."""
        kind = "household" if self.subject.person is None else "resident"
        record(
            self.view.session,
            self.view.actor,
            action,
            kind,
            now=self.now,
            object_id=self.subject.id,
            fields=tuple(fields),
            reason=self.reason,
        )
        touch(self.view.session, [self.view.community.id])
        self.view.session.flush()


def begin_edit(view: View, subject: EditSubject, reason: str | None, now: datetime) -> EditAct:
    """An act of editing, with its reason as it is kept: none where there is nothing in it."""
    return EditAct(view=view, subject=subject, reason=(reason or "").strip() or None, now=now)
