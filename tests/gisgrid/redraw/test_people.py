"""What a redraw means for people: duties, warnings with a reason, cases, notices, hand-over sheets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Duty, DutyKind, Role, Worker
from gisgrid.areas.models import AreaName, Level
from gisgrid.areas.view import Caches, View
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.intake import service as case_service
from gisgrid.cases.intake.service import ReportCase
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.places.models import Facility, Street
from gisgrid.redraw import service as plan_service
from gisgrid.redraw import submission
from gisgrid.redraw.handover_sheets import as_lines, handover
from gisgrid.redraw.impact.duties import primaries, serving_before, workers
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.publication.due import hand_over_due
from gisgrid.redraw.rules.acceptance import Accepted
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.redraw.views.comparison import compare
from gisgrid.redraw.views.plan import plan_grids, plan_view
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from gisgrid.workforce.norms import Norms, norms_of, set_norms
from tests import world
from tests.world import LAT, LON, STEP, World

OLD, VERY_OLD = date(1960, 1, 1), date(1940, 1, 1)


class Scene:
    """Four grids with a member each, homes in the lowest row, and a plan of a staff account."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made: World = world.found(session)
        codes = ("G1", "G2", "G3", "G4")
        self.members = {code: world.add_actor(session, self.made, Role.MEMBER, code) for code in codes}
        for column in range(4):
            building = world.add_building(session, self.made, column, 0, number=str(column + 1))
            for room, birth in enumerate((OLD, VERY_OLD)):
                home = world.add_household(session, building, f"10{room}")
                world.add_resident(session, home, birth)
        self.plan = store.new_plan(self.view(), "people", now=now).id

    def view(self, actor: Actor | None = None, *, later: int = 0) -> View:
        return self.made.view(self.session, actor, now=self.now + timedelta(minutes=later))

    def edit(self, op: dict[str, Any], *, plan: str | None = None) -> store.OpenPlan:
        return plan_service.add_edit(
            self.view(), plan or self.plan, op, caches=self.made.caches, now=self.now
        )

    def paint(self, to: str, *cells: tuple[int, int], plan: str | None = None) -> store.OpenPlan:
        ids = [world.cell_id(self.session, *cell) for cell in cells]
        return self.edit({"op": "paint", "cells": ids, "to": to}, plan=plan)

    def opened(self) -> store.OpenPlan:
        return store.open_plan(self.view(), self.plan, caches=self.made.caches)

    def findings(self) -> list[dict[str, Any]]:
        opened = self.opened()
        return plan_findings(self.view(), opened.base, opened.drawing)

    def impact(self, actor: Actor | None = None) -> dict[str, Any]:
        opened = self.opened()
        return impact(self.view(actor), opened.base, opened.drawing)

    def publish(self, actor: Actor | None = None, **more: Any) -> Any:
        return publish(
            self.view(actor),
            self.plan,
            "shorter ways",
            caches=self.made.caches,
            now=self.now + timedelta(minutes=1),
            **more,
        )

    def worker(self, code: str) -> str:
        return self.members[code].worker_id or ""

    def duty(self, area: str, worker: str, **more: Any) -> dict[str, Any]:
        op = {"op": "duty", "area": area, "worker": worker, "kind": "grid_member", "primary": True}
        return op | more

    def report(self, column: int, row: int) -> Case:
        place = world.middle(column, row)
        command = ReportCase(lon=place.x, lat=place.y, category="garbage", description="rubbish")
        kept = case_service.report(
            self.session, self.made.actor, command, caches=self.made.caches, now=self.now, tz=world.TZ
        )
        return kept.case


def _rules(rows: list[dict[str, Any]], grid: str | None = None) -> set[str]:
    return {row["rule"] for row in rows if grid in {None, row["grid"]}}


def test_findings_say_whether_the_plan_has_to_do_with_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.paint("G1", (2, 0))
        rows = scene.findings()
    touched = {row["grid"] for row in rows if row["touched"]}
    assert touched == {"G1", "G2"}
    assert {row["grid"] for row in rows if not row["touched"]} == {"G3", "G4"}
    assert all({"rule", "level", "at_approval", "lon", "lat", "fix", "message"} <= row.keys() for row in rows)


