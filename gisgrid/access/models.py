"""Tables of accounts, people on duty, API tokens and the audit trail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import Encrypted
from gisgrid.storage.base import Base, Dated, Id, Keyed, dated_check


class Role(StrEnum):
    """What an account may do; the codes of the command line's ``--role``."""

    ADMIN = "admin"
    HEAD = "head"
    STAFF = "staff"
    MEMBER = "member"
    GRID_LEADER = "grid_leader"
    STEWARD = "steward"
    LEADER = "leader"
    PROPERTY = "property"
    ORG = "org"
    EVALUATOR = "evaluator"
    RESIDENT = "resident"
    LOCAL = "local"
    """The command line's own account: all rights, cannot log in."""


class DutyKind(StrEnum):
    """In which capacity somebody serves an area."""

    GRID_MEMBER = "grid_member"
    GRID_LEADER = "grid_leader"
    GRID_SUPERVISOR = "grid_supervisor"
    COMMUNITY_POLICE = "community_police"
    PARTY_CADRE = "party_cadre"
    BUILDING_STEWARD = "building_steward"
    SPECIALIST = "specialist"


def one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    """A check that a text column holds one of an enumeration's values."""
    values = ", ".join(f"'{kind.value}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({values})", name=column)


class Worker(Keyed, Base):
    """A person on duty, with or without an account. Name and office phone are duty data, shown publicly."""

    __tablename__ = "worker"

    code: Mapped[str | None] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(100))
    office_phone: Mapped[str | None] = mapped_column(String(40))
    birth_year: Mapped[int | None]
    education: Mapped[str | None] = mapped_column(String(40))


class Account(Keyed, Base):
    """Who may log in, in which role. ``session_version`` goes up to end all sessions.

    ``pin_hash`` opens a session that a phone remembers; ``must_change_password`` after a one-time password.
    ``organisation``: the name of the property company or social organisation it stands for.
    ``may_instruct``: of a leader, who is a party to what is escalated to the subdistrict.
    """

    __tablename__ = "account"
    __table_args__ = (one_of("role", Role),)

    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    worker_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_version: Mapped[int] = mapped_column(default=1)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    pin_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    organisation: Mapped[str | None] = mapped_column(String(100))
    may_instruct: Mapped[bool] = mapped_column(default=False, server_default=false())


class AccountScope(Keyed, Base):
    """An area, household or nothing more that an account is limited to, beside what its duties give."""

    __tablename__ = "account_scope"
    __table_args__ = (CheckConstraint("(area_id IS NULL) <> (household_id IS NULL)", name="one_subject"),)

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"), index=True)
    area_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"))
    household_id: Mapped[Id | None] = mapped_column(ForeignKey("household.id"))


class Duty(Keyed, Dated, Base):
    """Who serves which area or building, in which capacity, from when to when."""

    __tablename__ = "duty"
    __table_args__ = (
        one_of("kind", DutyKind),
        dated_check(),
        CheckConstraint("(area_id IS NULL) <> (building_id IS NULL)", name="one_subject"),
        Index(
            "uq_duty_primary_member",
            "area_id",
            unique=True,
            sqlite_where=text("is_primary AND kind = 'grid_member' AND valid_to IS NULL"),
            postgresql_where=text("is_primary AND kind = 'grid_member' AND valid_to IS NULL"),
        ),
        Index("ix_duty_valid_from", "valid_from"),
        Index("ix_duty_valid_to", "valid_to"),
    )

    worker_id: Mapped[Id] = mapped_column(ForeignKey("worker.id"), index=True)
    area_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    building_id: Mapped[Id | None] = mapped_column(ForeignKey("building.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    is_primary: Mapped[bool] = mapped_column(default=False)


class ApiToken(Keyed, Base):
    """A token for programs: shown once, stored as a SHA-256 of a 256-bit secret, expiring.

    ``parts`` are the parts of the interface it opens, none for all; see :mod:`gisgrid.access.tokens`.
    """

    __tablename__ = "api_token"

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    may_write: Mapped[bool] = mapped_column(default=True, server_default=true())
    parts: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    revoked_at: Mapped[datetime | None]


class AuditEntry(Keyed, Base):
    """Who did what to which things, when. Ids and field names only, never values; append-only."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_kind", "object_id"),)

    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    operator: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str | None] = mapped_column(String(36))
    count: Mapped[int] = mapped_column(default=1)
    fields: Mapped[list[str]] = mapped_column(JSON, default=list)
    reason: Mapped[str | None] = mapped_column(Encrypted("audit_entry.reason"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ImportRun(Keyed, Base):
    """One import of one file: who, when, what, and how many rows became what.

    ``counts`` by name as they were told, numbers only. ``undone_at`` is set once it has been taken back.
    ``is_unfinished`` while it is kept in turns: nobody sees the rows it has made until then.
    """

    __tablename__ = "import_run"

    community_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    operator: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_unfinished: Mapped[bool] = mapped_column(default=False, server_default=false())
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)


class ImportChange(Base):
    """One row that an import made or changed, in the order in which it did, so that it can be taken back.

    ``before`` are the former values of a changed row, sealed since they may be personal; nothing for a row
    that was made. ``after`` is a keyed digest of the whole row as the import left it.
    """

    __tablename__ = "import_change"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    import_id: Mapped[Id] = mapped_column(ForeignKey("import_run.id"), index=True)
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[Id] = mapped_column(index=True)
    before: Mapped[str | None] = mapped_column(Encrypted("import_change.before"))
    after: Mapped[str] = mapped_column(String(60))


class ImportColumns(Keyed, Base):
    """Which columns somebody chose for files with the same headers, so that it is asked once.

    ``headers`` is a digest of the names of the columns; ``columns`` are ``OURS=THEIRS``. Others of the same
    community are offered it too.
    """

    __tablename__ = "import_columns"
    __table_args__ = (UniqueConstraint("account_id", "kind", "headers", name="uq_import_columns_choice"),)

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"))
    community_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    headers: Mapped[str] = mapped_column(String(64))
    columns: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime]
