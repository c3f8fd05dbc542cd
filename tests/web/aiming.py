"""Things of the demo that are put into calls, so that they come further than to the first check."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, AccountScope, Duty, DutyKind
from gisgrid.areas.models import Area, AreaName, AreaParent, CellMembership, Level
from gisgrid.cases.core.models import Case, CaseCoHandler, Category
from gisgrid.cases.core.rules import CaseAction
from gisgrid.cases.disputes.models import Dispute
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, FacilityType, Household
from gisgrid.redraw.plans.models import Notice, Plan
from gisgrid.storage.base import valid_at
from tests.conftest import NOW
from tests.web.test_any_query import ODD


@dataclass(frozen=True, kw_only=True)
class Things:
    """What is in the database, as the asking account has it: ids of its own and of others by subject."""

    own: dict[str, list[str]]
    others: dict[str, list[str]]
    values: dict[str, list[Any]]


def cells_of(session: Session, account: str) -> frozenset[str]:
    """The unit cells in the areas an account serves today, read from the tables."""
    worker = select(Account.worker_id).where(Account.id == account).scalar_subquery()
    scopes = select(AccountScope.area_id).where(
        AccountScope.account_id == account, AccountScope.area_id.is_not(None)
    )
    kinds = (DutyKind.GRID_MEMBER, DutyKind.GRID_LEADER, DutyKind.GRID_SUPERVISOR)
    duties = select(Duty.area_id).where(
        Duty.worker_id == worker, valid_at(Duty, NOW), Duty.area_id.is_not(None), Duty.kind.in_(kinds)
    )
    areas = {*session.scalars(scopes), *session.scalars(duties)}
    parents = session.execute(
        select(AreaParent.area_id, AreaParent.parent_id).where(valid_at(AreaParent, NOW))
    ).all()
    for _level in Level:
        areas |= {row.area_id for row in parents if row.parent_id in areas}
    owners = select(CellMembership.cell_id, CellMembership.area_id).where(valid_at(CellMembership, NOW))
    return frozenset(row.cell_id for row in session.execute(owners) if row.area_id in areas)


def things_of(session: Session, member: str) -> Things:
    """What is a member's own and what is of others."""
    account = session.scalars(select(Account).where(Account.name == member)).one()
    cells = cells_of(session, account.id)
    homes = session.execute(select(Household.id, Household.cell_id).order_by(Household.fid)).all()
    own_homes = {row.id for row in homes if row.cell_id in cells}
    persons = session.execute(select(Resident.id, Resident.household_id).order_by(Resident.id)).all()
    cases = session.execute(
        select(Case.id, Case.cell_id, Case.handler_id, Case.reporter_id).order_by(Case.fid)
    ).all()
    helping = select(CaseCoHandler.case_id).where(CaseCoHandler.worker_id == account.worker_id)
    helped = set(session.scalars(helping))
    notices = session.execute(select(Notice.id, Notice.account_id).order_by(Notice.id)).all()
    owned = {
        "households": {row.id: row.id in own_homes for row in homes},
        "residents": {row.id: row.household_id in own_homes for row in persons},
        "cases": {
            row.id: row.cell_id in cells
            or row.handler_id == account.worker_id
            or row.reporter_id == account.id
            or row.id in helped
            for row in cases
        },
        "notices": {row.id: row.account_id == account.id for row in notices},
        "buildings": dict.fromkeys(session.scalars(select(Building.id).order_by(Building.fid)), True),
        "plans": dict.fromkeys(session.scalars(select(Plan.id).order_by(Plan.id)), True),
    }
    disputes = session.scalars(select(Dispute.case_id).order_by(Dispute.case_id))
    owned["disputes"] = {one: owned["cases"][one] for one in disputes}
    return Things(
        own={subject: [one for one, is_own in ids.items() if is_own] for subject, ids in owned.items()},
        others={
            subject: [one for one, is_own in ids.items() if not is_own] for subject, ids in owned.items()
        },
        values=_values(session, account.worker_id),
    )


