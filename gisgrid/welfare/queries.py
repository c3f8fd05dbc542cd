"""Who visits whom, as far as the actor may know it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Duty, Role, Worker
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import Area, AreaParent, CellMembership
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, is_listed
from gisgrid.places.models import Building, Household
from gisgrid.storage.base import lived_on, valid_at
from gisgrid.welfare.models import AssignedVisitor

_MOST: Final = 500
_ANYWHERE: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that assign visitors in their whole community, not in their own grids alone."""


class VisitRow(TypedDict):
    """Who visits or visited a resident, by days; `agree_with`: with whom that is to be agreed anew."""

    kind: str
    name: str | None
    worker: str | None
    since: str
    until: str | None
    agree_with: str | None


class WorkerName(TypedDict):
    """Somebody at work by id and name."""

    id: str
    name: str


class VisitorChoice(WorkerName):
    """Somebody on duty; `near`: in the grid the resident lives in."""

    near: bool


class VisitorCard(TypedDict):
    """A resident's visitor, the former ones, and who could be chosen."""

    resident: str
    visitor: VisitRow | None
    former: list[VisitRow]
    choices: list[VisitorChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorRow:
    """A resident's visitor. ``worker`` and ``agreeing`` are workers' ids, ``agree_with`` is a name."""

    kind: str
    name: str | None
    worker: str | None
    agreeing: str | None
    agree_with: str | None
    since: datetime
    until: datetime | None

    def shown(self, view: View) -> VisitRow:
        """As it is shown: days in the deployment's zone."""
        until = self.until.astimezone(view.tz).date().isoformat() if self.until else None
        return {
            "kind": self.kind,
            "name": self.name,
            "worker": self.worker,
            "since": self.since.astimezone(view.tz).date().isoformat(),
            "until": until,
            "agree_with": self.agree_with,
        }


def has_visitor(view: View) -> ColumnElement[bool]:
    """Residents who had a visitor at the moment of the view, as SQL."""
    return Resident.id.in_(select(AssignedVisitor.resident_id).where(valid_at(AssignedVisitor, view.when.at)))


def visits_of(view: View, residents: Iterable[str]) -> dict[str, VisitorRow]:
    """The visitors of residents at the moment of the view, by the residents' ids.

    Asks no right and leaves no entry: for those who have shown the residents already.
    """
    ids, visitors = list(dict.fromkeys(residents)), {}
    for first in range(0, len(ids), _MOST):
        some = AssignedVisitor.resident_id.in_(ids[first : first + _MOST])
        for row in view.session.execute(_visits().where(some, valid_at(AssignedVisitor, view.when.at))):
            visitors[row.AssignedVisitor.resident_id] = _visit(row)
    return visitors


def visitor_card(view: View, resident_id: str, *, now: datetime) -> VisitorCard:
    """A resident's visitor, the former ones, and who on duty here could be one.

    Leaves one audit entry.

    Raises
    ------
    NotFound
        No such resident whose visitor the actor may know.
    """
    require(view.actor, Action.VISITORS_VIEW)
    resident = resident_to_visit(view, resident_id)
    rows = view.session.execute(
        _visits()
        .where(AssignedVisitor.resident_id == resident.id, AssignedVisitor.valid_from <= view.when.at)
        .order_by(AssignedVisitor.valid_from.desc(), AssignedVisitor.id.desc())
    ).all()
    visits = [_visit(row) for row in rows]
    at = view.when.at
    present = next((visit for visit in visits if visit.until is None or visit.until > at), None)
    record(view.session, view.actor, "visitors:view", "resident", now=now, object_id=resident.id)
    return {
        "resident": resident.id,
        "visitor": present.shown(view) if present else None,
        "former": [visit.shown(view) for visit in visits if visit is not present],
        "choices": _nearest_first(view, resident, at=now),
    }


def _nearest_first(view: View, resident: Resident, *, at: datetime) -> list[VisitorChoice]:
    """Who on duty could be chosen; ``near`` tells who serves the resident's own grid, and they come first."""
    near = _serving_there(view, resident, at=at)
    rows: list[VisitorChoice] = [{**row, "near": row["id"] in near} for row in people_on_duty(view, at=at)]
    return sorted(rows, key=lambda row: not row["near"])


def _serving_there(view: View, resident: Resident, *, at: datetime) -> set[str]:
    """Workers with a duty for the building, the micro grid or the grid a resident lives in."""
    home = select(Household.cell_id, Household.building_id).where(Household.id == resident.household_id)
    cell, building = view.session.execute(home).one()
    micro = select(CellMembership.area_id).where(
        CellMembership.cell_id == cell, valid_at(CellMembership, view.when.at)
    )
    grid = select(AreaParent.parent_id).where(
        AreaParent.area_id.in_(micro), valid_at(AreaParent, view.when.at)
    )
    there = or_(Duty.area_id.in_(micro), Duty.area_id.in_(grid), Duty.building_id == building)
    return set(view.session.scalars(select(Duty.worker_id).where(valid_at(Duty, at), there)))


def resident_to_visit(view: View, resident_id: str, *, lock: bool = False) -> Resident:
    """A resident whose visitor the actor may know: a head anywhere in the community, others in own grids.

    Who refused or withdrew isn't there, nor is anybody below 14 or who doesn't live there that day.

    Raises
    ------
    NotFound
        No such resident.
    """
    statement = (
        select(Resident)
        .join(Household, Household.id == Resident.household_id)
        .where(
            Resident.id == resident_id,
            Household.community_id == view.community.id,
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
            Resident.consent.not_in(NO_CONSENT),
            lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
        )
    )
    if view.actor.role not in _ANYWHERE:
        statement = statement.where(Household.cell_id.in_(view.own_cells))
    if lock:
        wait_for_others(view.session, view.community.id)
        statement = statement.with_for_update(of=Resident)
    resident = view.session.scalar(statement)
    if resident is None or not is_listed(resident.birth_date, view.when.day):
        raise NotFound("no such resident")
    return resident


def people_on_duty(view: View, *, at: datetime) -> list[WorkerName]:
    """Who serves an area or a building of the community, by name: duty data."""
    areas = select(Area.id).where(Area.community_id == view.community.id)
    buildings = select(Building.id).where(Building.community_id == view.community.id)
    serving = select(Duty.worker_id).where(
        valid_at(Duty, at), or_(Duty.area_id.in_(areas), Duty.building_id.in_(buildings))
    )
    rows = view.session.execute(
        select(Worker.id, Worker.name).where(Worker.id.in_(serving)).order_by(Worker.name, Worker.id)
    )
    return [{"id": row.id, "name": row.name} for row in rows]


_Agreeing = aliased(Worker)


def _visits() -> Select[AssignedVisitor, str | None, str | None]:
    return (
        select(AssignedVisitor, Worker.name.label("worker_name"), _Agreeing.name.label("agree_with"))
        .outerjoin(Worker, Worker.id == AssignedVisitor.worker_id)
        .outerjoin(_Agreeing, _Agreeing.id == AssignedVisitor.agree_with_id)
    )


def _visit(row: Any) -> VisitorRow:
    visitor: AssignedVisitor = row.AssignedVisitor
    return VisitorRow(
        kind=visitor.kind,
        name=row.worker_name if visitor.worker_id else visitor.name,
        worker=visitor.worker_id,
        agreeing=visitor.agree_with_id,
        agree_with=row.agree_with,
        since=visitor.valid_from,
        until=visitor.valid_to,
    )


def open_assignments(view: View, households: Sequence[str]) -> list[tuple[str, AssignedVisitor]]:
    """The visitors that people of some households have now, each with the household's id."""
    assignments: list[tuple[str, AssignedVisitor]] = []
    for first in range(0, len(households), _MOST):
        some = Resident.household_id.in_(households[first : first + _MOST])
        rows = view.session.execute(
            select(Resident.household_id, AssignedVisitor)
            .join(Resident, Resident.id == AssignedVisitor.resident_id)
            .where(some, AssignedVisitor.valid_to.is_(None))
        )
        assignments += [(row.household_id, row.AssignedVisitor) for row in rows]
    return assignments
