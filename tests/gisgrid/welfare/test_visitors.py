"""Who visits whom: by right, dated, kept in the audit trail, and never lost when a grid changes hands."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.view import Caches, View
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.figures.cards import household_card
from gisgrid.figures.counts import counts_by_cell
from gisgrid.people.core.models import Resident
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.handover_sheets import handover
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.publication.due import hand_over_due
from gisgrid.redraw.transfer.sheet_lines import as_lines
from gisgrid.storage.engine import Database
from gisgrid.welfare.models import AssignedVisitor
from gisgrid.welfare.queries import visitor_card, visits_of
from gisgrid.welfare.rules import VisitorInput, VisitorKind, to_agree_with
from gisgrid.welfare.service import assign_visitor, end_visitor
from tests import world
from tests.world import World

OLD = date(1940, 1, 1)
VOLUNTEER = VisitorInput(kind=VisitorKind.VOLUNTEER, name="志愿者示例")


class Scene:
    """G1 and G2 with a member each; two elders in the cell of G2 that will go to G1, one that stays."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made: World = world.found(session)
        self.members = {
            code: world.add_actor(session, self.made, Role.MEMBER, code) for code in ("G1", "G2", "G3", "G4")
        }
        self.head = world.add_actor(session, self.made, Role.HEAD)
        self.elders: list[Resident] = []
        for column in (2, 3, 0):
            building = world.add_building(session, self.made, column, 0, number=str(column + 1))
            home = world.add_household(session, building, "101")
            self.elders.append(world.add_resident(session, home, OLD))

    def view(self, actor: Actor | None = None, *, later: int = 0) -> View:
        return self.made.view(self.session, actor, now=self.now + timedelta(minutes=later))

    def member(self, code: str) -> VisitorInput:
        return VisitorInput(kind=VisitorKind.WORKER, worker=self.members[code].worker_id)

    def assign(
        self, elder: int, visitor: VisitorInput, actor: Actor | None = None, *, later: int = 0
    ) -> None:
        moment = self.now + timedelta(minutes=later)
        assign_visitor(self.view(actor, later=later), self.elders[elder].id, visitor, now=moment)

    def card(self, elder: int, actor: Actor | None = None, *, later: int = 0) -> dict[str, Any]:
        return visitor_card(self.view(actor, later=later), self.elders[elder].id, now=self.now)

    def painted(self) -> str:
        """A plan by which the first elder's cell goes from G2 to G1."""
        plan = store.new_plan(self.view(), "visitors", now=self.now).id
        op = {"op": "paint", "cells": [world.cell_id(self.session, 2, 0)], "to": "G1"}
        plan_service.add_edit(self.view(), plan, op, caches=self.made.caches, now=self.now)
        return plan

    def publish(self, plan: str, *, later: int = 1, **more: Any) -> None:
        moment = self.now + timedelta(minutes=later)
        view = self.view(later=later)
        publish(view, plan, "shorter ways", caches=self.made.caches, now=moment, **more)


def test_who_visited_until_now_stays_in_the_history(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        assert scene.card(0)["visitor"] is None
        scene.assign(0, VOLUNTEER)
        scene.assign(0, scene.member("G2"), later=1)
        end_visitor(scene.view(later=2), scene.elders[0].id, now=now + timedelta(minutes=2))
        end_visitor(scene.view(later=3), scene.elders[0].id, now=now + timedelta(minutes=3))
        assert scene.card(0, later=1)["visitor"]["worker"] == scene.members["G2"].worker_id
        shown = scene.card(0, later=3)
        entries = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.object_id == scene.elders[0].id)
            .order_by(AuditEntry.id)
        ).all()
    assert shown["visitor"] is None
    assert [(one["kind"], one["name"]) for one in shown["former"]] == [
        ("worker", "member示例"),
        ("volunteer", "志愿者示例"),
    ]
    assert [one for one in entries if one != "visitors:view"] == [
        "visitors:assign",
        "visitors:assign",
        "visitors:end",
    ]