def _values(session: Session, worker: str | None) -> dict[str, list[Any]]:
    """For each name of a parameter or field some values with which a call comes further."""
    named = select(AreaName.code, Area.level).join(Area, Area.id == AreaName.area_id)
    codes = session.execute(named.where(valid_at(AreaName, NOW)).order_by(AreaName.code)).all()
    grids = [row.code for row in codes if row.level == Level.GRID]
    cells = list(session.scalars(select(CellMembership.cell_id).where(valid_at(CellMembership, NOW))))[::40]
    homes = session.scalars(select(Household).order_by(Household.fid)).all()[::400]
    names = list(session.scalars(select(Resident).order_by(Resident.id)))[::2000]
    lons = [home.position.x for home in homes if home.position]
    lats = [home.position.y for home in homes if home.position]
    numbers = list(session.scalars(select(Case.number).order_by(Case.fid)))[::400]
    plans = list(session.scalars(select(Plan.id)))
    days = ["2026-11-24", "2026-10-01", "2026-07-01", "2025-12-31", "2024-06-30"]
    areas = [*grids, *[row.code for row in codes if row.level == Level.MICRO_GRID][::9]]
    return {
        "community": [row.code for row in codes if row.level == Level.COMMUNITY],
        "as_of": days,
        "revision": [1, 2, 3],
        "number": [1, 2, 3],
        "from": days,
        "to": [*days[:2], *areas, *cells[:3]],
        "level": [level.value for level in Level],
        "category": list(session.scalars(select(Category.code).order_by(Category.position))),
        "grid": grids,
        "area": areas,
        "keep": grids,
        "code": [row.code for row in codes],
        "cell": cells,
        "cells": [cells[:3], cells[5:6]],
        "grids": [grids[:2], grids[3:6]],
        "bbox": [f"{min(lons)},{min(lats)},{max(lons)},{max(lats)}", f"{lons[0]},{lats[0]},180,90"],
        "near": [f"{lons[0]},{lats[0]}"],
        "lon": lons,
        "lat": lats,
        "points": [[[lons[0], lats[0]], [0, 0]], [[lons[1], lats[1]]]],
        "q": [*(home.std_address for home in homes[:6]), *numbers[:4], *grids[:2]],
        "name": [*(person.name for person in names), "一个名字"],
        "plan": plans,
        "a": [*plans],
        "b": [*plans],
        "type": [kind.value for kind in FacilityType],
        "crs": ["EPSG:4326", "GCJ-02", "BD-09", "EPSG:4490", "EPSG:4547", "EPSG:3857"],
        "datum": ["WGS-84", "GCJ-02", "BD-09"],
        "action": [action.value for action in CaseAction],
        "layer": ["areas", "households", "residents", "members", "cases", "hotspots", "facilities"],
        "format": ["csv", "xlsx", "geojson", "gpkg", "zip"],
        "worker": [worker],
        "building": list(session.scalars(select(Building.id).order_by(Building.fid)))[::50],
        "distance": [300, 500],
        "simplify": [5, 50],
        "page": [1, 2],
        "limit": [5, 50],
        "ok_from": [200],
        "ok_to": [400],
        "high_to": [500],
        "per_member": [500],
        "micro_from": [2],
        "micro_to": [8],
        "compare": ["previous"],
        "until": ["2026-11-24T10:00:00+08:00"],
        "reason": ["核对门牌"],
        "result": ["已清走"],
        "text": ["好"],
        "description": ["楼下堆物"],
    }


class Aim:
    """Puts things that are there into a call, so that it comes further than to the first check."""

    def __init__(self, things: Things, rng: random.Random) -> None:
        self.things, self.rng = things, rng

    def of_path(self, route: str, drawn: dict[str, Any]) -> dict[str, Any]:
        """The parts of a path: four of five are there, as many of them other people's as one's own."""
        return {
            name: self._there(route, name) if self.rng.random() < 0.8 else value
            for name, value in drawn.items()
        }

    def _there(self, route: str, name: str) -> Any:
        subject = route.split("/")[1]
        if name == "id":
            own, others = self.things.own.get(subject, []), self.things.others.get(subject, [])
            return self.rng.choice(self.rng.choice([own or others, others or own]) or ["none"])
        if name == "kind":
            return self.rng.choice(["households", "residents", "cases", "nothing"])
        return self.rng.choice(self.things.values.get(name, ["none"]))

    def of_query(self, told: list[dict[str, Any]], drawn: dict[str, Any]) -> dict[str, Any]:
        """Most parameters left out, some there, few as they were drawn, and sometimes anything at all."""
        query: dict[str, Any] = {}
        for one in told:
            name, dice = one["name"], self.rng.random()
            if self.rng.random() < 0.01:
                query[name] = self.rng.choice(ODD)
            elif name in self.things.values and dice < (0.8 if one.get("required") else 0.25):
                query[name] = self.rng.choice(self.things.values[name])
            elif name in drawn and (one.get("required") or dice > 0.93):
                query[name] = drawn[name]
        return query

    def of_body(self, drawn: Any) -> Any:
        """A body with things that are there in the place of most of its own."""
        if not isinstance(drawn, dict):
            return drawn
        if "edit" in drawn:
            return {**drawn, "edit": self.of_body(drawn["edit"])}
        return {
            name: self.rng.choice(self.things.values[name])
            if name in self.things.values and self.rng.random() < 0.8
            else value
            for name, value in drawn.items()
        }
