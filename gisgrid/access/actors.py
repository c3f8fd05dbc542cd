"""Who is asking: an actor with a role and a scope by duty, and the first line of every use case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import BY_ACCOUNT, EXACT_COUNTS, PUBLIC, RIGHTS, Action
from gisgrid.access.models import Account, AccountScope, Duty, DutyKind, Role
from gisgrid.errors import NotAllowed
from gisgrid.storage.base import valid_at

_GIVES_SCOPE = (DutyKind.GRID_MEMBER, DutyKind.GRID_LEADER, DutyKind.GRID_SUPERVISOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who asks for something.

    ``areas`` are the areas a duty or an account scope names (ids of any level); ``buildings`` those of a
    building steward. ``operator`` is the operating system's user for the built-in account ``local``.
    ``instructs``: a leader who is a party to what is escalated to the subdistrict.
    """

    account_id: str | None = None
    name: str = ""
    role: Role | None = None
    worker_id: str | None = None
    areas: frozenset[str] = field(default_factory=frozenset)
    buildings: frozenset[str] = field(default_factory=frozenset)
    household_id: str | None = None
    operator: str | None = None
    instructs: bool = False

    @property
    def sees_everything(self) -> bool:
        """Whether this is the command line's own account."""
        return self.role == Role.LOCAL

    @property
    def sees_exact_counts(self) -> bool:
        """Whether small counts of persons and confidential cases are shown to this actor as they are."""
        return self.role in EXACT_COUNTS


NOBODY = Actor()
"""Somebody who has not logged in."""


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor's role has a right at all, and the account where it is given singly."""
    if actor.role is None:
        return action in PUBLIC
    is_given = action not in BY_ACCOUNT or actor.instructs or actor.sees_everything
    return actor.role in RIGHTS[action] and is_given


def owner_of(account: Account) -> Actor:
    """Who an account belongs to, for the trail: no rights are asked."""
    return Actor(account_id=account.id, name=account.name, role=Role(account.role))


def require(actor: Actor, action: Action) -> None:
    """The first line of every use case.

    Raises
    ------
    NotAllowed
        The role lacks the right.
    """
    if not may(actor, action):
        raise NotAllowed("this account may not do that")


def local_actor(session: Session, operator: str) -> Actor:
    """The built-in account ``local`` with all rights, noting the operating system's user."""
    account_id = session.scalar(select(Account.id).where(Account.role == Role.LOCAL))
    return Actor(account_id=account_id, name="local", role=Role.LOCAL, operator=operator)


def load_actor(session: Session, account_id: str, *, now: datetime) -> Actor | None:
    """The actor behind an account with the duties that hold now; nothing if it is disabled or unknown."""
    account = session.get(Account, account_id)
    if account is None or account.disabled_at is not None:
        return None
    scopes = session.scalars(_scopes(), {"account": account_id}).all()
    areas = {scope.area_id for scope in scopes if scope.area_id}
    buildings: set[str] = set()
    if account.worker_id:
        for duty in session.scalars(_duties(), {"worker": account.worker_id, "now": now}):
            areas |= {duty.area_id} if duty.area_id else set()
            buildings |= {duty.building_id} if duty.building_id else set()
    return Actor(
        account_id=account.id,
        name=account.name,
        role=Role(account.role),
        worker_id=account.worker_id,
        areas=frozenset(areas),
        buildings=frozenset(buildings),
        household_id=next((scope.household_id for scope in scopes if scope.household_id), None),
        instructs=account.may_instruct and account.role == Role.LEADER,
    )


def last_duty_changes(session: Session, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When a duty last began and when one last ended by the clock.

    Who changes duties raises the data version of their community; this tells of those that were set
    beforehand for a day that has come since.
    """
    begun = select(func.max(Duty.valid_from)).where(Duty.valid_from <= now).scalar_subquery()
    ended = select(func.max(Duty.valid_to)).where(Duty.valid_to <= now).scalar_subquery()
    row = session.execute(select(begun, ended)).one()
    return row[0], row[1]


@cache
def _scopes() -> Select[AccountScope]:
    """The scopes of ``account``. Asked by every request, so that it is put together once."""
    return select(AccountScope).where(AccountScope.account_id == bindparam("account"))


@cache
def _duties() -> Select[Duty]:
    """The duties of ``worker`` at ``now`` that give a scope."""
    gives_scope = Duty.kind.in_(_GIVES_SCOPE) | Duty.building_id.is_not(None)
    is_theirs = Duty.worker_id == bindparam("worker")
    return select(Duty).where(is_theirs, valid_at(Duty, bindparam("now")), gives_scope)
