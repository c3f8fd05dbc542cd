"""Two people at once: nothing that was answered with yes is lost, and no division is ever half written."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from rebuilt import assert_whole, drawn_owners, owners
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.models import Level, UnitCell
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.impact.impact import touched_grids
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.models import PlanEdit
from gisgrid.redraw.publication import publish
from gisgrid.storage.engine import Database
from tests import world
from tests.world import TZ, World

T = TypeVar("T")
Op = dict[str, Any]
PATIENCE_S = 0.03
TRIES = 60


class Schedule:
    """Whose turn it is at each place where one may overtake the other; drawn at random from a seed.

    Who waits for the database can't take its turn, so the other goes on after a moment.
    """

    def __init__(self, rng: random.Random) -> None:
        self.order = deque(rng.randrange(2) for _ in range(24))
        self.changed = threading.Condition()

    def pause(self, who: int) -> None:
        with self.changed:
            self.changed.wait_for(lambda: not self.order or self.order[0] == who, timeout=PATIENCE_S)
            if self.order and self.order[0] == who:
                self.order.popleft()
            self.changed.notify_all()


@dataclass
class Table:
    """A community, a clock that never stands still, and two people who each remember for themselves."""

    database: Database
    made: World
    now: datetime
    rng: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    caches: tuple[Caches, Caches] = field(default_factory=lambda: (Caches(), Caches()))

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=7)
        return self.now

    def view(self, session: Session, who: int, at: datetime) -> View:
        asked = ViewRequest(community="C1")
        return open_view(session, self.made.actor, asked, caches=self.caches[who], now=at, tz=TZ)

    def alone(self, what: Callable[[View, datetime], T]) -> T:
        """What one does while the other is away."""
        at = self.tick()
        with self.database.write() as session:
            return what(self.view(session, 0, at), at)

    def together(self, *tasks: list[Callable[[View, datetime], Any]]) -> list[list[Any]]:
        """What two do at the same time: the answers of each, a refusal in place of an answer."""
        schedule = Schedule(self.rng)
        with ThreadPoolExecutor(2) as people:
            waiting = [people.submit(self._all, schedule, who, mine) for who, mine in enumerate(tasks)]
            return [one.result(timeout=60) for one in waiting]

    def _all(self, schedule: Schedule, who: int, tasks: list[Callable[[View, datetime], Any]]) -> list[Any]:
        return [self._one(schedule, who, task) for task in tasks]

    def _one(self, schedule: Schedule, who: int, task: Callable[[View, datetime], Any]) -> Any:
        at = self.tick()
        schedule.pause(who)
        try:
            with self.database.write() as session:
                schedule.pause(who)
                view = self.view(session, who, at)
                schedule.pause(who)
                answer = task(view, at)
                schedule.pause(who)
                return answer
        except (Conflict, InvalidInput) as refusal:
            return refusal


def laid(database: Database, now: datetime, seed: int) -> Table:
    with database.write() as session:
        made = world.found(session)
        for column in range(4):
            home = world.add_household(
                session, world.add_building(session, made, column, 0, number=str(column + 1)), "101"
            )
            world.add_resident(session, home, date(1950, 1, 1))
    return Table(database=database, made=made, now=now, rng=random.Random(seed))


def new_plan(table: Table, edits: int) -> str:
    """A plan with some paints that are accepted."""
    plan = table.alone(lambda view, at: store.new_plan(view, "plan", now=at).id)
    for _ in range(TRIES):
        if edits == 0:
            break
        op = paint(table)
        try:
            table.alone(lambda view, at, op=op: added(plan, op, view, at))
        except InvalidInput:
            continue
        edits -= 1
    return plan


def paint(table: Table) -> Op:
    at = table.tick()
    with table.database.read() as session:
        cells = session.scalars(select(UnitCell.id).order_by(UnitCell.number)).all()
        grids = [area.code for area in table.view(session, 0, at).division.tree.at_level(Level.GRID)]
    return {"op": "paint", "cells": [table.rng.choice(cells)], "to": table.rng.choice(grids)}


def rename(table: Table) -> Op:
    name = f"name {table.rng.getrandbits(40):x}"
    return {"op": "rename", "area": f"G{table.rng.randint(1, 4)}", "name": name}


def added(plan: str, op: Op, view: View, at: datetime) -> store.OpenPlan:
    """As a request does it: the plan is opened as it is, then the edit is added to it."""
    caches = Caches()
    before = store.open_plan(view, plan, caches=caches)
    after = plan_service.add_edit(view, plan, op, caches=caches, now=at)
    assert before.plan is after.plan
    return after


def published(plan: str, view: View, at: datetime) -> int:
    store.open_plan(view, plan, caches=Caches())
    return publish(view, plan, "two at once", caches=Caches(), now=at).revision.number


def renamed(plan: str, view: View, at: datetime, caches: Caches) -> store.OpenPlan:
    op = {"op": "rename", "area": "G1", "name": "late"}
    return plan_service.add_edit(view, plan, op, caches=caches, now=at)


def undone(plan: str, view: View, _at: datetime, caches: Caches) -> store.OpenPlan:
    return plan_service.undo(view, plan, caches=caches)


def turned(plan: str, view: View, _at: datetime) -> store.OpenPlan:
    before = store.open_plan(view, plan, caches=Caches())
    after = plan_service.undo(view, plan, caches=Caches())
    assert before.plan is after.plan
    return after


def two_edit_one_plan(table: Table) -> None:
    """What was accepted is in the plan, once and in order; what was taken back is not."""
    plan = new_plan(table, 0)
    sent = [[partial(added, plan, rename(table)) for _ in range(2)] for _who in range(2)]
    if table.rng.random() < 0.4:
        sent[1].append(partial(turned, plan))
    answers = [answer for mine in table.together(*sent) for answer in mine]
    assert all(isinstance(answer, store.OpenPlan) for answer in answers if not isinstance(answer, Conflict))
    names = {task.args[1]["name"] for mine in sent for task in mine if task.func is added}
    with table.database.read() as session:
        rows = session.scalars(
            select(PlanEdit).where(PlanEdit.plan_id == plan).order_by(PlanEdit.position)
        ).all()
        kept = [row.op["name"] for row in rows if not row.is_undone]
        opened = store.open_plan(table.view(session, 0, table.tick()), plan, caches=Caches())
    took_back = len(sent[1]) - 2
    refused = sum(isinstance(answer, Conflict) for answer in answers)
    assert len(kept) == len(names) - (took_back - refused)
    assert set(kept) <= names
    assert sorted(row.position for row in rows) == list(range(1, len(rows) + 1))
    assert [edit.op["name"] for edit in opened.edits] == kept
    table.counts["edits kept"] += len(kept)


def two_publish_two_plans(table: Table) -> None:
    """Both, where they share nothing; else the first, and a clear no for the second, also on another try."""
    both = [new_plan(table, 2), new_plan(table, 2)]
    before = table.alone(lambda view, _at: owners(view))
    opened = [table.alone(lambda view, _at, p=p: store.open_plan(view, p, caches=Caches())) for p in both]
    changes = [{cell: to for cell, to in drawn_owners(one).items() if before[cell] != to} for one in opened]
    grids = [set(touched_grids(one.base, one.drawing)) for one in opened]
    answers = [mine[0] for mine in table.together(*[[partial(published, plan)] for plan in both])]
    done = [who for who in range(2) if isinstance(answers[who], int)]
    if not all(changes):
        table.counts["nothing to publish"] += 1
    else:
        assert done
    expected = {**before}
    for who in sorted(done, key=lambda who: answers[who]):
        expected |= changes[who]
    assert table.alone(lambda view, _at: owners(view)) == expected
    for who in set(range(2)) - set(done):
        overlaps = bool(grids[0] & grids[1])
        collides = overlaps or not all(changes) or bool(named_grids(opened[who]) & grids[1 - who])
        _refused(table, both[who], answers[who], collides=collides, overlaps=overlaps, has_won=bool(done))
    table.counts[f"published {len(done)}"] += 1


def named_grids(opened: store.OpenPlan) -> set[str]:
    """Grids that edits name or take from, also where a later edit took it back."""
    ground, numbers = opened.base.ground, opened.base.numbers
    targets = {edit.op["to"] for edit in opened.edits}
    return targets | {ground.grid_at(numbers[cell]) for edit in opened.edits for cell in edit.op["cells"]}


def _refused(
    table: Table, plan: str, answer: Conflict, *, collides: bool, overlaps: bool, has_won: bool
) -> None:
    assert str(answer)
    try:
        table.alone(lambda view, at: published(plan, view, at))
    except Conflict:
        assert collides or not has_won or "changes nothing" in str(answer)
        table.counts["collided"] += 1
        table.alone(lambda view, at: decisions.discard(view, plan, now=at))
    else:
        assert not overlaps
        table.counts["rebased"] += 1


def one_edits_while_one_publishes(table: Table) -> None:
    """An edit is in what is published, or it is refused; never accepted and left out."""
    plan = new_plan(table, 1)
    first = table.alone(lambda view, _at: store.open_plan(view, plan, caches=Caches()))
    if first.drawing.delta.is_empty:
        table.counts["nothing to publish"] += 1
        return
    ops = [rename(table), paint(table)]
    edits, (number,) = table.together([partial(added, plan, op) for op in ops], [partial(published, plan)])
    if not isinstance(number, int):
        assert "changes nothing" in str(number)  # the paint took the first one back
        return
    accepted = [op for op, answer in zip(ops, edits, strict=True) if isinstance(answer, store.OpenPlan)]
    opened = table.alone(lambda view, _at: store.open_plan(view, plan, caches=Caches()))
    assert [edit.op for edit in opened.edits] == [first.edits[0].op, *accepted]
    assert table.alone(lambda view, _at: owners(view)) == drawn_owners(opened)
    tree = table.alone(lambda view, _at: view.division.tree)
    for code, name in opened.drawing.names.items():
        assert tree.by_code(code).name == name
    table.counts["edits in what was published"] += len(accepted)
    table.counts["edits refused"] += len(ops) - len(accepted)


KINDS = [two_edit_one_plan, two_publish_two_plans, one_edits_while_one_publishes]


@pytest.mark.parametrize("kind", KINDS)
def test_two_people_at_once_lose_nothing(
    database: Database, now: datetime, kind: Callable[[Table], None]
) -> None:
    table = laid(database, now, seed=11)
    for _ in range(8):
        kind(table)
        assert_whole(table.database, table.made.community, at=table.tick())


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_thousand_interleavings_lose_nothing(
    database: Database, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    table = laid(database, now, seed=2026)
    for number in range(1000):
        KINDS[number % 3](table)
        assert_whole(table.database, table.made.community, at=table.tick())
    record_property("interleavings", 1000)
    for name, count in sorted(table.counts.items()):
        record_property(name, count)


@pytest.mark.parametrize(
    ("meanwhile", "then", "words"),
    [
        pytest.param(published, renamed, "has been published", id="an edit on what was published"),
        pytest.param(turned, undone, "nothing to take back", id="undo of what was undone"),
    ],
)
def test_what_others_did_since_a_plan_was_opened_is_seen_before_it_is_changed(
    postgis: Database,
    now: datetime,
    meanwhile: Callable[..., object],
    then: Callable[..., object],
    words: str,
) -> None:
    table = laid(postgis, now, seed=5)
    plan = new_plan(table, 0)
    table.alone(lambda view, at: added(plan, rename(table), view, at))
    late, caches = table.tick(), Caches()
    with postgis.write() as session:
        view = table.view(session, 1, late)
        opened = store.open_plan(view, plan, caches=caches)
        table.alone(lambda other, at: meanwhile(plan, other, at))
        with pytest.raises(Conflict, match=words):
            then(plan, view, late, caches)
    assert len(opened.edits) == 1  # kept to the end, as a request keeps it


def test_the_schedule_lets_both_through() -> None:
    schedule = Schedule(random.Random(1))
    with ThreadPoolExecutor(2) as people:
        done = [people.submit(lambda who=who: [schedule.pause(who) for _ in range(8)]) for who in range(2)]
        assert all(one.result(timeout=10) is not None for one in done)
