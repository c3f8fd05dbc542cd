"""Proposals: worked out beside the plan, told with figures, taken as one edit, and never by themselves."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.geometry.balance import Effort, barriers_between
from gisgrid.places.models import LandKind, Landscape, Street
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import store
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.proposals import jobs
from gisgrid.redraw.proposals.barriers import barriers, spread
from gisgrid.redraw.proposals.models import JobKind, JobState, ProposalJob
from gisgrid.redraw.proposals.processes import AT_ONCE, claimed, in_a_process, start_waiting
from gisgrid.redraw.proposals.solver import TOLERANCES, solved
from gisgrid.redraw.proposals.task import unpacked
from gisgrid.redraw.proposals.task_source import read_task
from gisgrid.redraw.proposals.wishes import Barriers, BarrierSource, FewChanges, ProposalWish, Start
from gisgrid.redraw.proposals.worker import work
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, World

FROM_NOTHING = ProposalWish(start=Start.NOTHING, tolerance=0.1)
TIDY = ProposalWish(kind=JobKind.TIDY)
SHORT = Effort(starts=2, reheats=2, renewals=4, rounds=20)


@pytest.fixture(autouse=True)
def short_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen cells are shared out in a moment; how good a long search is, tests of the balance say."""
    monkeypatch.setattr(Effort, "for_size", classmethod(lambda _cls, _cells, _grids: SHORT))


def filled(session: Session, homes: tuple[int, ...] = (1, 2, 3, 4)) -> World:
    """So many households in each cell of a row, row by row from the south; compounds west and east."""
    made = world.found(session)
    for row, count in enumerate(homes):
        for column in range(4):
            if not count:
                continue
            compound = "西苑" if column < 2 else "东苑"
            number = str(10 * row + column + 1)
            building = world.add_building(session, made, column, row, compound=compound, number=number)
            for room in range(count):
                world.add_household(session, building, f"10{room}")
    return made


class Desk:
    """A plan, and somebody who asks for proposals for it; each call is a transaction of its own."""

    def __init__(self, database: Database, now: datetime, homes: tuple[int, ...] = (1, 2, 3, 4)) -> None:
        self.database, self.now = database, now
        with database.write() as session:
            self.made = filled(session, homes)
            self.plan = store.new_plan(self.made.view(session, now=now), "plan", now=now).id

    def view(self, session: Session, *, later: float = 0) -> View:
        return self.made.view(session, now=self.now + timedelta(seconds=later))

    def ask(self, wish: ProposalWish) -> ProposalJob:
        with self.database.write() as session:
            return jobs.ask(
                self.view(session),
                self.plan,
                wish,
                caches=self.made.caches,
                micro_grids=20,
                now=self.now,
            )

    def start(self) -> list[str]:
        return start_waiting(self.database, now=self.now, launch=lambda _job, _url: None)

    def done(self, wish: ProposalWish) -> ProposalJob:
        """A proposal worked out in this process."""
        job = self.ask(wish)
        assert self.start() == [job.id]
        work(self.database, job.id)
        return self.find(job.id)

    def find(self, job: str, *, later: float = 0) -> ProposalJob:
        with self.database.read() as session:
            now = self.now + timedelta(seconds=later)
            return jobs.find_job(self.view(session, later=later), self.plan, job, now=now)

    def accept(self, job: str) -> OpenPlan:
        with self.database.write() as session:
            return jobs.accept(self.view(session), self.plan, job, caches=self.made.caches, now=self.now)

    def put_away(self, job: str) -> None:
        with self.database.write() as session:
            jobs.put_away(self.view(session), self.plan, job, now=self.now)

    def opened(self) -> OpenPlan:
        with self.database.read() as session:
            return store.open_plan(self.view(session), self.plan, caches=self.made.caches)

    def edit(self, op: dict[str, Any]) -> OpenPlan:
        with self.database.write() as session:
            view = self.view(session)
            return plan_service.add_edit(view, self.plan, op, caches=self.made.caches, now=self.now)


