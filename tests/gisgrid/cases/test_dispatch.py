"""Giving many cases out at once, in every order a list can stand in, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseNotice
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import CaseState, Severity
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.dispatch import MOST, dispatch_many
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.order import CaseOrder
from gisgrid.cases.lists.points import case_points, count_unplaced
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.cases.steps import take
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

HOUR = timedelta(hours=1)


class Scene:
    """A community with two members, staff and a head."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        add = world.add_actor
        self.actors: dict[str, Actor] = {
            "head": add(session, self.made, Role.HEAD, "C1"),
            "staff": add(session, self.made, Role.STAFF, "G1"),
            "member": add(session, self.made, Role.MEMBER, "G1"),
            "other": add(session, self.made, Role.MEMBER, "G2"),
        }

    def view(self, name: str) -> View:
        return self.made.view(self.session, self.actors[name], now=self.now)

    def report(self, column: float = 0.5, *, hours: float = 1, **changes: Any) -> Case:
        values = {"category": "garbage", "description": "垃圾", **changes}
        command = ReportCase(lon=LON + column * STEP, lat=LAT + 0.5 * STEP, **values)
        at = self.now - hours * HOUR
        return report(self.session, Actor(), command, caches=self.made.caches, now=at, tz=TZ).case

    def worker(self, name: str) -> str:
        return self.actors[name].worker_id or ""


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


def test_many_cases_go_to_one_person_or_each_to_who_serves_its_grid(scene: Scene) -> None:
    cases = [scene.report(0.5), scene.report(2.5), scene.report(0.5, category="dispute")]
    found = dispatch_many(scene.view("staff"), [one.id for one in cases], now=scene.now)
    assert {one.id for one in found} == {one.id for one in cases}
    assert [one.handler_id for one in cases] == [scene.worker(name) for name in ("member", "other", "member")]
    dispatch_many(scene.view("head"), [one.id for one in cases[:2]], scene.worker("staff"), now=scene.now)
    assert [one.handler_id for one in cases[:2]] == [scene.worker("staff")] * 2
    told = select(CaseNotice.account_id).where(CaseNotice.kind == "given")
    accounts = list(scene.session.scalars(told))
    assert accounts.count(scene.actors["staff"].account_id or "") == 2


def test_where_one_can_not_be_given_out_each_reason_is_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        good, begun, far = scene.report(), scene.report(), scene.report(8.5)
        take(scene.view("member"), begun.id, CaseAction.START, now=now)
        ids, numbers = [good.id, begun.id, far.id, "nothing"], (begun.number, far.number)
        actor = scene.actors["staff"]
    with pytest.raises(InvalidInput) as caught, database.write() as session:
        dispatch_many(scene.made.view(session, actor, now=now), ids, now=now)
    told = [fault.message for fault in caught.value.faults]
    assert f"{numbers[0]}: a case that is handling can't take the step dispatch" in told
    assert f"{numbers[1]}: nobody who can open the case serves its grid: name who is to handle it" in told
    assert "no such case" in told
    assert len(told) == 3
    with database.read() as session:
        states = session.scalars(select(Case.state).order_by(Case.state)).all()
        assert states == ["handling", "reported", "reported"], "none is kept"


def test_only_who_dispatches_one_dispatches_many(scene: Scene) -> None:
    case = scene.report()
    with pytest.raises(NotAllowed):
        dispatch_many(scene.view("member"), [case.id], now=scene.now)
    for ids in ([], [str(one) for one in range(MOST + 1)]):
        with pytest.raises(InvalidInput, match="1 to 100 cases"):
            dispatch_many(scene.view("staff"), ids, now=scene.now)


WEIGHTS = list(Severity)
ORDERS: dict[CaseOrder, Callable[[Case], Any]] = {
    CaseOrder.REPORTED: lambda case: -case.reported_at.timestamp(),
    CaseOrder.OLDEST: lambda case: case.reported_at,
    CaseOrder.DUE: lambda case: (case.state == "suspended", case.due_at),
    CaseOrder.SEVERITY: lambda case: -WEIGHTS.index(Severity(case.severity)),
    CaseOrder.CATEGORY: lambda case: ["garbage", "dispute"].index(case.category_code),
    CaseOrder.STATE: lambda case: list(CaseState).index(CaseState(case.state)),
    CaseOrder.ADDRESS: lambda case: (case.address is None, case.address or ""),
}


@pytest.mark.parametrize("order", list(CaseOrder))
def test_a_list_stands_in_the_order_that_is_asked_for(scene: Scene, order: CaseOrder) -> None:
    cases = [
        scene.report(
            hours=1 + number,
            severity=WEIGHTS[number % 4],
            category=("garbage", "dispute")[number % 3 == 0],
            address=(None, "A1", "B2")[number % 3],
        )
        for number in range(9)
    ]
    for case, step in zip(cases, (CaseAction.ACCEPT, CaseAction.START, CaseAction.SUSPEND), strict=False):
        take(scene.view("staff"), case.id, step, StepInput(reason="等"), now=scene.now)
    newest = sorted(cases, key=lambda case: case.reported_at, reverse=True)
    wanted = [case.id for case in sorted(newest, key=ORDERS[order])]
    rows, _total = list_cases(scene.view("head"), CaseSearch(order=order), now=scene.now)
    assert [row["id"] for row in rows] == wanted


@pytest.mark.parametrize("name", ["head", "staff", "member"])
@pytest.mark.parametrize(
    "asked",
    [{}, {"state": "all"}, {"mine": True}, {"grid": "G1"}, {"category": "dispute", "state": "all"}],
)
def test_list_and_map_count_the_same(scene: Scene, name: str, asked: dict[str, Any]) -> None:
    for column in (0.5, 2.5, 0.5, 8.5):
        scene.report(column)
    secret = scene.report(category="dispute")
    take(scene.view("member"), secret.id, CaseAction.CLOSE, StepInput(result="已调解"), now=scene.now)
    scene.session.execute(update(Case).where(Case.id == scene.report().id).values(position=None))
    search, view = CaseSearch(**asked), scene.view(name)
    _rows, listed = list_cases(view, search, now=scene.now)
    _points, placed = case_points(view, search, now=scene.now)
    unplaced = count_unplaced(view, search, now=scene.now)
    assert (listed, unplaced) == (placed + unplaced, 0 if "category" in asked else 1)