def test_the_same_moment_twice_leaves_one_and_the_same_visitor_again_changes_nothing(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, VOLUNTEER)
        scene.assign(0, scene.member("G2"))
        scene.assign(0, scene.member("G2"), later=1)
        rows = session.scalars(select(AssignedVisitor)).all()
        assert [(row.kind, row.valid_from, row.valid_to) for row in rows] == [("worker", now, None)]
        twice = AssignedVisitor(
            resident_id=scene.elders[0].id, kind="volunteer", name="x", valid_from=now + timedelta(minutes=1)
        )
        session.add(twice)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_rights_go_by_role_and_own_grids(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        staff = world.add_actor(session, scene.made, Role.STAFF, "G2")
        for actor in (scene.head, staff, scene.members["G2"]):
            scene.assign(0, VOLUNTEER, actor)
            assert scene.card(0, actor)["visitor"]["name"] == "志愿者示例"
        elsewhere = world.add_actor(session, scene.made, Role.STAFF, "G1")
        for actor in (elsewhere, scene.members["G1"]):
            for call in (lambda one: scene.assign(0, VOLUNTEER, one), lambda one: scene.card(0, one)):
                with pytest.raises(NotFound):
                    call(actor)
            with pytest.raises(NotFound):
                end_visitor(scene.view(actor), scene.elders[0].id, now=now)
        for role in (Role.LEADER, Role.GRID_LEADER, Role.STEWARD, Role.ORG, Role.ADMIN, Role.EVALUATOR):
            actor = world.add_actor(session, scene.made, role, "G2")
            with pytest.raises(NotAllowed):
                scene.card(0, actor)
            with pytest.raises(NotAllowed):
                scene.assign(0, VOLUNTEER, actor)


def test_who_is_not_to_be_listed_has_no_visitor(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        building = world.add_building(session, scene.made, 1, 0, number="9")
        refused = world.add_household(session, building, "1", consent="refused")
        home = world.add_household(session, building, "2")
        hidden = [
            world.add_resident(session, refused, OLD),
            world.add_resident(session, home, OLD, consent="withdrawn"),
            world.add_resident(session, home, date(2020, 1, 1)),
            world.add_resident(session, home, OLD, lived_from=date(2027, 1, 1)),
        ]
        for one in hidden:
            with pytest.raises(NotFound):
                assign_visitor(scene.view(), one.id, VOLUNTEER, now=now)


def test_a_visitor_is_on_duty_here_or_has_a_name(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        free = scene.head.worker_id  # a worker without a duty
        with pytest.raises(InvalidInput, match="on duty"):
            scene.assign(0, VisitorInput(kind=VisitorKind.WORKER, worker=free))
        choices = {one["id"] for one in scene.card(0)["choices"]}
        assert choices == {one.worker_id for one in scene.members.values()}
        near = [one["near"] for one in scene.card(0)["choices"]]
        assert near == [True, False, False, False]
        assert scene.card(0)["choices"][0]["id"] == scene.members["G2"].worker_id
    for wrong, fields in [
        ({"kind": VisitorKind.WORKER}, ["worker"]),
        ({"kind": VisitorKind.WORKER, "worker": "w", "name": "x"}, ["name"]),
        ({"kind": VisitorKind.VOLUNTEER, "name": " "}, ["name"]),
        ({"kind": VisitorKind.ORGANISATION, "worker": "w"}, ["worker", "name"]),
        ({"kind": VisitorKind.VOLUNTEER, "name": "x" * 81}, ["name"]),
    ]:
        with pytest.raises(InvalidInput) as caught:
            VisitorInput(**wrong)
        assert [fault.field for fault in caught.value.faults] == fields


def test_a_volunteers_name_is_sealed_in_the_row(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, VOLUNTEER)
        kept = session.execute(text("SELECT name FROM assigned_visitor")).scalar_one()
    assert "志愿者".encode() not in bytes(kept)


def test_the_card_of_a_household_tells_visitors_to_those_who_may_know(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, scene.member("G2"))
        home, at = scene.elders[0].household_id, now

        def persons(actor: Actor) -> Any:
            return household_card(scene.view(actor), home, reason=None, now=at)["persons"]

        full, masked = persons(scene.members["G2"]), persons(scene.head)
        assert full[0]["visitor"]["name"] == masked[0]["visitor"]["name"] == "member示例"
        assert masked[0].keys() == {"id", "name", "visitor"}
        grid_leader = world.add_actor(session, scene.made, Role.GRID_LEADER, "G2")
        assert persons(grid_leader) == [{"name": "示例甲"}]
        assert persons(scene.members["G1"]) is None


def test_elders_with_a_visitor_are_counted_as_of_a_day(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, VOLUNTEER)
        scene.assign(1, scene.member("G2"))
        counts = counts_by_cell(scene.view())["with_visitor"]
        assert counts.sum() == 2
        assert counts[world.cell_id(session, 2, 0)] == 1
        end_visitor(scene.view(), scene.elders[0].id, now=now + timedelta(days=1))
        tomorrow = scene.made.view(session, now=now + timedelta(days=2))
        assert counts_by_cell(tomorrow)["with_visitor"].sum() == 1
        day = scene.made.view(session, now=now + timedelta(days=2), as_of=now.date())
        assert counts_by_cell(day)["with_visitor"].sum() == 2


def test_a_plan_tells_how_many_elders_with_a_visitor_change_hands(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        leader = world.add_actor(session, scene.made, Role.LEADER)
        scene.assign(0, scene.member("G2"))
        scene.assign(1, scene.member("G2"))
        opened = store.open_plan(scene.view(), scene.painted(), caches=scene.made.caches)
        before = impact(scene.view(), opened.base, opened.drawing)["moves"]
        hidden = impact(scene.view(leader), opened.base, opened.drawing)["moves"]
        scene.publish(opened.plan.id)
        scene.made.caches = Caches()
        done = store.open_plan(scene.view(later=2), opened.plan.id, caches=scene.made.caches)
        after = impact(scene.view(later=2), done.base, done.drawing)["moves"]
    assert [(row["elders"], row["with_visitor"]) for row in before] == [(1, 1)]
    assert after == before
    assert hidden[0]["with_visitor"] is None
    assert "with_visitor" in hidden[0]["suppressed"]


def _beside(session: Session, elder: Resident) -> Resident:
    """Another elder of the same household."""
    twin = Resident(
        household_id=elder.household_id,
        name="示例乙",
        birth_date=OLD,
        residence_status="registered_here",
        consent="granted",
        lived_from=date(2010, 1, 1),
    )
    session.add(twin)
    session.flush()
    return twin


def test_the_sheet_lists_visitors_and_who_must_agree_before_and_after(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        twin = _beside(session, scene.elders[0])
        scene.assign(0, scene.member("G2"))
        assign_visitor(scene.view(), twin.id, VOLUNTEER, now=now)
        plan, caches = scene.painted(), scene.made.caches
        before = handover(scene.view(), plan, caches=caches, now=now)
        scene.publish(plan)
        after = handover(scene.view(later=2), plan, caches=caches, now=now)
        taker, giver = (
            handover(scene.view(scene.members[code], later=2), plan, caches=caches, now=now)["sheets"][0]
            for code in ("G1", "G2")
        )
        assert before["sheets"] == after["sheets"]
        part = taker["takes"][0]
        names = {
            (one["visitor"]["kind"], one["agree_with"])
            for home in part["buildings"][0]["households"]
            for one in home["names"]
        }
        assert names == {("worker", "member示例"), ("volunteer", None)}
        assert (part["totals"]["with_visitor"], part["totals"]["to_agree"]) == (2, 1)
        assert giver["gives"][0]["totals"]["with_visitor"] is None
        assert "visitor" not in str(giver["gives"][0]["buildings"])
        line = next(one for one in as_lines(after) if one["kind"] == "household")
        assert sorted(line["visitors"]) == ["member示例", "志愿者示例"]
        assert line["agree_with"] == ["member示例"]
        # The old visitor stays until somebody says otherwise, and saying it once settles it.
        kept = visits_of(scene.view(later=2), [scene.elders[0].id])[scene.elders[0].id]
        assert (kept.worker, kept.agreeing) == (
            scene.members["G2"].worker_id,
            scene.members["G1"].worker_id,
        )
        assert kept.until is None
        scene.assign(0, scene.member("G2"), scene.members["G1"], later=3)
        settled = scene.card(0, later=4)["visitor"]
        assert (settled["worker"], settled["agree_with"]) == (scene.members["G2"].worker_id, None)
        counted = session.scalar(
            select(func.sum(AuditEntry.count)).where(AuditEntry.action == "visitors:hand_over")
        )
    assert counted == 1


def test_a_plan_that_waits_hands_visitors_over_on_its_day(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, scene.member("G2"))
        plan, elder = scene.painted(), scene.elders[0].id
        before = handover(scene.view(), plan, caches=scene.made.caches, now=now)["sheets"]
        scene.publish(plan, effective=date(2026, 12, 1))
        waiting = handover(scene.view(later=2), plan, caches=scene.made.caches, now=now)["sheets"]
        assert waiting == before
        assert visits_of(scene.view(later=2), [elder])[elder].agreeing is None
        day = now + timedelta(days=10)
        hand_over_due(scene.made.view(session, now=day), now=day)
        session.expire_all()
        view = scene.made.view(session, now=day)
        assert visits_of(view, [elder])[elder].agreeing == scene.members["G1"].worker_id
        assert handover(view, plan, caches=scene.made.caches, now=day)["sheets"] == before


def test_going_back_asks_nobody_to_agree(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, scene.member("G2"))
        scene.publish(scene.painted())
        back = store.new_plan(scene.view(later=2), "back", now=now).id
        op = {"op": "paint", "cells": [world.cell_id(session, 2, 0)], "to": "G2"}
        plan_service.add_edit(scene.view(later=2), back, op, caches=scene.made.caches, now=now)
        scene.publish(back, later=3)
        shown = scene.card(0, later=4)["visitor"]
    assert (shown["worker"], shown["agree_with"]) == (scene.members["G2"].worker_id, None)


WORKERS = st.sampled_from(["a", "b", "c"])
ANYBODY = st.none() | WORKERS


@given(WORKERS, ANYBODY, st.lists(st.tuples(ANYBODY, ANYBODY), max_size=6))
def test_who_must_agree_is_never_the_visitor_and_always_a_taker(
    visitor: str, agreeing: str | None, hands: list[tuple[str | None, str | None]]
) -> None:
    agreeing = None if agreeing == visitor else agreeing
    for giver, taker in hands:
        wanted = to_agree_with(visitor, agreeing, giver=giver, taker=taker)
        assert wanted in {None, agreeing, taker}
        assert wanted != visitor
        if giver == visitor and taker is not None and taker != giver:
            assert wanted == taker
        assert to_agree_with(visitor, wanted, giver=taker, taker=taker) == wanted
        agreeing = wanted


def test_a_look_at_the_past_shows_who_visited_then(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.assign(0, VOLUNTEER)
        later = now + timedelta(days=3)
        assign_visitor(scene.made.view(session, now=later), scene.elders[0].id, scene.member("G2"), now=later)
        then = scene.made.view(session, now=later, as_of=now.date())
        shown = visitor_card(then, scene.elders[0].id, now=later)
    assert shown["visitor"]["kind"] == "volunteer"
    assert shown["former"] == []
