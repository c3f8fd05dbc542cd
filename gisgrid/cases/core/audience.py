"""Which accounts have to do with a case: who is on duty where it lies, the community's desk, those above."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, AccountScope, Duty, Role
from gisgrid.areas.accounts import accounts_of, by_duty, by_scope, in_use
from gisgrid.areas.division import Division
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea
from gisgrid.cases.core.case_state import Route
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.rules import Severity
from gisgrid.storage.base import valid_at

SETTLING: Final = frozenset({Role.MEMBER, Role.STAFF, Role.HEAD})
"""Roles that see every case they are given, and settle it."""
HELPING: Final = frozenset({Role.GRID_LEADER, Role.STEWARD})
"""Roles that help with cases of their micro grid or buildings, none of them confidential."""
_WITHIN: Final = (Level.MICRO_GRID, Level.GRID, Level.COMPOUND, Level.SUB_AREA)


def serving(
    session: Session,
    where: Collection[str],
    *,
    community_id: str,
    building_id: str | None = None,
    is_secret: bool,
    now: datetime,
) -> set[str]:
    """Accounts on duty where a case lies that can open it: who owns its grid, and everybody beside them.

    ``where``: the areas of the community it lies in (see `areas_around`), in a building the id of that. Of
    confidential cases grid leaders and stewards are not told.
    """
    duty, scope = Duty.area_id.in_(where), AccountScope.area_id.in_(where)
    # Who serves the community as a whole is its desk, save for members: there the community is their grid.
    whole = AccountScope.area_id == community_id
    asked = union(
        by_duty(SETTLING).where(duty, valid_at(Duty, now)),
        by_scope(SETTLING).where(or_(scope, whole & (Account.role == Role.MEMBER))),
    ).subquery()
    beside = helping_at(session, where, building_id=building_id, is_secret=is_secret, now=now)
    return set(session.scalars(select(asked.c.id))) | beside


def helping_at(
    session: Session, where: Collection[str], *, building_id: str | None, is_secret: bool, now: datetime
) -> set[str]:
    """Accounts of the grid leaders and stewards of these areas and this building that open a case there."""
    if is_secret:
        return set()
    leading = {Role.GRID_LEADER}
    asked = [
        by_duty(leading).where(Duty.area_id.in_(where), valid_at(Duty, now)),
        by_scope(leading).where(AccountScope.area_id.in_(where)),
    ]
    if building_id is not None:
        stewards = select(Account.id).join(Duty, Duty.worker_id == Account.worker_id)
        own = (Duty.building_id == building_id, valid_at(Duty, now))
        asked.append(stewards.where(in_use({Role.STEWARD}), *own))
    return set(session.scalars(select(union(*asked).subquery().c.id)))


def areas_around(path: Iterable[TreeArea]) -> frozenset[str]:
    """Ids of the areas of a path that lie in a community: from the micro grid up to the sub-area."""
    return frozenset(area.id for area in path if area.level in _WITHIN)


def areas_of(division: Division, cell_id: str | None) -> frozenset[str]:
    """Ids of the areas of the community that a cell lies in; none for a case outside all cells."""
    owner = division.owners.get(cell_id or "")
    return areas_around(division.tree.path(owner)) if owner else frozenset()


def desk(session: Session, community_id: str, *, now: datetime) -> set[str]:
    """Accounts of the community's heads; where it has none, of its staff."""
    for role in (Role.HEAD, Role.STAFF):
        accounts = accounts_of(session, community_id, {role}, now=now)
        if accounts:
            return accounts
    return set()


def leaders(session: Session, community_id: str, *, now: datetime) -> set[str]:
    """Accounts of all leaders above a community."""
    return accounts_of(session, community_id, {Role.LEADER}, now=now)


def instructing(session: Session, community_id: str, *, now: datetime) -> set[str]:
    """Accounts of the leaders above a community who have the right to instruct."""
    above = leaders(session, community_id, now=now)
    given = Account.id.in_(above) & Account.may_instruct
    return set(session.scalars(select(Account.id).where(given))) if above else set()


def leaders_above(session: Session, case: Case, *, now: datetime) -> set[str]:
    """Leaders above who see a case: of a confidential one those who are a party to it, else all."""
    if not is_secret(session, case):
        return leaders(session, case.community_id, now=now)
    return instructing(session, case.community_id, now=now) if is_escalated(case) else set()


def is_escalated(case: Case) -> bool:
    """Whether a case is with the subdistrict: it was passed up to it, or is an emergency."""
    return case.route == Route.SUBDISTRICT or case.severity == Severity.EMERGENCY


def escalated() -> ColumnElement[bool]:
    """The same in SQL."""
    return or_(Case.route == Route.SUBDISTRICT, Case.severity == Severity.EMERGENCY)


def is_secret(session: Session, case: Case) -> bool:
    """Whether the category of a case is confidential."""
    category = session.get(Category, case.category_code)
    return category is None or category.is_confidential


def administrators(session: Session) -> set[str]:
    """Accounts of administrators."""
    return set(session.scalars(select(Account.id).where(in_use({Role.ADMIN}))))
