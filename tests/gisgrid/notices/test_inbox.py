"""Who is told what of a plan, in which words, and who is not; what an account has read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Account, AccountScope, Role
from gisgrid.areas.models import AreaName
from gisgrid.areas.view import View, ViewRequest, open_view
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.notices.inbox import count_unread, find_notice, list_notices, mark_all_read, mark_read
from gisgrid.redraw import service as plan_service
from gisgrid.redraw import submission
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.models import Notice
from gisgrid.redraw.publication import publish
from gisgrid.redraw.withdrawal import withdraw
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

GIVE = {"op": "transfer", "grid": "G2", "to": "C2"}
REASON = "张三家住得远,电话 13900000000"


@dataclass
class Scene:
    """C1 and C2 in the subdistrict S1, and accounts by a short name each."""

    session: Session
    now: datetime
    made: World = field(init=False)
    beside: str = field(init=False)
    people: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = world.found(self.session)
        self.beside = world.found_beside(self.session, self.made)
        for column in range(4):
            building = world.add_building(self.session, self.made, column, 0, number=str(column + 1))
            home = world.add_household(self.session, building, "101")
            world.add_resident(self.session, home, date(1950, 1, 1), name="示例甲")

    def area(self, code: str) -> str:
        known = {"C1": self.made.community, "C2": self.beside} | self.made.areas
        found = known.get(code) or self.session.scalar(
            select(AreaName.area_id).where(AreaName.code == code, AreaName.valid_to.is_(None))
        )
        assert found is not None
        return found

    def add(self, name: str, role: Role, *codes: str) -> None:
        """An account whose scope names areas, as it is loaded when it logs in."""
        account = Account(id=new_id(), name=name, role=role, created_at=world.START)
        self.session.add(account)
        self.session.flush()
        for code in codes:
            self.session.add(AccountScope(id=new_id(), account_id=account.id, area_id=self.area(code)))
        self.session.flush()
        loaded = load_actor(self.session, account.id, now=self.now)
        assert loaded is not None
        self.people[name] = loaded

    def add_member(self, name: str, code: str, *, primary: bool = True) -> None:
        """An account of a member with a duty for a grid."""
        self.people[name] = world.add_actor(self.session, self.made, Role.MEMBER, code, primary=primary)

    def view(self, who: str | None = None, later: int = 0) -> View:
        actor = self.people[who] if who else self.made.actor
        now = self.now + timedelta(minutes=later)
        return open_view(
            self.session, actor, ViewRequest(community="C1"), caches=self.made.caches, now=now, tz=TZ
        )

    def draw(self, who: str, *ops: dict[str, Any], name: str = "调整") -> str:
        plan = store.new_plan(self.view(who), name, now=self.now).id
        for op in ops:
            self.edit(who, plan, op)
        return plan

    def edit(self, who: str, plan: str, op: dict[str, Any]) -> None:
        plan_service.add_edit(self.view(who), plan, op, caches=self.made.caches, now=self.now)

    def paint(self, to: str, *places: tuple[int, int]) -> dict[str, Any]:
        return {"op": "paint", "cells": [world.cell_id(self.session, *one) for one in places], "to": to}

    def submit(self, who: str, plan: str) -> None:
        submission.submit(self.view(who), plan, "please", caches=self.made.caches, now=self.now)

    def publish(self, who: str | None, plan: str, *, later: int = 1, **more: Any) -> None:
        now = self.now + timedelta(minutes=later)
        publish(self.view(who, later), plan, REASON, caches=self.made.caches, now=now, **more)

    def told(self) -> dict[str, list[str]]:
        """Kinds of the notices to each account, the first one first."""
        names = {actor.account_id: name for name, actor in self.people.items()}
        found: dict[str, list[str]] = {}
        rows = self.session.execute(select(Notice.account_id, Notice.kind).order_by(Notice.at, Notice.id))
        for account, kind in rows:
            found.setdefault(names.get(account, "somebody else"), []).append(kind)
        return found

    def rows(self, who: str, *, later: int = 10, **more: Any) -> list[dict[str, Any]]:
        now = self.now + timedelta(minutes=later)
        return list_notices(self.session, self.people[who], now=now, tz=TZ, **more)

    def messages(self, who: str) -> list[str]:
        return [str(row["message"]) for row in self.rows(who)]


def _everybody(scene: Scene) -> None:
    """Accounts of every kind a plan could concern, and of those it doesn't."""
    for name, role, codes in [
        ("drafter", Role.STAFF, ("G1",)),
        ("near", Role.STAFF, ("G2",)),
        ("far", Role.STAFF, ("G4",)),
        ("head", Role.HEAD, ("C1",)),
        ("second", Role.HEAD, ("C1",)),
        ("leader", Role.LEADER, ("S1",)),
        ("leader-here", Role.LEADER, ("C1",)),
        ("their-head", Role.HEAD, ("C2",)),
        ("their-staff", Role.STAFF, ("H1",)),
        ("admin", Role.ADMIN, ("C1",)),
        ("resident", Role.RESIDENT, ("C1",)),
    ]:
        scene.add(name, role, *codes)
    for name, code, primary in [
        ("m1", "G1", True),
        ("m2", "G2", True),
        ("co2", "G2", False),
        ("m4", "G4", True),
    ]:
        scene.add_member(name, code, primary=primary)


