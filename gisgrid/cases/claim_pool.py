"""The claim pool: what nobody has yet, for the members of a branch; given out once the time is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import local_actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Duty, DutyKind
from gisgrid.areas.answers import GridPlace, grid_place
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.answers import NamedCase
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.routes import workers_settling
from gisgrid.cases.core.scope import claimable_cases
from gisgrid.cases.core.workflow import UNCLAIMED_STATES, CaseAction
from gisgrid.cases.steps import take_by_clock
from gisgrid.days import local_text, local_text_or_none
from gisgrid.storage.base import valid_at

MOST: Final = 100
_AT_ONCE: Final = 50
"""How many cases one write gives out, so that nobody waits for long; the next one goes on."""


class PoolRow(NamedCase, GridPlace):
    """A case that can be claimed, with what is needed to choose."""

    severity: str
    state: str
    address: str | None
    reported_at: str
    deadline: str | None
    claim_until: str


def claim_pool(view: View, *, now: datetime) -> list[PoolRow]:
    """Cases of the actor's branch that can be claimed, those whose time ends first at the beginning.

    Rows have what is needed to choose: no description and nothing of who reported it. Leaves one audit entry.
    """
    require(view.actor, Action.CASES_HANDLE)
    statement = (
        select(Case, Category.name.label("category_name"))
        .join(Category, Category.code == Case.category_code)
        .where(claimable_cases(view), Case.claim_until >= now)
        .order_by(Case.claim_until, Case.fid)
        .limit(MOST)
        .options(*without_texts())
    )
    rows = [_row(view, row) for row in view.session.execute(statement)]
    record(view.session, view.actor, "cases:pool", "case", now=now, count=len(rows))
    return rows


def _row(view: View, row: Any) -> PoolRow:
    case: Case = row.Case
    grid = view.present.grid_of(case.cell_id)

    return {
        "id": case.id,
        "number": case.number,
        "category": case.category_code,
        "category_name": row.category_name,
        "severity": case.severity,
        "state": case.state,
        **grid_place(grid),
        "address": case.address,
        "reported_at": local_text(case.reported_at, view.tz),
        "deadline": local_text_or_none(case.due_at, view.tz),
        "claim_until": local_text(row.Case.claim_until, view.tz),
    }


def assign_unclaimed(view: View, *, now: datetime) -> int:
    """Dispatch what nobody has claimed in time to who serves its grid; gives how many.

    Nobody need be at work for it: it is asked for when somebody next writes in the community. A case whose
    grid nobody serves who can open it stays with the community.
    """
    rows = view.session.execute(
        select(Case.id, Case.cell_id)
        .where(
            Case.community_id == view.community.id,
            Case.claim_until < now,
            Case.handler_id.is_(None),
            Case.state.in_(UNCLAIMED_STATES),
        )
        .order_by(Case.claim_until)
    ).all()
    served = view.present.cells_of(_served(view, now=now)) if rows else frozenset()
    waiting = [row.id for row in rows if row.cell_id in served][:_AT_ONCE]
    if not waiting:
        return 0
    clock = replace(view, actor=local_actor(view.session, "claim pool"))
    wait_for_others(view.session, view.community.id)
    # Somebody else may have given them out since they were read.
    still = select(Case).where(
        Case.id.in_(waiting), Case.handler_id.is_(None), Case.state.in_(UNCLAIMED_STATES)
    )
    cases = view.session.scalars(still.with_for_update(skip_locked=True)).all()
    for case in cases:
        take_by_clock(clock, case, CaseAction.ASSIGN, now=now)
    return len(cases)


def _served(view: View, *, now: datetime) -> list[str]:
    """Areas of the community that a grid member serves who can open what is given."""
    areas = view.present.tree.areas
    settling = workers_settling(view, now=now)
    is_member = (Duty.kind == DutyKind.GRID_MEMBER) & Duty.worker_id.in_(settling)
    rows = view.session.scalars(
        select(Duty.area_id).where(Duty.area_id.in_(areas), is_member, valid_at(Duty, now))
    )
    return [area for area in rows if area is not None and areas[area].level == Level.GRID]
