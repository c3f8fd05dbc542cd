"""Tables of what is to be done: rules of tasks, notes to tasks, rounds. A task itself is never stored."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.rules import Excuse, RoundState, TaskNoteKind
from gisgrid.records.core.subjects import AboutSubject, subject_check
from gisgrid.storage.base import Base, Dated, Id, Keyed, dated_check

_SHIPPED = text("owner_area_id IS NULL")


class TaskRuleVersion(Keyed, Dated, Base):
    """One version of a rule of tasks as data; it is never changed. Without an owner it is built in."""

    __tablename__ = "task_rule"
    __table_args__ = (
        dated_check(),
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("owner_area_id", "code", "number"),
        Index(
            "uq_task_rule_built_in",
            "code",
            "number",
            unique=True,
            sqlite_where=_SHIPPED,
            postgresql_where=_SHIPPED,
        ),
    )

    code: Mapped[str] = mapped_column(String(60))
    owner_area_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"))
    number: Mapped[int]
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    made_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class TaskNote(Keyed, AboutSubject, Base):
    """A note to a task: why it waits, or who takes it. Append-only; the reason is sealed.

    ``of`` is what a task's key has behind the subject: its month, its day or the record that asks for it.
    """

    __tablename__ = "task_note"
    __table_args__ = (
        one_of("kind", TaskNoteKind),
        subject_check(),
        CheckConstraint("(kind = 'postponed') = (until IS NOT NULL)", name="until"),
        CheckConstraint("(kind = 'given_to') = (to_worker_id IS NOT NULL)", name="given_to"),
        Index("ix_task_note_resident", "resident_id", "rule_code"),
    )

    rule_code: Mapped[str] = mapped_column(String(60))
    of: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    until: Mapped[date | None]
    to_worker_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"))
    reason: Mapped[str | None] = mapped_column(Encrypted("task_note.reason"))
    at: Mapped[datetime]
    by_account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class Round(Keyed, Base):
    """A form to be filled for a set of subjects until a day; the set is frozen when it is opened."""

    __tablename__ = "round"
    __table_args__ = (
        one_of("state", RoundState),
        CheckConstraint("last_day >= first_day", name="days"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"), index=True)
    form_version_id: Mapped[Id] = mapped_column(ForeignKey(FormVersion.id))
    title: Mapped[str] = mapped_column(String(120))
    first_day: Mapped[date]
    last_day: Mapped[date]
    state: Mapped[str] = mapped_column(String(20))
    selector: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    made_at: Mapped[datetime]
    made_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class RoundSubject(Keyed, AboutSubject, Base):
    """A subject of a round, with its cell when the round was opened."""

    __tablename__ = "round_subject"
    __table_args__ = (
        one_of("excused", Excuse),
        subject_check(),
        Index("ix_round_subject_resident", "resident_id", "round_id"),
    )

    round_id: Mapped[Id] = mapped_column(ForeignKey(Round.id), index=True)
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"))
    excused: Mapped[str | None] = mapped_column(String(20))
