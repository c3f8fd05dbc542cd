"""Which accounts are at work in a community, by their duties and scopes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, select, union
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, AccountScope, Duty, DutyKind, Role
from gisgrid.areas.models import Area, AreaParent
from gisgrid.storage.base import valid_at

_HOLDING: Final = (DutyKind.GRID_MEMBER, DutyKind.GRID_LEADER, DutyKind.GRID_SUPERVISOR)


def accounts_of(session: Session, community_id: str, roles: Collection[Role], *, now: datetime) -> set[str]:
    """Accounts of these roles whose duties or scope name an area of a community, or one it lies in."""
    inside = select(Area.id).where(Area.community_id == community_id)
    above = select(AreaParent.parent_id).where(AreaParent.area_id == community_id, valid_at(AreaParent, now))
    scopes, duties = by_scope(roles), by_duty(roles).where(valid_at(Duty, now))
    both = union(
        scopes.where(AccountScope.area_id.in_(inside) | AccountScope.area_id.in_(above)),
        duties.where(Duty.area_id.in_(inside) | Duty.area_id.in_(above)),
    ).subquery()
    return set(session.scalars(select(both.c.id).distinct()))


def by_scope(roles: Collection[Role]) -> Select[str]:
    """Accounts of these roles that are in use, joined with their scopes."""
    joined = select(Account.id).join(AccountScope, AccountScope.account_id == Account.id)
    return joined.where(in_use(roles))


def by_duty(roles: Collection[Role]) -> Select[str]:
    """Accounts of these roles that are in use, joined with the duties that open an area to them."""
    joined = select(Account.id).join(Duty, Duty.worker_id == Account.worker_id)
    return joined.where(in_use(roles), Duty.kind.in_(_HOLDING))


def in_use(roles: Collection[Role]) -> ColumnElement[bool]:
    """Accounts of these roles that are not disabled."""
    return Account.role.in_(roles) & Account.disabled_at.is_(None)
