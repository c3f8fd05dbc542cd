"""Streets, water and compounds go along with a grid by where they lie; who sees what of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.errors import NotFound
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.cards import household_card
from gisgrid.figures.history import revision_history
from gisgrid.notices.inbox import list_notices
from gisgrid.places.models import Building, Compound, Household, Landscape, Street
from gisgrid.places.queries import basemap
from gisgrid.redraw.handover_sheets import handover
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.restoration import restore
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.gisgrid.redraw.test_transfers import GIVE, answers, drawn, lived_in, view_of
from tests.world import LAT, LON, STEP, TZ, World


def _line(*places: tuple[float, float]) -> BaseGeometry:
    return shapely.LineString([(LON + x * STEP, LAT + y * STEP) for x, y in places])


def _add_street(session: Session, made: World, name: str, *places: tuple[float, float]) -> None:
    row = Street(id=new_id(), community_id=made.community, name=name, kind="residential", geom=_line(*places))
    session.add(row)
    session.flush()


def _add_land(session: Session, made: World, name: str, box: tuple[float, float, float, float]) -> None:
    west, south, east, north = box
    shape = shapely.box(LON + west * STEP, LAT + south * STEP, LON + east * STEP, LAT + north * STEP)
    session.add(Landscape(id=new_id(), community_id=made.community, kind="water", name=name, geom=shape))
    session.flush()


def _base_map(view: View) -> dict[str, float]:
    """Length or area of each named thing of the base map, in steps of cells."""
    found: dict[str, float] = {}
    for shape, told in basemap(view):
        size = shapely.area(shape) / STEP**2 if told["kind"] == "water" else shapely.length(shape) / STEP
        found[told["name"]] = round(found.get(told["name"], 0.0) + size, 3)
    return found


def _furnished(session: Session, made: World) -> None:
    """Streets and water in G2 (columns 2 and 3 of rows 0 and 1), across its border, along it, elsewhere."""
    _add_street(session, made, "inside", (2.2, 0.5), (3.8, 0.5))
    _add_street(session, made, "across", (1.0, 1.5), (3.0, 1.5))
    _add_street(session, made, "stays", (0.2, 3.0), (1.8, 3.0))
    _add_street(session, made, "along the new border", (2.0, 0.0), (2.0, 2.0))
    _add_street(session, made, "along the old border", (4.0, 0.0), (4.0, 2.0))
    _add_street(session, made, "touches", (1.0, 0.7), (2.02, 0.7))
    _add_land(session, made, "pond", (2.2, 0.2, 2.4, 0.4))
    _add_land(session, made, "river", (1.5, 0.9, 3.5, 1.1))


def _publish(session: Session, made: World, plan: str, now: datetime) -> None:
    publish(view_of(session, made, "C1", now), plan, "nearer to them", caches=made.caches, now=now)
    made.caches = Caches()


def test_streets_and_water_go_whole_or_are_cut_at_the_new_border(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, beside = lived_in(session, now)
        _furnished(session, made)
        before = _base_map(view_of(session, made, "C1", now))
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        rows = plan_findings(view_of(session, made, "C1", now), opened.base, opened.drawing)
        said = [str(row["message"]) for row in rows if row["rule"] == "G10"]
        assert said[1] == "2 streets, waters or greens would be cut at the new border: across, river"
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        here, there = (_base_map(view_of(session, made, code, later)) for code in ("C1", "C2"))
        assert here.keys() == {"across", "stays", "along the new border", "touches", "river"}
        assert there.keys() == {"inside", "across", "along the old border", "pond", "river"}
        for name, size in before.items():
            assert here.get(name, 0) + there.get(name, 0) == pytest.approx(size, abs=0.002)
        assert here["across"] == pytest.approx(1.0, abs=0.01)
        assert there["river"] == pytest.approx(0.3, abs=0.01)
        kinds = set(session.scalars(select(Street.kind).where(Street.community_id == beside)))
        assert kinds == {"residential"}
        shapes = session.scalars(select(Street.geom).where(Street.name == "across")).all()
        assert len(shapes) == 2
        assert all(shape.geom_type == "LineString" for shape in shapes)


def test_a_compound_is_a_place_that_may_lie_in_two_communities(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, beside = lived_in(session, now)
        world.add_building(session, made, 3, 1, compound="东岸小区", number="90")
        world.add_building(session, made, 2, 1, compound="东岸小区", number="91")
        world.add_building(session, made, 1, 1, compound="东岸小区", number="92")
        world.add_building(session, made, 3, 0, compound="河东里", number="93")
        kept = answers(session, made, now)
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        rows = plan_findings(view_of(session, made, "C1", now), opened.base, opened.drawing)
        warned = {str(row["message"]) for row in rows if row["rule"] == "G10" and row["level"] == "warn"}
        assert warned == {
            "the compound 东岸小区 would lie in two communities: 2 of its 3 buildings go",
            "the compound 柳岸新村 would lie in two communities: 4 of its 16 buildings go",
        }
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        owners = dict(session.execute(select(Compound.name, Compound.community_id)).all())
        assert owners == {"柳岸新村": made.community, "东岸小区": beside, "河东里": beside}
        named = session.scalars(select(Building.id).where(Building.compound_id.is_(None))).all()
        assert named == []
        here, there = (
            area_figures(view_of(session, made, code, later), Level.COMPOUND) for code in ("C1", "C2")
        )
        assert list(here["code"]) == ["东岸小区", "柳岸新村"]
        assert list(there["code"]) == ["东岸小区", "柳岸新村", "河东里"]
        assert answers(session, made, later) == kept


def test_a_compound_of_the_same_name_there_stays_a_place_of_its_own(
    spatialite: Database, now: datetime
) -> None:
    with spatialite.write() as session:
        made, beside = lived_in(session, now)
        world.add_building(session, made, 3, 0, compound="河东里", number="93")
        session.add(Compound(id=new_id(), community_id=beside, name="河东里"))
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        found = session.execute(
            select(Compound.community_id, func.count())
            .where(Compound.name == "河东里")
            .group_by(Compound.community_id)
        ).all()
        assert sorted(found) == sorted([(made.community, 1), (beside, 1)])


def _card(
    session: Session, actor: Actor, code: str, home: str, now: datetime, *, caches: Caches
) -> dict[str, Any]:
    view = open_view(session, actor, ViewRequest(community=code), caches=caches, now=now, tz=TZ)
    return household_card(view, home, reason="核对", now=now)


def test_who_sees_the_households_afterwards(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, beside = lived_in(session, now)
        member = world.add_actor(session, made, Role.MEMBER, "G2")
        stays = world.add_actor(session, made, Role.MEMBER, "G1")
        head = world.add_actor(session, made, Role.HEAD, "C1")
        made.areas["C2"] = beside
        their_head = world.add_actor(session, made, Role.HEAD, "C2")
        cell = world.cell_id(session, 3, 0)
        home = session.scalars(select(Household.id).where(Household.cell_id == cell)).one()
        assert _card(session, head, "C1", home, now, caches=made.caches)["persons"]
        assert _card(session, member, "C1", home, now, caches=made.caches)["persons"]
        for actor, code in ((their_head, "C2"), (their_head, "C1"), (stays, "C2")):
            with pytest.raises(NotFound):
                _card(session, actor, code, home, now, caches=made.caches)
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        there = view_of(session, made, "C2", later)
        new = there.division.tree.by_code("H2").id
        went = replace(member, areas=frozenset({new}))
        card = _card(session, went, "C2", home, later, caches=made.caches)
        assert card["persons"][0]["name"] == "示例甲"
        assert card["grid"]["code"] == "H2"
        assert _card(session, their_head, "C2", home, later, caches=made.caches)["persons"]
        # Neither whoever gave it away nor an account that still names the closed grid.
        for actor, code in ((head, "C1"), (stays, "C1"), (member, "C1"), (head, "C2"), (stays, "C2")):
            with pytest.raises(NotFound):
                _card(session, actor, code, home, later, caches=made.caches)
        kept = session.scalars(
            select(AuditEntry.account_id).where(AuditEntry.object_id == home, AuditEntry.at >= later)
        ).all()
        assert set(kept) == {went.account_id, their_head.account_id}


def test_both_sides_have_a_sheet_of_what_went(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, beside = lived_in(session, now)
        member = world.add_actor(session, made, Role.MEMBER, "G2")
        head = world.add_actor(session, made, Role.HEAD, "C1")
        made.areas["C2"] = beside
        their_head = world.add_actor(session, made, Role.HEAD, "C2")
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        before = handover(made.view(session, head, now=now), opened.plan.id, caches=made.caches, now=now)
        assert before["sheets"][0]["gives"][0]["totals"]["households"] == 4
        with pytest.raises(NotFound):
            _sheets(session, made, their_head, "C2", opened.plan.id, now)
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        given = _sheets(session, made, head, "C1", opened.plan.id, later)
        part = given["sheets"][0]["gives"][0]
        assert (part["community"], part["buildings"], part["cases"]) == ("邻近社区", [], [])
        assert part["totals"]["households"] == 4
        assert part["totals"]["elders"] is None
        assert "示例甲" not in str(given)
        taken = _sheets(session, made, their_head, "C2", opened.plan.id, later)
        assert [sheet["member"] for sheet in taken["sheets"]] == ["member示例"]
        for code in ("C1", "C2"):
            rows = revision_history(view_of(session, made, code, later))
            assert [row["changes"]["outline"] for row in rows] == [True, False]
        part = taken["sheets"][0]["takes"][0]
        assert (part["from"], part["to"], part["community"]) == ("G2", "H2", "示例社区")
        assert part["totals"]["households"] == part["totals"]["elders"] == 4
        assert [len(one["households"]) for one in part["buildings"]] == [1, 1, 1, 1]
        assert len(part["cases"]) == 1
        assert "示例甲" not in str(taken)
        new = view_of(session, made, "C2", later).division.tree.by_code("H2").id
        mine = _sheets(session, made, replace(member, areas=frozenset({new})), "C2", opened.plan.id, later)
        assert "示例甲" in str(mine)
        far = world.add_actor(session, made, Role.HEAD, "C2")
        elsewhere = replace(far, areas=frozenset({new_id()}))
        with pytest.raises(NotFound):
            _sheets(session, made, elsewhere, "C2", opened.plan.id, later)


def test_a_grid_that_nobody_serves_has_a_sheet_too(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made, beside = lived_in(session, now)
        head = world.add_actor(session, made, Role.HEAD, "C1")
        made.areas["C2"] = beside
        their_head = world.add_actor(session, made, Role.HEAD, "C2")
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        given = _sheets(session, made, head, "C1", opened.plan.id, later)["sheets"]
        taken = _sheets(session, made, their_head, "C2", opened.plan.id, later)["sheets"]
        assert [part["totals"]["households"] for sheet in given for part in sheet["gives"]] == [4]
        assert [part["totals"]["households"] for sheet in taken for part in sheet["takes"]] == [4]


def _sheets(
    session: Session, made: World, actor: Actor, code: str, plan: str, now: datetime
) -> dict[str, Any]:
    view = open_view(session, actor, ViewRequest(community=code), caches=made.caches, now=now, tz=TZ)
    return handover(view, plan, caches=made.caches, now=now)


def test_the_notice_of_a_member_who_goes_along_leads_to_the_sheet_there(
    spatialite: Database, now: datetime
) -> None:
    with spatialite.write() as session:
        made, _beside = lived_in(session, now)
        member = world.add_actor(session, made, Role.MEMBER, "G2")
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        new = view_of(session, made, "C2", later).division.tree.by_code("H2").id
        went = replace(member, areas=frozenset({new}))
        row = list_notices(session, went, now=later, tz=TZ)[0]
        assert (row["kind"], row["leads_to"], row["community"]) == ("published", "handover", "C2")


def test_restoring_there_and_a_plan_begun_before_keep_both_whole(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, _beside = lived_in(session, now)
        _furnished(session, made)
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        begun = drawn(view_of(session, made, "C1", now), made, {"op": "rename", "area": "G1", "name": "南一"})
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        kept = answers(session, made, later)
        rebased = store.open_plan(view_of(session, made, "C1", later), begun.plan.id, caches=made.caches)
        assert set(rebased.drawing.ground.grids) == {"G1", "G3", "G4"}
        _publish(session, made, begun.plan.id, later)
        after = now + timedelta(minutes=3)
        restored = restore(view_of(session, made, "C2", after), 1, caches=made.caches, now=after).plan
        _publish_in(session, made, "C2", restored.id, after)
        end = now + timedelta(minutes=4)
        assert [
            fault for fault in check_database(session, made.actor, at=end).faults if fault.rule != "multipart"
        ] == []
        assert answers(session, made, end) == kept


def test_a_grid_goes_there_and_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, _beside = lived_in(session, now)
        _furnished(session, made)
        before = _base_map(view_of(session, made, "C1", now))
        opened = drawn(view_of(session, made, "C1", now), made, GIVE)
        _publish(session, made, opened.plan.id, now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        kept = answers(session, made, later)
        back = drawn(view_of(session, made, "C2", later), made, {"op": "transfer", "grid": "H2", "to": "C1"})
        _publish_in(session, made, "C2", back.plan.id, later)
        end = now + timedelta(minutes=3)
        # What lies on the border of both stays with whom it is.
        left = {"along the old border": before.pop("along the old border")}
        assert _base_map(view_of(session, made, "C1", end)) == pytest.approx(before, abs=0.002)
        assert _base_map(view_of(session, made, "C2", end)) == pytest.approx(left, abs=0.002)
        assert set(session.scalars(select(Compound.community_id))) == {made.community}
        assert answers(session, made, end) == kept
        assert [
            fault for fault in check_database(session, made.actor, at=end).faults if fault.rule != "multipart"
        ] == []


def _publish_in(session: Session, made: World, code: str, plan: str, now: datetime) -> None:
    publish(view_of(session, made, code, now), plan, "as before", caches=made.caches, now=now)
    made.caches = Caches()
