"""Reading the audit trail: all of it for administrators, what touches one's own record for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, ApiToken, AuditEntry
from gisgrid.days import FIRST_DAY, LAST_DAY, end_of, start_of

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailSearch:
    """What is looked for in the trail; nothing given means all. ``first`` and ``last`` are days, included.

    ``action`` is an action or its first part (``persons``); ``object_id`` the id of the thing.
    """

    account: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    object_id: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """One entry: who, in which role, when, what, to which thing; names of fields, never values."""

    id: str
    at: datetime
    account: str | None
    operator: str | None
    role: str | None
    action: str
    object_kind: str
    object_id: str | None
    count: int
    fields: Sequence[str]
    reason: str | None
    scope: Sequence[str]
    change: Mapping[str, Sequence[Any]]


def search_trail(
    session: Session, actor: Actor, asked: TrailSearch, *, now: datetime, tz: tzinfo
) -> tuple[list[TrailRow], int]:
    """A page of entries, the newest first, and how many there are. Reading it is an entry too.

    Raises
    ------
    NotAllowed
        The role may not read the trail.
    """
    require(actor, Action.AUDIT_VIEW)
    conditions = _conditions(asked, tz)
    counted = (
        select(func.count()).select_from(AuditEntry).outerjoin(Account, Account.id == AuditEntry.account_id)
    )
    total = session.scalar(counted.where(*conditions)) or 0
    statement = _entries().where(*conditions).limit(PAGE).offset((asked.page - 1) * PAGE)
    rows = [_row(entry, name, reason=entry.reason) for entry, name in session.execute(statement)]
    record(session, actor, "audit:view", "audit_entry", now=now, count=len(rows))
    return rows, total


def actions_kept(session: Session, actor: Actor) -> list[str]:
    """Every action that stands in the trail, for the choice in a form.

    Raises
    ------
    NotAllowed
        The role may not read the trail.
    """
    require(actor, Action.AUDIT_VIEW)
    return list(session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))


def own_trail(
    session: Session, actor: Actor, *, residents: Select[str], page: int = 1
) -> tuple[list[TrailRow], int]:
    """Who did what with one's own record: the account, the household and its people. Without reasons.

    Parameters
    ----------
    residents
        Ids of the people of the actor's household, as a statement.

    Raises
    ------
    NotAllowed
        Nobody is logged in.
    """
    require(actor, Action.AUDIT_OWN)
    touched = _touches(actor, residents)
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(touched)) or 0
    statement = _entries().where(touched).limit(PAGE).offset((page - 1) * PAGE)
    return [_row(entry, None) for entry, _ in session.execute(statement)], total


def history_of(
    session: Session, actor: Actor, kind: str, object_id: str, *, most: int = 30
) -> list[TrailRow]:
    """What was done with one thing, the newest first, for the foot of its page; no reasons.

    With an account also what was done with its tokens.

    Raises
    ------
    NotAllowed
        The role may not read the trail.
    """
    require(actor, Action.AUDIT_VIEW)
    touched = and_(AuditEntry.object_kind == kind, AuditEntry.object_id == object_id)
    if kind == "account":
        own = select(ApiToken.id).where(ApiToken.account_id == object_id)
        touched |= and_(AuditEntry.object_kind == "api_token", AuditEntry.object_id.in_(own))
    return [_row(entry, name) for entry, name in session.execute(_entries().where(touched).limit(most))]


def changes_of(session: Session, actor: Actor, actions: Sequence[str], *, most: int = 30) -> list[TrailRow]:
    """The newest entries of some actions, for the foot of a page of settings; no reasons.

    Raises
    ------
    NotAllowed
        The role may not read the trail.
    """
    require(actor, Action.AUDIT_VIEW)
    statement = _entries().where(AuditEntry.action.in_(actions)).limit(most)
    return [_row(entry, name) for entry, name in session.execute(statement)]


def _touches(actor: Actor, residents: Select[str]) -> ColumnElement[bool]:
    if actor.account_id is None:
        return false()
    conditions = [and_(AuditEntry.object_kind == "account", AuditEntry.object_id == actor.account_id)]
    if actor.household_id is not None:
        conditions += [
            and_(AuditEntry.object_kind == "household", AuditEntry.object_id == actor.household_id),
            and_(AuditEntry.object_kind == "resident", AuditEntry.object_id.in_(residents)),
        ]
    return or_(*conditions)


def _entries() -> Select[AuditEntry, str]:
    return (
        select(AuditEntry, Account.name)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )


def _conditions(asked: TrailSearch, tz: tzinfo) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.account:
        conditions.append(or_(Account.name == asked.account, AuditEntry.operator == asked.account))
    if asked.action:
        prefix = AuditEntry.action.startswith(f"{asked.action}:", autoescape=True)
        conditions.append(or_(AuditEntry.action == asked.action, prefix))
    if asked.first:
        conditions.append(AuditEntry.at >= start_of(max(asked.first, FIRST_DAY), tz))
    if asked.last:
        conditions.append(AuditEntry.at < end_of(min(asked.last, LAST_DAY), tz))
    if asked.object_id:
        conditions.append(AuditEntry.object_id == asked.object_id)
    return conditions


def _row(entry: AuditEntry, name: str | None, *, reason: str | None = None) -> TrailRow:
    return TrailRow(
        id=entry.id,
        at=entry.at,
        account=name,
        operator=entry.operator,
        role=entry.details.get("role"),
        action=entry.action,
        object_kind=entry.object_kind,
        object_id=entry.object_id,
        count=entry.count,
        fields=entry.fields,
        reason=reason,
        scope=entry.details.get("scope", ()),
        change=entry.details.get("change", {}),
    )