def test_a_second_primary_member_stops_a_plan_until_it_replaces_the_first(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.edit(scene.duty("G1", scene.worker("G2")))
        assert [row["level"] for row in scene.findings() if row["rule"] == "G09"] == ["block"]
        with pytest.raises(Conflict, match="2 primary grid members"):
            scene.publish()
        scene.edit(scene.duty("G1", scene.worker("G1"), end=True))
        assert "G09" not in _rules(scene.findings())
        plan_service.undo(scene.view(), scene.plan, caches=scene.made.caches)
        plan_service.undo(scene.view(), scene.plan, caches=scene.made.caches)
        scene.edit(scene.duty("G1", scene.worker("G2"), replace=True))
        shown = scene.impact()
        scene.publish()
        open_now = session.scalars(
            select(Duty.worker_id).where(
                Duty.area_id == scene.made.areas["G1"], Duty.valid_to.is_(None), Duty.is_primary.is_(True)
            )
        ).all()
        closed = session.scalars(select(Duty.valid_to).where(Duty.worker_id == scene.worker("G1"))).all()
    assert [(one["change"], one["worker"]) for one in shown["duties"]] == [
        ("end", scene.worker("G1")),
        ("begin", scene.worker("G2")),
    ]
    assert open_now == [scene.worker("G2")]
    assert closed == [now + timedelta(minutes=1)]


def test_a_grid_left_without_a_member_is_warned_of_and_not_published(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.edit(scene.duty("G1", scene.worker("G1"), end=True))
        found = [row for row in scene.findings() if row["rule"] == "G09"]
        assert [(row["grid"], row["level"], row["at_approval"]) for row in found] == [("G1", "warn", "block")]
        head = world.add_actor(session, scene.made, Role.HEAD)
        submission.submit(scene.view(), scene.plan, "", caches=scene.made.caches, now=now)
        with pytest.raises(Conflict, match="no primary"), session.begin_nested():
            submission.approve(scene.view(head), scene.plan, "", caches=scene.made.caches, now=now)
        with pytest.raises(Conflict, match="no primary"):
            scene.publish()


def test_a_duty_goes_to_people_of_the_community_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        free = Worker(id=new_id(), name="新来", office_phone=None)
        session.add(free)
        session.flush()
        staff = world.add_actor(session, scene.made, Role.STAFF, "G1")
        rows = {row["id"]: row for row in workers(scene.view(staff))}
        assert rows[free.id]["areas"] == []
        assert rows[scene.worker("G1")]["primary"] == ["G1"]
        assert len(workers(scene.view(staff), "community_police")) == 1
        with pytest.raises(NotAllowed):
            workers(scene.view(scene.members["G1"]))
        for op, words in [
            (scene.duty("G1", new_id()), "no such worker"),
            (scene.duty("G9", free.id), "G9"),
            (scene.duty("G1", free.id, kind="king"), "no such duty"),
            (scene.duty("G1", free.id, primary="yes"), "true or false"),
            (scene.duty("G1", free.id, end=True), "already"),
            (scene.duty("G1", scene.worker("G1")), "already"),
        ]:
            with pytest.raises((Conflict, InvalidInput), match=words):
                scene.edit(op)
        scene.edit(scene.duty("G1", free.id, kind="community_police", primary=False))
        lacking = [row["grid"] for row in scene.findings() if "police" in str(row["message"])]
        assert lacking == ["G2", "G3", "G4"]
        # Who serves the whole community serves each of its grids.
        police = Duty(
            worker_id=free.id,
            area_id=scene.made.community,
            kind=DutyKind.COMMUNITY_POLICE,
            valid_from=world.START,
        )
        session.add(police)
        session.flush()
        assert not any("police" in str(row["message"]) for row in scene.findings())


def test_warnings_need_a_reason_that_is_kept_with_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        # G4 has no household at all: not this plan's doing, so nobody has to answer for it.
        scene.paint("G3", (2, 3))
        warned = {(row["rule"], row["grid"]) for row in scene.findings() if row["level"] == "warn"}
        assert {("G08", "G3"), ("G08", "G4")} == warned
        with pytest.raises(Conflict, match=r"G08 \(G3\), G08 \(G4\)"):
            scene.publish(accepts=[])
        with pytest.raises(Conflict, match=r"G08 \(G4\)"):
            scene.publish(accepts=[Accepted(rule="G08", grid="G3")])
        scene.publish(accepts=[Accepted(rule="G08")])
        notes = plan_view(scene.view(later=2), scene.opened())["notes"]
    assert [(one["rule"], one["grid"], str(one["message"])) for one in notes[0]["accepted"]] == [
        ("G08", "G3", "第3网格 has no household"),
        ("G08", "G4", "第4网格 has no household"),
    ]


def test_a_reason_alone_stands_for_all_warnings(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.paint("G3", (2, 3))
        scene.publish()
        notes = plan_view(scene.view(later=2), scene.opened())["notes"]
    assert len(notes[0]["accepted"]) == 2


def test_the_load_of_a_member_counts_all_grids_held(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        facility = Facility(
            id=new_id(),
            community_id=scene.made.community,
            type="red_post",
            name="驿站",
            position=world.middle(2, 0),
            cell_id=world.cell_id(session, 2, 0),
        )
        session.add(facility)
        session.flush()
        scene.edit(scene.duty("G3", scene.worker("G1"), replace=True))
        scene.paint("G1", (2, 0))
        shown = scene.impact()
    members = {row["worker"]: row for row in shown["members"]}
    own = members[scene.worker("G1")]
    assert (own["grids_before"], own["grids_after"]) == (["G1"], ["G1", "G3"])
    assert (own["households_before"], own["households_after"]) == (4, 6)
    assert (own["load_before"], own["load_after"]) == (0.01, 0.01)
    assert members[scene.worker("G3")]["grids_after"] == []
    first = shown["grids"][0]
    assert first["after"]["elders_80"] == 3
    assert (first["before"]["facilities"], first["after"]["facilities"]) == (0, 1)
    assert first["after"]["facility_types"] == {"red_post": 1}


def test_a_leader_sees_no_small_counts_of_persons(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        leader = world.add_actor(session, scene.made, Role.LEADER)
        scene.paint("G1", (2, 0))
        exact, shown = scene.impact(), scene.impact(leader)
        grids = [row for _shape, row in plan_grids(scene.view(leader), scene.opened())]
    assert all(row["elders"] is None and "elders" in row["suppressed"] for row in grids)
    assert exact["moves"][0]["elders"] == 2
    assert shown["moves"][0]["elders"] is None
    assert "elders" in shown["moves"][0]["suppressed"]
    assert shown["grids"][0]["after"]["residents"] is None
    assert shown["grids"][0]["after"]["households"] == 6


def test_open_cases_follow_and_the_old_member_stays_in_the_log(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        passing, staying, closed = scene.report(2, 0), scene.report(3, 0), scene.report(2, 0)
        for case in (passing, staying, closed):
            case.handler_id = scene.worker("G2")
        closed.closed_at, closed.state, closed.feedback_channel = now, "closed", "earlier"
        session.flush()
        scene.paint("G1", (2, 0))
        scene.publish()
        session.expire_all()
        assert passing.handler_id == scene.worker("G1")
        assert (staying.handler_id, closed.handler_id) == (scene.worker("G2"), scene.worker("G2"))
        log = session.scalars(select(CaseLog).where(CaseLog.action == "hand_over")).all()
        names = {worker.id: worker.name for worker in session.scalars(select(Worker))}
        entries = session.scalars(
            select(AuditEntry.count).where(AuditEntry.action == "cases:hand_over")
        ).all()
    assert [one.text for one in log] == [f"{names[scene.worker('G2')]} → {names[scene.worker('G1')]}"]
    assert entries == [1]


def test_cases_of_a_plan_that_waits_go_over_when_its_day_has_come(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        case = scene.report(2, 0)
        case.handler_id = scene.worker("G2")
        session.flush()
        scene.paint("G1", (2, 0))
        scene.publish(effective=date(2026, 12, 1))
        session.expire_all()
        assert hand_over_due(scene.view(later=2), now=now + timedelta(minutes=2)) == 0
        assert case.handler_id == scene.worker("G2")
        day = now + timedelta(days=10)
        view = scene.made.view(session, now=day)
        assert hand_over_due(view, now=day) == 1
        assert case.handler_id == scene.worker("G1")
        assert hand_over_due(view, now=day) == 0
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cases:hand_over")).one()
        assert (entry.operator, entry.count) == ("scheduled plan", 1)


def test_a_new_member_takes_the_open_cases_of_the_grid(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        case = scene.report(0, 0)
        scene.edit(scene.duty("G1", scene.worker("G4"), replace=True))
        scene.publish()
        session.expire_all()
        assert case.handler_id == scene.worker("G4")
        sheets = handover(scene.view(later=2), scene.plan, caches=scene.made.caches, now=now)["sheets"]
    assert [(len(sheet["gives"]), len(sheet["takes"])) for sheet in sheets if sheet["gives"]] == [(1, 0)]


def test_sheets_tell_each_member_what_is_given_and_taken(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.report(2, 0).due_at = None
        scene.paint("G1", (2, 0))
        before = handover(scene.view(), scene.plan, caches=scene.made.caches, now=now)
        with pytest.raises(NotFound):
            handover(scene.view(scene.members["G1"]), scene.plan, caches=scene.made.caches, now=now)
        scene.publish()
        later = {"caches": scene.made.caches, "now": now + timedelta(minutes=2)}
        whole = handover(scene.view(later=2), scene.plan, **later)
        taker = handover(scene.view(scene.members["G1"], later=2), scene.plan, **later)
        giver = handover(scene.view(scene.members["G2"], later=2), scene.plan, **later)
        head = handover(
            scene.view(world.add_actor(session, scene.made, Role.HEAD), later=2), scene.plan, **later
        )
        with pytest.raises(NotFound):
            handover(scene.view(scene.members["G3"], later=2), scene.plan, **later)
        leader = world.add_actor(session, scene.made, Role.LEADER)
        with pytest.raises(NotAllowed):
            handover(scene.view(leader, later=2), scene.plan, **later)
        viewed = session.scalars(select(AuditEntry.count).where(AuditEntry.action == "handover:view")).all()
    assert before["sheets"] == whole["sheets"]
    counts = {"buildings": 1, "households": 2, "elders": 2, "elders_80": 1, "open_cases": 1}
    totals = counts | {"with_visitor": 0, "to_agree": 0, "open_tasks": 0}
    assert [sheet["worker"] for sheet in taker["sheets"]] == [scene.worker("G1")]
    taken = taker["sheets"][0]["takes"][0]
    assert taken["totals"] == totals
    assert [home["room"] for home in taken["buildings"][0]["households"]] == ["1单元100室", "1单元101室"]
    assert taken["buildings"][0]["households"][0]["names"] == [
        {"name": "示例甲", "age": 66, "visitor": None, "agree_with": None}
    ]
    assert [case["deadline"] for case in taken["cases"]] == [None]
    # What has been given away is no longer one's own: addresses and numbers of homes, but no persons.
    given = giver["sheets"][0]["gives"][0]
    assert given["totals"] == dict.fromkeys(totals) | {
        "buildings": 1,
        "households": 2,
        "open_cases": 1,
    }
    assert all(home["names"] == [] for home in given["buildings"][0]["households"])
    masked = [name["name"] for sheet in head["sheets"] for part in sheet["takes"] for name in _names(part)]
    assert masked == ["示**", "示**"]
    lines = as_lines(whole)
    assert {line["direction"] for line in lines} == {"gives", "takes"}
    assert len(lines) == 6
    assert viewed == [2, 2, 2, 2, 2]


def _names(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [name for one in part["buildings"] for home in one["households"] for name in home["names"]]


def test_codes_are_given_anew_on_request_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        opened = scene.edit({"op": "renumber"})
        # From the north-west: G3, G4, then G1, G2 of the lower row, which get numbers never used.
        assert dict(opened.drawing.codes) == {"G1": "G5", "G2": "G6"}
        with pytest.raises(Conflict, match="already"):
            scene.edit({"op": "renumber"})
        plan_service.undo(scene.view(), scene.plan, caches=scene.made.caches)
        assert scene.opened().drawing.codes == {}
        with pytest.raises(InvalidInput, match="no area"):
            scene.edit({"op": "renumber", "parent": "nowhere"})
        scene.edit({"op": "renumber", "parent": "C1"})
        assert [row["to"] for row in scene.impact()["codes"]] == ["G5", "G6"]
        scene.paint("G1", (2, 0))
        scene.publish()
        tree = scene.view(later=2).division.tree
        codes = [area.code for area in tree.at_level(Level.GRID)]
        micros = [area.code for area in tree.at_level(Level.MICRO_GRID) if area.code.startswith("G5")]
        used = set(session.scalars(select(AreaName.code)))
        past = scene.made.view(session, now=now + timedelta(minutes=2), as_of=date(2024, 1, 1))
        assert [area.code for area in past.division.tree.at_level(Level.GRID)] == ["G1", "G2", "G3", "G4"]
    assert codes == ["G3", "G4", "G5", "G6"]
    assert micros == ["G500"]
    assert {"G1", "G2"} <= used


def test_a_new_grid_out_of_order_is_said_with_the_edit_that_mends_it(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        assert "G11" not in _rules(scene.findings())
        across = LON + STEP
        line = {"type": "LineString", "coordinates": [[across, LAT - STEP], [across, LAT + 5 * STEP]]}
        scene.edit({"op": "split", "grid": "G3", "line": line})
        found = next(row for row in scene.findings() if row["rule"] == "G11")
        scene.edit(dict(found["fix"]))
        assert "G11" not in _rules(scene.findings())
        scene.publish()
        heir = scene.view(later=2).division.tree
        primary = session.scalars(
            select(Duty.worker_id).where(
                Duty.kind == DutyKind.GRID_MEMBER,
                Duty.valid_to.is_(None),
                Duty.area_id.in_([area.id for area in heir.at_level(Level.GRID)]),
            )
        ).all()
    assert sorted(primary) == sorted([*(scene.worker(code) for code in scene.members), scene.worker("G3")])


def test_new_borders_away_from_streets_are_said(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.paint("G1", (2, 0))
        assert "G12" not in _rules(scene.findings())  # no streets are stored
        plan_service.undo(scene.view(), scene.plan, caches=scene.made.caches)
        far = shapely.LineString([(LON, LAT - 4 * STEP), (LON + 4 * STEP, LAT - 4 * STEP)])
        session.add(Street(id=new_id(), community_id=scene.made.community, geom=far))
        session.flush()
    with database.write() as session:
        scene.session = session
        scene.made.caches = Caches()
        scene.paint("G1", (2, 0))
        found = next(row for row in scene.findings() if row["rule"] == "G12")
        assert (found["grid"], found["level"]) == ("G1", "hint")
        assert "0 %" in str(found["message"])


def test_the_norm_is_changed_by_the_head_and_held_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        head = world.add_actor(session, scene.made, Role.HEAD)
        staff = world.add_actor(session, scene.made, Role.STAFF, "G1")
        assert norms_of(scene.view()).households.ok_to == 500
        norms = Norms()
        small = type(norms.households)(ok_from=1, ok_to=2, high_to=3, per_member=4)
        with pytest.raises(NotAllowed):
            set_norms(scene.view(staff), Norms(households=small), now=now)
        set_norms(scene.view(head), Norms(households=small), now=now)
        over = [row for row in scene.findings() if row["rule"] == "G08" and row["grid"] == "G1"]
        assert str(over[0]["message"]).endswith("more than the 3 one member serves")
        scene.paint("G1", (2, 0))
        assert scene.impact()["members"][0]["load_after"] in {1.5, 0.5}


def test_two_plans_are_compared_grid_by_grid(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        other = store.new_plan(scene.view(), "other", now=now).id
        scene.paint("G1", (2, 0))
        scene.paint("G1", (2, 0), (2, 1), plan=other)
        found = compare(scene.view(), scene.plan, other, caches=scene.made.caches)
        with pytest.raises(InvalidInput, match="different"):
            compare(scene.view(), other, other, caches=scene.made.caches)
        cell = world.cell_id(session, 2, 1)
    assert found.rows["cells"] == [{"id": cell, "a": "G2", "b": "G1"}]
    rows = {row["code"]: row for row in found.rows["grids"]}
    assert (rows["G1"]["a"]["households"], rows["G1"]["b"]["households"]) == (6, 6)
    assert rows["G1"]["a"]["compactness"] != rows["G1"]["b"]["compactness"]
    assert [plan["name"] for plan in found.rows["plans"]] == ["people", "other"]


def test_a_piece_of_a_grid_that_closes_is_served_by_who_served_that_grid(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        for code in ("G1", "G2", "G3", "G4"):
            world.add_actor(session, made, Role.MEMBER, code)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "a piece stays", now=now)
        line = {
            "type": "LineString",
            "coordinates": [[LON + 3 * STEP, LAT - STEP], [LON + 3 * STEP, LAT + 5 * STEP]],
        }
        for op in (
            {"op": "split", "grid": "G4", "line": line},
            {"op": "merge", "grids": ["G3", "G4"], "keep": "G3"},
        ):
            opened = plan_service.add_edit(view, plan.id, op, caches=made.caches, now=now)
        told = impact(view, opened.base, opened.drawing)
        publish(view, plan.id, "why", caches=made.caches, now=now)
        after = made.view(session, now=now + timedelta(minutes=1))
        assert not [row["code"] for row in told["grids"] if row["after"] and not row["members"]]
        served = serving_before(after)
        unserved = [code for code in _grids(after) if not primaries(served.get(code, frozenset()))]
        assert unserved == []


def _grids(view: View) -> list[str]:
    return [grid.code for grid in view.division.tree.at_level(Level.GRID)]


def test_names_are_one_visible_line_and_no_two_grids_share_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "names", now=now)
        for name in ("x" * 61, "up\u202edown", "two\nlines"):
            with pytest.raises(InvalidInput, match="one line"):
                _rename(view, made, plan.id, name, now=now)
        for taken in ("第2网格", "第1网格"):
            with pytest.raises(Conflict, match="already"):
                _rename(view, made, plan.id, taken, now=now)
        assert _rename(view, made, plan.id, "第9网格", now=now).drawing.names == {"G1": "第9网格"}


def test_two_names_of_one_moment_are_the_later_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        for name in ("第9网格", "第10网格"):
            view = made.view(session, now=now)
            plan = store.new_plan(view, name, now=now)
            _rename(view, made, plan.id, name, now=now)
            publish(made.view(session, now=now), plan.id, name, caches=made.caches, now=now)
        after = made.view(session, now=now + timedelta(minutes=1))
        area = after.division.tree.by_code("G1")
        ends = session.scalars(select(AreaName.valid_to).where(AreaName.area_id == area.id)).all()
    assert area.name == "第10网格"
    assert sorted(ends, key=str) == [now, None]


def _rename(view: View, made: World, plan: str, name: str, *, now: datetime) -> store.OpenPlan:
    op = {"op": "rename", "area": "G1", "name": name}
    return plan_service.add_edit(view, plan, op, caches=made.caches, now=now)


def test_more_points_than_a_hand_draws_are_refused_before_anything_is_cut(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "zigzag", now=now)
        line = [[LON + STEP * (place % 2), LAT + STEP * place / 400] for place in range(501)]
        op = {"op": "split", "grid": "G1", "line": {"type": "LineString", "coordinates": line}, "cut": True}
        with pytest.raises(InvalidInput, match="at most 500 points"):
            plan_service.add_edit(view, plan.id, op, caches=made.caches, now=now)


def test_a_published_plan_is_closed_and_says_so(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.paint("G1", (2, 0))
        assert plan_view(scene.view(), scene.opened())["can_undo"]
        scene.publish()
        view = plan_view(scene.view(later=2), scene.opened())
        assert (view["can_undo"], view["can_redo"]) == (False, False)
        with pytest.raises(Conflict, match="this plan has been published"):
            plan_service.undo(scene.view(later=2), scene.plan, caches=scene.made.caches)
