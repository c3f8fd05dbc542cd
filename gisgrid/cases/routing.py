"""Where a case goes: to the grid, to the community or to the subdistrict, and to whom there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.areas.reaching import accounts_of
from gisgrid.cases.models import Case, Category, WorkerSkill
from gisgrid.cases.rules import Severity
from gisgrid.cases.standing import Route
from gisgrid.storage.base import valid_at

_OPENING: Final = frozenset({Role.MEMBER, Role.STAFF, Role.HEAD})


def first_route(severity: Severity, *, needs_coordination: bool) -> Route:
    """Emergencies go to the subdistrict at once, what needs coordination to the community; else the grid."""
    if severity == Severity.EMERGENCY:
        return Route.SUBDISTRICT
    return Route.COMMUNITY if needs_coordination else Route.GRID


def next_route(route: Route) -> Route | None:
    """One step up; nothing from the top."""
    order = list(Route)
    at = order.index(route) + 1
    return order[at] if at < len(order) else None


def proposed_handler(look: Look, case: Case, *, now: datetime) -> str | None:
    """The worker a case is given to: who has the skill its category asks for, else the grid's primary member.

    Of several with the skill the primary member comes first, then members, then specialists. Who has no
    account that opens the case comes after all who have one; nothing where nobody serves the grid.
    """
    grid = look.present.grid_of(case.cell_id)
    if grid is None:
        return None
    above = [area.id for area in look.present.tree.path(grid.id)]
    rows = look.session.execute(
        select(Duty.worker_id, Duty.kind, Duty.is_primary, Duty.area_id)
        .where(
            Duty.area_id.in_(above),
            Duty.kind.in_((DutyKind.GRID_MEMBER, DutyKind.SPECIALIST)),
            valid_at(Duty, now),
        )
        .order_by(Duty.is_primary.desc(), Duty.kind, Duty.valid_from, Duty.id)
    ).all()
    able = _skilled(look, case)
    skilled = [row.worker_id for row in rows if row.worker_id in able]
    members = [row for row in rows if row.kind == DutyKind.GRID_MEMBER and row.area_id == grid.id]
    primary = [row.worker_id for row in members if row.is_primary] or [row.worker_id for row in members]
    order = [*skilled, *primary, *(row.worker_id for row in members)]
    opening = workers_with_account(look, now=now) if order else frozenset()
    return next((one for one in order if one in opening), next(iter(order), None))


def people_for(look: Look, case: Case, *, now: datetime) -> list[dict[str, Any]]:
    """People on duty in the community who may be given a case or asked to help, the likeliest first.

    Rows have ``worker, name, duties, grids, grid_names``, ``skilled``: has what the category asks for, and
    ``has_account``: can open the case and take steps; for the others staff do.
    """
    areas = look.present.tree.areas
    rows = look.session.execute(
        select(Duty.worker_id, Worker.name, Duty.kind, Duty.area_id)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(Duty.area_id.in_(areas), valid_at(Duty, now))
        .order_by(Duty.is_primary.desc(), Worker.name, Duty.id)
    ).all()
    able = _skilled(look, case)
    opening = workers_with_account(look, now=now)
    grid = look.present.grid_of(case.cell_id)
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(
            row.worker_id,
            {"worker": row.worker_id, "name": row.name, "duties": [], "grids": [], "grid_names": []},
        )
        one["skilled"], one["has_account"] = row.worker_id in able, row.worker_id in opening
        area = areas[str(row.area_id)]
        one["duties"] += [row.kind] if row.kind not in one["duties"] else []
        if area.level == Level.GRID and area.code not in one["grids"]:
            one["grids"].append(area.code)
            one["grid_names"].append(area.name)
    own = grid.code if grid else None
    return sorted(
        found.values(), key=lambda one: (not one["has_account"], own not in one["grids"], not one["skilled"])
    )


def workers_with_account(look: Look, *, now: datetime) -> frozenset[str]:
    """Workers whose account opens cases of the community that are given to them."""
    accounts = accounts_of(look.session, look.community.id, _OPENING, now=now)
    rows = look.session.scalars(select(Account.worker_id).where(Account.id.in_(accounts)))
    return frozenset(one for one in rows if one is not None)


def _skilled(look: Look, case: Case) -> set[str]:
    """Workers with the skill that a case's category asks for."""
    return set(
        look.session.scalars(
            select(WorkerSkill.worker_id)
            .join(Category, Category.skill == WorkerSkill.skill)
            .where(Category.code == case.category_code)
        )
    )
