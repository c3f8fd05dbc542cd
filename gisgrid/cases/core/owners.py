"""Every open case has exactly one owner: its handler, else its grid's primary member, else the community.

A returned case is the community's until it is dispatched again, so that nobody has it who gave it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.scope import is_open
from gisgrid.cases.core.workflow import CaseState
from gisgrid.storage.base import valid_at

_QUEUE: Final = frozenset({Role.HEAD, Role.STAFF})


class OwnerKind(StrEnum):
    """In which capacity somebody owns a case."""

    HANDLER = "handler"
    MEMBER = "member"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who is answerable for a case: a worker by id and name; of the community an account without one too."""

    kind: OwnerKind
    name: str
    worker_id: str | None = None
    account_id: str | None = None


def owners_of(view: View, cases: Sequence[Case], *, now: datetime) -> dict[str, Owner | None]:
    """The owner of each case by the case's id; nothing where nobody at all is at work in the community."""
    grids = {case.id: view.present.grid_of(case.cell_id) for case in cases}
    primary = _primary_members(view, {grid.id for grid in grids.values() if grid}, now=now)
    handlers = {case.handler_id for case in cases if case.handler_id}
    names = _names(view, handlers | set(primary.values()))
    owners: dict[str, Owner | None] = {}
    for case in cases:
        grid = grids[case.id]
        member = primary.get(grid.id) if grid else None
        kind, worker = OwnerKind.MEMBER, member
        if case.handler_id is not None:
            kind, worker = OwnerKind.HANDLER, case.handler_id
        if case.state == CaseState.RETURNED:
            worker = None
        name = names.get(worker or "", "")
        owners[case.id] = Owner(kind=kind, worker_id=worker, name=name) if worker else None
    if None in owners.values():
        queue = _queue(view, now=now)
        owners = {case: owner or queue for case, owner in owners.items()}
    return owners


def ownerless(view: View, *, now: datetime) -> list[str]:
    """Numbers of the community's open cases that nobody owns; the list has to be empty."""
    cases = view.session.scalars(
        select(Case)
        .where(is_of(view, PlacedKind.CASE, Case), is_open())
        .order_by(Case.number)
        .options(*without_texts())
    ).all()
    owners = owners_of(view, cases, now=now)
    return [case.number for case in cases if owners[case.id] is None]


def _primary_members(view: View, grids: set[str], *, now: datetime) -> Mapping[str, str]:
    rows = view.session.execute(
        select(Duty.area_id, Duty.worker_id).where(
            Duty.area_id.in_(grids), Duty.kind == DutyKind.GRID_MEMBER, Duty.is_primary, valid_at(Duty, now)
        )
    )
    return {str(row.area_id): row.worker_id for row in rows}


def _names(view: View, workers: set[str]) -> dict[str, str]:
    rows = view.session.execute(select(Worker.id, Worker.name).where(Worker.id.in_(workers)))
    return {row.id: row.name for row in rows}


def _queue(view: View, *, now: datetime) -> Owner | None:
    """The one who answers for what no grid has: the first head of the community, else its first staff."""
    accounts = accounts_of(view.session, view.community.id, _QUEUE, now=now)
    row = view.session.execute(
        select(Account.id, Account.name, Account.worker_id, Worker.name.label("worker"))
        .outerjoin(Worker, Worker.id == Account.worker_id)
        .where(Account.id.in_(accounts))
        .order_by(Account.role != Role.HEAD, Account.created_at, Account.name)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Owner(
        kind=OwnerKind.COMMUNITY,
        worker_id=row.worker_id,
        account_id=row.id,
        name=row.worker or row.name,
    )