def test_what_is_proposed_is_what_is_taken_and_undone(database: Database, now: datetime) -> None:
    desk = Desk(database, now)
    before = desk.opened().drawing.ground
    job = desk.done(FROM_NOTHING)
    assert (job.state, job.progress) == (JobState.DONE, 1.0)
    result = job.result
    assert result is not None
    assert sum(row["households"] for row in result["grids"]) == 40
    assert result["after"]["max_off"] < 0.11 < result["before"]["max_off"]
    opened = desk.accept(job.id)
    assert [edit.op["op"] for edit in opened.edits] == ["assign"]
    ground = opened.drawing.ground
    assert {code: len(cells) for code, cells in ground.grids.items()} == {
        row["code"]: row["cells"] for row in result["grids"]
    }
    assert all(len(ground.land.parts(cells)) == 1 for cells in ground.grids.values())
    with database.write() as session:
        view = desk.view(session)
        told = impact(view, opened.base, opened.drawing)
        after = {row["code"]: row["after"]["households"] for row in told["grids"]}
        assert after.items() <= {row["code"]: row["households"] for row in result["grids"]}.items()
        undone = plan_service.undo(view, desk.plan, caches=desk.made.caches)
    assert undone.drawing.ground == before
    assert desk.find(job.id).state == JobState.ACCEPTED
    with pytest.raises(Conflict, match="done"):
        desk.accept(job.id)
    with pytest.raises(Conflict, match="undo"):
        desk.put_away(job.id)


