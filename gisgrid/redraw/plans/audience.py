"""Which accounts a plan concerns: its drafters and approvers, who holds its grids, who takes one in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import RIGHTS, Action
from gisgrid.access.models import Account, AccountScope, Duty, Role
from gisgrid.areas.accounts import accounts_of, by_duty, by_scope, in_use
from gisgrid.redraw.plans.decisions import right_to_judge
from gisgrid.redraw.plans.models import Plan, PlanEdit
from gisgrid.storage.base import Dated

_READING: Final = RIGHTS[Action.NOTICES_VIEW] - {Role.LOCAL, Role.PROPERTY, Role.ORG}
"""Who is told of plans: an organisation is told of its errands alone."""
RECEIVING: Final = frozenset({Role.HEAD, Role.STAFF})
"""Who is told that a grid comes to their community."""


@dataclass(slots=True)
class Holder:
    """The worker behind an account, and which of the asked grids the account holds, by code."""

    worker: str | None = None
    grids: set[str] = field(default_factory=set)


def drafters(session: Session, plan: Plan) -> set[str]:
    """Accounts that began a plan or added an edit to it, also one taken back since."""
    rows = session.scalars(select(PlanEdit.account_id).where(PlanEdit.plan_id == plan.id).distinct())
    return {account for account in (plan.drafter_id, *rows) if account is not None}


def readers_among(session: Session, accounts: Collection[str]) -> set[str]:
    """Those of some accounts that are in use and may read notices. The command line's can't log in."""
    return set(session.scalars(select(Account.id).where(Account.id.in_(accounts), in_use(_READING))))


def approvers(session: Session, plan: Plan, taker: str | None, *, now: datetime) -> set[str]:
    """Accounts a submitted plan waits for; ``taker`` is the id of the community it gives a grid to.

    Other heads of the community. Where the plan changes its outline or gives a grid away, leaders above all
    communities it changes instead; where a head drew part of it, leaders as well.
    """
    own = drafters(session, plan)
    roles = RIGHTS[right_to_judge(session, plan)] & {Role.HEAD, Role.LEADER}
    is_of_head = select(Account.id).where(Account.id.in_(own), Account.role == Role.HEAD)
    if Role.HEAD in roles and session.scalar(is_of_head.limit(1)) is None:
        roles -= {Role.LEADER}
    accounts = accounts_of(session, plan.community_id, roles, now=now)
    if taker is not None:
        accounts &= accounts_of(session, taker, roles, now=now)
    return accounts - own


def holders(
    session: Session, areas: Mapping[str, str], roles: Collection[Role], *, at: datetime
) -> dict[str, Holder]:
    """Accounts of these roles that hold some of the areas (id → code) by duty or scope.

    Whose duty ends at this very instant holds them too: of a grid that has just been changed, old and new.
    """
    through_duty = by_duty(roles).where(Duty.area_id.in_(areas), holds_or_ends(Duty, at))
    through_scope = by_scope(roles).where(AccountScope.area_id.in_(areas))
    by_account: dict[str, Holder] = {}
    for statement, column in ((through_duty, Duty.area_id), (through_scope, AccountScope.area_id)):
        for account, worker, area in session.execute(statement.add_columns(Account.worker_id, column)):
            held = by_account.setdefault(account, Holder(worker=worker))
            held.grids.add(areas[str(area)])
    return by_account


def holds_or_ends(table: type[Dated], at: datetime) -> ColumnElement[bool]:
    """Rows of a dated table that hold at an instant or end with it."""
    return (table.valid_from <= at) & (table.valid_to.is_(None) | (table.valid_to >= at))
