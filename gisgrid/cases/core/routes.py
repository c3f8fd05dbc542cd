"""Where a case goes: to the grid, to the community or to the subdistrict, and to whom there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from typing_extensions import TypedDict

from gisgrid.access.models import Account, Duty, DutyKind, Worker
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import HELPING, SETTLING, areas_of, helping_at, is_secret
from gisgrid.cases.core.case_state import Route
from gisgrid.cases.core.models import Case, Category, WorkerSkill
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.core.workflow import OPEN_STATES
from gisgrid.errors import Sentence, say
from gisgrid.storage.base import valid_at


class HelperRow(TypedDict):
    """Somebody on duty who may be given a case."""

    worker: str
    name: str
    duties: list[str]
    grids: list[str]
    grid_names: list[str]
    skilled: bool
    signs_off: bool
    load: int


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


def proposed_handler(view: View, case: Case, *, now: datetime) -> str | None:
    """The worker a case is given to: who has the skill its category asks for, else the grid's primary member.

    Of several with the skill the primary member comes first, then members, then specialists; only who can
    open the case is given it. Nothing where nobody such serves the grid.
    """
    grid = view.present.grid_of(case.cell_id)
    if grid is None:
        return None
    above = [area.id for area in view.present.tree.path(grid.id)]
    rows = view.session.execute(
        select(Duty.worker_id, Duty.kind, Duty.is_primary, Duty.area_id)
        .where(
            Duty.area_id.in_(above),
            Duty.kind.in_((DutyKind.GRID_MEMBER, DutyKind.SPECIALIST)),
            valid_at(Duty, now),
        )
        .order_by(Duty.is_primary.desc(), Duty.kind, Duty.valid_from, Duty.id)
    ).all()
    able = _skilled(view, case)
    skilled = [row.worker_id for row in rows if row.worker_id in able]
    members = [row for row in rows if row.kind == DutyKind.GRID_MEMBER and row.area_id == grid.id]
    primary = [row.worker_id for row in members if row.is_primary] or [row.worker_id for row in members]
    order = [*skilled, *primary, *(row.worker_id for row in members)]
    opening = workers_settling(view, now=now) if order else frozenset()
    return next((worker for worker in order if worker in opening), None)


def people_for(view: View, case: Case, *, now: datetime) -> list[HelperRow]:
    """People on duty in the community who can open a case and so be given it, the likeliest first.

    ``skilled``: has what the category asks for; ``signs_off``: may also be asked to help with it; ``load``:
    how many open cases of the community they have.
    """
    areas = view.present.tree.areas
    settling, opening = workers_settling(view, now=now), workers_opening(view, case, now=now)
    here: ColumnElement[bool] = Duty.area_id.in_(areas)
    if case.building_id is not None:
        here = or_(here, Duty.building_id == case.building_id)
    rows = view.session.execute(
        select(Duty.worker_id, Worker.name, Duty.kind, Duty.area_id)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(here, valid_at(Duty, now))
        .order_by(Duty.is_primary.desc(), Worker.name, Duty.id)
    ).all()
    able = _skilled(view, case)
    grid = view.present.grid_of(case.cell_id)
    rows = [row for row in rows if row.worker_id in opening]
    loads = _loads(view, {row.worker_id for row in rows})
    people: dict[str, HelperRow] = {}
    for row in rows:
        helper: HelperRow = {
            "worker": row.worker_id,
            "name": row.name,
            "duties": [],
            "grids": [],
            "grid_names": [],
            "skilled": row.worker_id in able,
            "signs_off": row.worker_id in settling,
            "load": loads.get(row.worker_id, 0),
        }
        person = people.setdefault(row.worker_id, helper)
        person["duties"] += [row.kind] if row.kind not in person["duties"] else []
        area = areas.get(str(row.area_id))
        if area is not None and area.level == Level.GRID and area.code not in person["grids"]:
            person["grids"].append(area.code)
            person["grid_names"].append(area.name)
    own = grid.code if grid else None
    return sorted(people.values(), key=lambda person: (own not in person["grids"], not person["skilled"]))


def workers_settling(view: View, *, now: datetime) -> frozenset[str]:
    """Workers whose account opens every case of the community that is given to them, and settles it."""
    return _workers(view, accounts_of(view.session, view.community.id, SETTLING, now=now))


def workers_opening(view: View, case: Case, *, now: datetime) -> frozenset[str]:
    """Workers whose account opens a case once it is given to them.

    Those who settle cases of the community, and grid leaders and stewards in whose micro grid or building it
    lies, unless it is confidential.
    """
    nearby = helping_at(
        view.session,
        areas_of(view.present, case.cell_id),
        building_id=case.building_id,
        is_secret=is_secret(view.session, case),
        now=now,
    )
    return workers_settling(view, now=now) | _workers(view, nearby)


def against_giving(view: View, case: Case, worker_id: str, *, now: datetime) -> Sentence | None:
    """Why somebody on duty can't be given a case; nothing where it can be opened."""
    if worker_id in workers_opening(view, case, now=now):
        return None
    roles = _roles_in_use(view, worker_id)
    if not roles:
        return _without_account(view, worker_id)
    if not roles & HELPING:
        return say("the account of this person opens no cases of this community")
    if is_secret(view.session, case):
        return say("the account of this person opens no confidential cases")
    return say("the case lies outside what this person serves, so that they can't open it")


def against_helping(view: View, worker_id: str, *, now: datetime) -> Sentence | None:
    """Why somebody on duty can't be asked to help with a case; nothing where they can sign off."""
    if worker_id in workers_settling(view, now=now):
        return None
    if not _roles_in_use(view, worker_id):
        return _without_account(view, worker_id)
    return say("the account of this person signs off no cases of this community")


def _roles_in_use(view: View, worker_id: str) -> set[str]:
    own = (Account.worker_id == worker_id, Account.disabled_at.is_(None))
    return set(view.session.scalars(select(Account.role).where(*own)))


def _without_account(view: View, worker_id: str) -> Sentence:
    """Says of somebody without an account in use whether there is none, or it is disabled."""
    if view.session.scalars(select(Account.id).where(Account.worker_id == worker_id)).first():
        return say("the account of this person is disabled")
    return say("this person has no account to open the case with")


def _workers(view: View, accounts: set[str]) -> frozenset[str]:
    rows = view.session.scalars(select(Account.worker_id).where(Account.id.in_(accounts)))
    return frozenset(worker_id for worker_id in rows if worker_id is not None)


def _loads(view: View, workers: Collection[str]) -> dict[str, int]:
    """How many open cases of the community each worker handles."""
    rows = view.session.execute(
        select(Case.handler_id, func.count())
        .where(Case.community_id == view.community.id, Case.state.in_(OPEN_STATES))
        .where(Case.handler_id.in_(workers))
        .group_by(Case.handler_id)
    )
    return {str(worker): count for worker, count in rows}


def _skilled(view: View, case: Case) -> set[str]:
    """Workers with the skill that a case's category asks for."""
    return set(
        view.session.scalars(
            select(WorkerSkill.worker_id)
            .join(Category, Category.skill == WorkerSkill.skill)
            .where(Category.code == case.category_code)
        )
    )