def test_a_plan_of_staff_waits_for_the_heads_and_its_neighbours_know(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)), name="并楼")
        assert scene.told() == {}
        scene.submit("drafter", plan)
        assert scene.told() == {"near": ["submitted"], "head": ["to_approve"], "second": ["to_approve"]}
        assert scene.messages("near") == [
            "drafter has submitted the plan 并楼, which changes your grids 第2网格"
        ]
        assert scene.messages("head") == [
            "drafter asks you to approve the plan 并楼, which changes 第1网格, 第2网格"
        ]
        row = scene.rows("head")[0]
        assert (row["grids"], row["leads_to"], row["community"]) == (["G1", "G2"], "plan", "C1")


def test_drafters_are_told_what_becomes_of_their_plan(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.edit("far", plan, {"op": "rename", "area": "G1", "name": "南一网格"})
        submission.comment(scene.view("drafter"), plan, "看一下", now=now)
        assert scene.told() == {"far": ["commented"]}
        submission.comment(scene.view("leader"), plan, REASON, now=now + timedelta(seconds=1))
        scene.submit("drafter", plan)
        submission.send_back(scene.view("head"), plan, REASON, now=now + timedelta(minutes=1))
        scene.submit("far", plan)
        approved = now + timedelta(minutes=2)
        submission.approve(scene.view("second"), plan, "", caches=scene.made.caches, now=approved)
        scene.publish("drafter", plan, later=3)
        told = scene.told()
        assert sorted(told["drafter"]) == ["approved", "commented", "returned"]
        assert sorted(told["far"]) == ["approved", "commented", "commented", "own_published", "returned"]
        assert scene.messages("far")[0].startswith("drafter has published your plan 调整, which changes ")
        assert f"head has returned your plan 调整: {REASON}" in scene.messages("drafter")
        assert "leader has commented on your plan 调整" in scene.messages("drafter")
        assert [row["kind"] for row in scene.rows("far")][:2] == ["own_published", "approved"]


def test_a_plan_a_head_drew_goes_to_the_other_heads_and_to_leaders(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.edit("head", plan, {"op": "rename", "area": "G1", "name": "南一网格"})
        scene.submit("drafter", plan)
        asked = {name for name, kinds in scene.told().items() if kinds == ["to_approve"]}
        assert asked == {"second", "leader", "leader-here"}


def test_who_is_asked_to_approve_is_exactly_who_may(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        scene.add("gone", Role.HEAD, "C1")
        gone = session.get(Account, scene.people["gone"].account_id)
        assert gone is not None
        gone.disabled_at = now
        ring = [
            list(place) for place in shapely.box(LON, LAT, LON + 3 * STEP, LAT + 4 * STEP).exterior.coords
        ]
        smaller = {"op": "outline", "polygon": {"type": "Polygon", "coordinates": [ring]}}
        for op in (scene.paint("G3", (2, 2)), GIVE, smaller):
            plan = scene.draw("head", op, name=str(op["op"]))
            scene.submit("head", plan)
            found = store.find_plan(scene.view(), plan)
            asked = set(
                session.scalars(
                    select(Notice.account_id).where(Notice.plan_id == plan, Notice.kind == "to_approve")
                )
            )
            may = {
                actor.account_id
                for name, actor in scene.people.items()
                if name not in {"gone", "their-head", "their-staff"}
                and "approve" in decisions.allowed(scene.view(name), found)
            }
            assert asked == may
            assert asked, op["op"]


def test_the_community_a_grid_comes_to_is_told_on_submit_and_on_publish(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("head", GIVE, name="划出")
        scene.submit("head", plan)
        told = scene.told()
        assert told == {
            "leader": ["to_approve"],
            "second": ["submitted"],
            "near": ["submitted"],
            "their-head": ["arriving"],
            "their-staff": ["arriving"],
        }
        assert scene.messages("their-staff") == [
            "head has submitted the plan 划出, which gives 第2网格 to your community"
        ]
        # Nobody there may open a plan of the other community.
        assert scene.rows("their-head")[0]["leads_to"] is None
        scene.publish("leader", plan)
        later = scene.told()
        assert later["their-head"] == later["their-staff"] == ["arriving", "arrived"]
        assert later["head"] == ["own_published"]
        assert later["m2"] == later["co2"] == ["published"]
        assert "m1" not in later
        assert "leader-here" not in later
        row = scene.rows("their-head")[0]
        assert str(row["message"]) == "the plan 划出 has been published: it gives 第2网格 to your community"
        assert (row["leads_to"], row["community"]) == ("history", "C2")


def test_members_are_told_of_changed_grids_with_their_own_sheet(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.publish("head", plan)
        told = scene.told()
        assert told == {
            "drafter": ["own_published"],
            "near": ["published"],
            "m1": ["published"],
            "m2": ["published"],
            "co2": ["published"],
        }
        leads = {name: scene.rows(name)[0]["leads_to"] for name in told}
        assert leads == {"drafter": "plan", "near": "plan", "m1": "handover", "m2": "handover", "co2": None}
        assert scene.messages("co2") == ["the plan 调整 has been published: it changes your grids 第2网格"]


def test_old_and_new_members_of_grids_that_close_open_or_change_hands_are_told(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        scene.add_member("new", "G3")
        worker = scene.people["new"].worker_id
        duty = {"op": "duty", "area": "G4", "worker": worker, "kind": "grid_member", "primary": True}
        plan = scene.draw(
            "drafter", {"op": "merge", "grids": ["G1", "G2"], "keep": "G1"}, duty | {"replace": True}
        )
        scene.publish("head", plan)
        told = scene.told()
        assert {name for name in told if scene.people[name].role == Role.MEMBER} == {
            *("m1", "m2", "co2"),  # G2 is gone
            *("m4", "new"),  # G4 has another member
        }
        assert all(len(kinds) == 1 for kinds in told.values())
        assert scene.rows("new")[0]["grids"] == ["G4"]


def test_a_plan_that_waits_says_from_when_and_its_withdrawal_reaches_the_same_people(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.publish("head", plan, effective=date(2026, 12, 1))
        assert scene.messages("m2") == [
            "the plan 调整 has been published: it changes your grids 第2网格; in force from 2026-12-01"
        ]
        before = set(scene.told())
        withdraw(scene.view("second", 2), plan, "not yet", now=now + timedelta(minutes=2))
        told = scene.told()
        assert {name for name, kinds in told.items() if kinds[-1] == "withdrawn"} == before
        assert "second" not in told
        assert scene.messages("m2")[0] == "second has withdrawn the plan 调整 before its day came"
        assert scene.rows("m2")[1]["leads_to"] is None


def test_nobody_is_told_of_one_act_twice_or_of_an_own_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        # Head of both communities, holder of the grid by duty and by scope, member of two changed grids.
        scene.add("both", Role.HEAD, "C1", "C2")
        scene.add("twice", Role.STAFF, "G1", "G2", "H1", "C2")
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.submit("drafter", plan)
        scene.publish("both", plan)
        given = scene.draw("head", GIVE, name="划出")
        scene.submit("head", given)
        per_act = session.execute(
            select(Notice.account_id, Notice.note_id, func.count()).group_by(
                Notice.account_id, Notice.note_id
            )
        ).all()
        assert {count for *_rest, count in per_act} == {1}
        assert all(note is not None for _account, note, _count in per_act)
        assert sorted(scene.told()["twice"]) == ["published", "submitted", "submitted"]
        assert scene.rows("twice")[0]["grids"] == ["G1", "G2"]
        assert sorted(scene.told()["both"]) == ["submitted", "to_approve"]


def test_notices_keep_no_words_and_no_people(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        submission.comment(scene.view("head"), plan, REASON, now=now)
        scene.submit("drafter", plan)
        submission.send_back(scene.view("head"), plan, REASON, now=now)
        scene.publish("head", plan)
        kept = str(session.execute(text("SELECT * FROM notice")).all())
        assert "G2" in kept
        said = str([row for name in scene.people for row in _readable(scene, name)])
        for word in ("张三", "13900000000", "示例", "柳岸", "199-0000"):
            assert word not in kept
            # The reason of a return is read from the plan, by its drafters.
            own = [str(row["message"]) for row in scene.rows("drafter") if row["kind"] == "returned"]
            assert word not in said.replace(own[0], "")


def _readable(scene: Scene, name: str) -> list[dict[str, Any]]:
    try:
        return scene.rows(name)
    except NotAllowed:
        return []


def test_the_reason_of_a_return_is_for_those_who_may_still_see_the_plan(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.submit("drafter", plan)
        submission.send_back(scene.view("head"), plan, REASON, now=now)
        assert REASON in scene.messages("drafter")[0]
        scope = session.scalars(
            select(AccountScope).where(AccountScope.account_id == scene.people["drafter"].account_id)
        ).one()
        scope.area_id = scene.beside
        session.flush()
        loaded = load_actor(session, scene.people["drafter"].account_id or "", now=now)
        assert loaded is not None
        scene.people["drafter"] = loaded
        assert scene.messages("drafter") == ["head has returned your plan 调整"]


def test_many_grids_are_counted_not_listed(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", {"op": "renumber"})
        scene.submit("drafter", plan)
        row = session.scalars(
            select(Notice).where(Notice.account_id == scene.people["head"].account_id)
        ).one()
        row.grids = [f"K{number}" for number in range(7)]
        row.names = {"K0": "甲"}
        session.flush()
        assert scene.messages("head")[0].endswith("changes 甲, K1, K2, K3, K4 and 2 more")


def test_reading_one_and_reading_all(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        for minute in range(3):
            moment = now + timedelta(minutes=minute)
            submission.comment(scene.view("head"), plan, "one more", now=moment)
        drafter, other = scene.people["drafter"], scene.people["near"]
        rows = scene.rows("drafter")
        assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
        mark_read(session, drafter, rows[2]["id"], now=now)
        assert find_notice(session, drafter, rows[2]["id"], now=now, tz=TZ)["read_at"] == now
        mark_read(session, drafter, rows[2]["id"], now=now + timedelta(hours=1))
        assert scene.rows("drafter")[2]["read_at"] == now
        assert [row["id"] for row in scene.rows("drafter", unread=True)] == [rows[0]["id"], rows[1]["id"]]
        for act in (mark_read, find_notice):
            more: dict[str, Any] = {"tz": TZ} if act is find_notice else {}
            with pytest.raises(NotFound):
                act(session, other, rows[0]["id"], now=now, **more)
        mark_all_read(session, other, now=now)
        assert count_unread(session, drafter) == 2
        mark_all_read(session, drafter, until=rows[1]["at"], now=now)
        assert [row["id"] for row in scene.rows("drafter", unread=True)] == [rows[0]["id"]]
        mark_all_read(session, drafter, now=now)
        assert count_unread(session, drafter) == 0
        with pytest.raises(NotAllowed):
            scene.rows("resident")


def test_the_list_goes_on_by_pages(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.add("drafter", Role.STAFF, "G1")
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        account = scene.people["drafter"].account_id
        session.add_all(
            Notice(
                id=new_id(),
                account_id=account,
                plan_id=plan,
                kind="commented",
                grids=[],
                at=now + timedelta(seconds=second),
            )
            for second in range(53)
        )
        session.flush()
        pages = [scene.rows("drafter", page=page) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [50, 3, 0]
        moments = [row["at"] for page in pages for row in page]
        assert moments == sorted(moments, reverse=True)


def test_a_notice_of_no_known_kind_is_refused(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        _everybody(scene)
        plan = scene.draw("drafter", scene.paint("G1", (2, 0)))
        scene.submit("drafter", plan)
        assert {kind for kinds in scene.told().values() for kind in kinds} == {"submitted", "to_approve"}
        rows = list_notices(session, scene.people["near"], now=now, tz=TZ)
        assert [str(row["message"]) for row in rows] == [
            "drafter has submitted the plan 调整, which changes your grids 第2网格"
        ]
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text("UPDATE notice SET kind = 'king'"))