def test_a_process_of_its_own_works_on_it(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the process searches as long as ever
    desk = Desk(database, now)
    job = desk.ask(FROM_NOTHING)
    processes: list[Any] = []
    url = database.engine.url
    assert start_waiting(
        database, now=now, launch=lambda job_id, _url: processes.append(in_a_process(job_id, url))
    ) == [job.id]
    assert processes[0].wait(timeout=120) == 0
    found = desk.find(job.id)
    assert found.state == JobState.DONE
    again = desk.done(FROM_NOTHING)
    assert again.result is not None
    assert found.result is not None
    assert again.result["digest"] == found.result["digest"], "the same seed is the same proposal"


def test_a_process_that_was_killed_shows_as_failed(database: Database, now: datetime) -> None:
    desk = Desk(database, now)
    job = desk.ask(FROM_NOTHING)
    desk.start()
    process = in_a_process(job.id, database.engine.url)
    process.kill()
    process.wait(timeout=60)
    assert desk.find(job.id).state == JobState.RUNNING
    assert desk.find(job.id, later=29).state == JobState.RUNNING
    dead = desk.find(job.id, later=31)
    assert dead.state == JobState.FAILED
    assert dead.failure is not None
    assert "stopped" in dead.failure["template"]
    desk.now += timedelta(seconds=31)
    assert desk.done(FROM_NOTHING).state == JobState.DONE, "a dead one does not stand in the way"


def test_what_is_cancelled_stops_and_keeps_nothing(database: Database, now: datetime) -> None:
    desk = Desk(database, now)
    job = desk.ask(FROM_NOTHING)
    desk.start()
    ticks = iter(range(10_000))

    def seconds() -> float:
        """Cancels while it is being worked on."""
        tick = next(ticks)
        if tick == 6:
            desk.put_away(job.id)
        return float(tick)

    work(database, job.id, seconds=seconds)
    found = desk.find(job.id)
    assert (found.state, found.result) == (JobState.CANCELLED, None)
    assert 0 <= found.progress < 1
    with pytest.raises(Conflict, match="done"):
        desk.accept(job.id)
    waiting = desk.ask(FROM_NOTHING)
    desk.put_away(waiting.id)
    assert desk.start() == []


def test_what_was_drawn_meanwhile_makes_a_proposal_stale(database: Database, now: datetime) -> None:
    desk = Desk(database, now)
    job = desk.done(FROM_NOTHING)
    with database.read() as session:
        cell = world.cell_id(session, 2, 0)
    desk.edit({"op": "paint", "cells": [cell], "to": "G1"})
    with pytest.raises(Conflict, match="edited since"):
        desk.accept(job.id)
    with database.write() as session:
        plan_service.undo(desk.view(session), desk.plan, caches=desk.made.caches)
    assert desk.accept(job.id).edits, "taken back, the plan is what it was"


def test_one_at_a_time_for_a_plan_and_two_for_a_machine(database: Database, now: datetime) -> None:
    desk = Desk(database, now)
    first = desk.ask(FROM_NOTHING)
    with pytest.raises(Conflict, match="cancel it"):
        desk.ask(FROM_NOTHING)
    others = []
    for name in ("second", "third"):
        with database.write() as session:
            desk.plan = store.new_plan(desk.view(session), name, now=now).id
        others.append(desk.ask(FROM_NOTHING).id)
    assert desk.start() == [first.id, others[0]][:AT_ONCE]
    assert desk.start() == []
    assert desk.find(others[1]).state == JobState.QUEUED
    with database.write() as session:
        assert claimed(session, host="another machine", now=now) == [others[1]]


@pytest.mark.parametrize("role", [Role.LEADER, Role.MEMBER])
def test_only_who_may_draw_asks_for_proposals(spatialite: Database, now: datetime, role: Role) -> None:
    desk = Desk(spatialite, now)
    job = desk.done(FROM_NOTHING)
    with spatialite.write() as session:
        actor = world.add_actor(session, desk.made, role, "G1")
        view = desk.made.view(session, actor, now=now)
        for act in (
            lambda: jobs.ask(view, desk.plan, TIDY, caches=desk.made.caches, micro_grids=20, now=now),
            lambda: jobs.find_job(view, desk.plan, job.id, now=now),
            lambda: jobs.put_away(view, desk.plan, job.id, now=now),
            lambda: jobs.accept(view, desk.plan, job.id, caches=desk.made.caches, now=now),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_a_proposal_of_another_plan_is_not_found(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    job = desk.done(FROM_NOTHING)
    with spatialite.write() as session:
        desk.plan = store.new_plan(desk.view(session), "other", now=now).id
    with pytest.raises(NotFound):
        desk.find(job.id)


def test_more_grids_open_codes_and_fewer_close_some(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now, (2, 2, 2, 2))
    more = desk.done(ProposalWish(grids=5, tolerance=0.3))
    assert more.result is not None
    assert list(more.result["opens"]) == ["+1"]
    opened = desk.accept(more.id)
    assert sorted(opened.drawing.ground.grids) == ["G1", "G2", "G3", "G4", "G5"]
    fewer = desk.done(ProposalWish(grids=2, start=Start.NOTHING))
    assert fewer.result is not None
    assert len(fewer.result["closes"]) == 3
    assert len(desk.accept(fewer.id).drawing.ground.grids) == 2


def test_few_changes_move_fewer_households(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    moved = {}
    for few in (FewChanges.NONE, FewChanges.FEW):
        job = desk.done(ProposalWish(few_changes=few, tolerance=0.3))
        assert job.result is not None
        moved[few] = job.result["moved_households"]
    assert moved[FewChanges.FEW] <= moved[FewChanges.NONE]


@pytest.mark.parametrize("tolerance", [0.04, 0.3])
def test_a_curve_tells_what_each_tolerance_would_change(
    spatialite: Database, now: datetime, tolerance: float
) -> None:
    desk = Desk(spatialite, now)
    job = desk.done(ProposalWish(tolerance=tolerance, curve=True))
    assert job.result is not None
    curve = job.result["curve"]
    assert [point["tolerance"] for point in curve] == sorted({*TOLERANCES, tolerance})
    own = next(point for point in curve if point["tolerance"] == tolerance)
    assert (own["moved_cells"], own["moved_households"]) == tuple(
        job.result[name] for name in ("moved_cells", "moved_households")
    )
    desk.put_away(job.id)
    for point in (curve[0], curve[-1]):
        alone = desk.done(ProposalWish(tolerance=point["tolerance"]))
        assert alone.result is not None
        assert "curve" not in alone.result
        assert point["moved_cells"] == alone.result["moved_cells"]
        assert point["max_off"] == alone.result["after"]["max_off"]
        assert point["is_kept"] is (point["max_off"] <= point["tolerance"] + 1e-9)
        desk.put_away(alone.id)
    assert curve[0]["moved_households"] >= curve[-1]["moved_households"]


def test_a_curve_is_stopped_like_any_proposal(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    shares: list[float] = []
    with spatialite.read() as session:
        opened = store.open_plan(desk.view(session), desk.plan, caches=desk.made.caches)
        task = read_task(desk.view(session), opened, ProposalWish(curve=True), micro_grids=20)
    assert unpacked(task.packed()).curve
    assert solved(task, progress=shares.append, cancelled=lambda: bool(shares) and shares[-1] > 0.4) is None
    assert 0.4 < max(shares) < 1
    assert shares == sorted(shares)


def test_the_floor_is_told_first_and_numbers_that_fit_better(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now, (5, 0, 0, 1))
    job = desk.ask(ProposalWish(barriers=Barriers.NEVER, grids=3))
    assert job.told["floor"] > 0.03
    assert job.told["notes"]
    assert job.told["suggestions"][0]["grids"] == 2
    assert job.told["suggestions"][0]["floor"] < job.told["floor"]
    desk.put_away(job.id)
    with pytest.raises(InvalidInput, match="2 parts"):
        desk.ask(ProposalWish(barriers=Barriers.NEVER, grids=1))
    with pytest.raises(InvalidInput, match="not both"):
        desk.ask(ProposalWish(grids=3, norm=10.0))
    norm = desk.ask(ProposalWish(norm=6.0))
    assert norm.told["grids"] == 4


def test_a_compound_is_never_crossed_when_it_must_not_be(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now, (2, 2, 2, 2))
    job = desk.done(ProposalWish(start=Start.NOTHING, barriers=Barriers.NEVER))
    assert job.result is not None
    assert job.result["after"]["crossing"] == 0
    assert desk.done(ProposalWish(start=Start.NOTHING, grids=1)).result["after"]["crossing"] == 1  # type: ignore[index]


def test_only_what_was_named_is_shared_out(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    some = desk.done(ProposalWish(scope=("G1", "G3"), start=Start.NOTHING))
    assert some.result is not None
    assert {row["code"] for row in some.result["grids"]} <= {"G1", "G3"}
    compound = desk.done(ProposalWish(compound="东苑", grids=2))
    assert compound.result is not None
    assert {row["code"] for row in compound.result["grids"]} == {"G2", "G4"}
    desk.edit({"op": "lock", "grid": "G1"})
    unlocked = desk.done(ProposalWish(start=Start.NOTHING))
    assert unlocked.result is not None
    assert "G1" not in {row["code"] for row in unlocked.result["grids"]}
    assert "G1" in desk.accept(unlocked.id).drawing.ground.grids
    for wish, words in [
        (ProposalWish(scope=("G1",)), "locked"),
        (ProposalWish(scope=("G9",)), "G9"),
        (ProposalWish(compound="南苑"), "compound"),
        (ProposalWish(kind=JobKind.MICRO_GRIDS), "name the grid"),
        (ProposalWish(kind=JobKind.MICRO_GRIDS, grid="G1"), "locked"),
    ]:
        with pytest.raises(InvalidInput, match=words):
            desk.ask(wish)


def test_a_compound_whose_grids_would_fall_apart_is_refused(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    with spatialite.read() as session:
        cells = [world.cell_id(session, *spot) for spot in ((1, 0), (2, 0), (3, 0))]
    desk.edit({"op": "paint", "cells": cells[1:], "to": "G1"})
    desk.edit({"op": "lock", "grid": "G1"})
    with pytest.raises(InvalidInput, match="locked"):
        desk.ask(ProposalWish(compound="西苑"))


def test_a_grid_is_split_into_micro_grids(database: Database, now: datetime) -> None:
    desk = Desk(database, now, (2, 2, 2, 2))
    job = desk.done(ProposalWish(kind=JobKind.MICRO_GRIDS, grid="G1", parts=2))
    assert job.result is not None
    assert [row["households"] for row in job.result["grids"]] == [4, 4]
    ground = desk.accept(job.id).drawing.ground
    assert len(ground.subdivision["G1"]) == 2
    assert [len(ground.micro_grids[micro]) for micro in ground.subdivision["G1"]] == [2, 2]
    assert desk.ask(ProposalWish(kind=JobKind.MICRO_GRIDS, grid="G1")).told["grids"] == 2


def test_tidying_moves_no_household(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now, (2, 0, 0, 2))
    with spatialite.read() as session:
        cells = [world.cell_id(session, *spot) for spot in ((2, 1),)]
    desk.edit({"op": "paint", "cells": cells, "to": "G1"})
    before = desk.opened().drawing.ground
    job = desk.done(TIDY)
    assert job.told["free_cells"] == 8
    assert job.result is not None
    assert job.result["moved_households"] == 0
    assert job.result["after"]["border_m"] < job.result["before"]["border_m"]
    ground = desk.accept(job.id).drawing.ground
    lived_on = {int(cell) for cell in ground.points.cell}
    assert all(ground.grid_at(cell) == before.grid_at(cell) for cell in lived_on)
    nothing = desk.done(TIDY)
    assert nothing.result is not None
    assert nothing.result["owners"] == {}
    with pytest.raises(Conflict, match="changes nothing"):
        desk.accept(nothing.id)


def test_a_task_comes_back_from_its_bytes(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    with spatialite.read() as session:
        view = desk.view(session)
        opened = store.open_plan(view, desk.plan, caches=desk.made.caches)
        task = read_task(view, opened, FROM_NOTHING, micro_grids=20)
    again = unpacked(task.packed())
    asked: list[float] = []
    results = [solved(one, progress=asked.append, cancelled=lambda: False) for one in (task, again)]
    assert results[0] == results[1]
    assert max(asked) == 1.0


def test_old_proposals_are_cleared_away(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    desk.done(TIDY)
    desk.now += timedelta(days=2)
    job = desk.ask(TIDY)
    with spatialite.read() as session:
        kept = session.scalars(select(ProposalJob).options(undefer(ProposalJob.task))).all()
    assert [one.id for one in kept] == [job.id]


def test_each_class_of_streets_and_water_is_a_barrier_of_its_own(spatialite: Database, now: datetime) -> None:
    desk = Desk(spatialite, now)
    across = LAT + 2 * STEP
    line = shapely.LineString([(LON - STEP, across), (LON + 5 * STEP, across)])
    lane = shapely.LineString([(LON + STEP, LAT), (LON + STEP, LAT + 4 * STEP)])
    with spatialite.write() as session:
        session.add(Street(community_id=desk.made.community, kind="main", geom=line))
        session.add(Street(community_id=desk.made.community, kind="lane", geom=lane))
        side = shapely.LineString([(LON + 3 * STEP, LAT), (LON + 3 * STEP, LAT + 4 * STEP)])
        session.add(Street(community_id=desk.made.community, kind="road", geom=side))
        river = shapely.box(LON + 1.99 * STEP, LAT - STEP, LON + 2.01 * STEP, LAT + 5 * STEP)
        session.add(Landscape(community_id=desk.made.community, kind=LandKind.WATER, geom=river))
        green = shapely.box(LON, LAT + 0.98 * STEP, LON + 4 * STEP, LAT + 1.02 * STEP)
        session.add(Landscape(community_id=desk.made.community, kind=LandKind.GREEN, geom=green))
    with spatialite.read() as session:
        view = desk.view(session)
        opened = store.open_plan(view, desk.plan, caches=desk.made.caches)
        task = read_task(view, opened, ProposalWish(), micro_grids=20)
        numbers = np.array(opened.drawing.ground.land.numbers)
        graph = task.land.graph
        found = barriers(view, opened, graph, numbers, [BarrierSource.STREETS])
        columns_apart = barriers(view, opened, graph, numbers, [BarrierSource.SIDE_STREETS])
        banks = barriers(view, opened, graph, numbers, [BarrierSource.WATER])
        both = barriers(view, opened, graph, numbers, [BarrierSource.STREETS, BarrierSource.WATER])
    rows, columns = np.divmod(numbers - 1, 4)
    assert (found == barriers_between(graph, rows // 2)).all()
    assert (columns_apart == barriers_between(graph, columns // 3)).all()
    assert (banks == barriers_between(graph, columns // 2)).all()
    assert (both == found | banks).all()
    group = spread(np.where(rows == 0, 0, -1), graph)
    assert (group == 0).all()


def test_nobody_waits_for_the_database_while_it_works(spatialite: Database, now: datetime) -> None:
    """The work holds no transaction: others write meanwhile."""
    desk = Desk(spatialite, now)
    job = desk.ask(FROM_NOTHING)
    desk.start()
    wrote = []

    def seconds() -> float:
        if not wrote:
            with spatialite.write() as session:
                world.add_actor(session, desk.made, Role.STAFF)
            wrote.append(True)
        return time.monotonic()

    work(spatialite, job.id, seconds=seconds)
    assert wrote
    assert desk.find(job.id).state == JobState.DONE
