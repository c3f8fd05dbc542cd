"""A new case is told to those who must act on it, on both databases, and to nobody more than they may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.accounts import NewAccount, create_account, set_role
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, load_actor, may
from gisgrid.access.administration import let_instruct
from gisgrid.access.models import Account, AccountScope, Duty, DutyKind, Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseNotice, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import CaseState, Severity
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.disputes.models import MEDIATION
from gisgrid.cases.escalation import escalate_due
from gisgrid.cases.intake.group_messages import Pasted, keep_pasted
from gisgrid.cases.intake.imported_case import ImportedCase
from gisgrid.cases.intake.imports import save_cases
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.mediation.clues import Clue, report_clue
from gisgrid.cases.steps import take
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.notices.inbox import list_notices
from gisgrid.positions.pins import Pin
from gisgrid.positions.service import set_pin, undo_pin
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

HOUR = timedelta(hours=1)


class Scene:
    """A community with somebody of every capacity, and who is told what."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.actors: dict[str, Actor] = {}

    def add(self, name: str, role: Role, *areas: str, primary: bool = True) -> Actor:
        self.actors[name] = world.add_actor(self.session, self.made, role, *areas, primary=primary)
        return self.actors[name]

    def scoped(self, name: str, role: Role, area: str | None = None, *, instructs: bool = False) -> Actor:
        """An account with a scope instead of a duty: of a leader that of the community."""
        made = self.add(name, role)
        area_id = self.made.areas[area] if area else self.made.community
        self.session.add(AccountScope(account_id=made.account_id, area_id=area_id))
        own = update(Account).where(Account.id == made.account_id)
        self.session.execute(own.values(may_instruct=instructs))
        self.actors[name] = replace(made, areas=frozenset({area_id}), instructs=instructs)
        return self.actors[name]

    def people(self) -> None:
        """Everybody there can be."""
        self.add("head", Role.HEAD, "C1")
        self.add("staff", Role.STAFF, "G1")
        self.add("staff2", Role.STAFF, "G2")
        self.add("member", Role.MEMBER, "G1")
        self.add("second", Role.MEMBER, "G1", primary=False)
        self.add("other", Role.MEMBER, "G2")
        self.scoped("grid_leader", Role.GRID_LEADER, "G1")
        self.scoped("leader", Role.LEADER)
        self.scoped("instructs", Role.LEADER, instructs=True)
        self.add("admin", Role.ADMIN)
        self.add("resident", Role.RESIDENT)

    def view(self, name: str) -> View:
        return self.made.view(self.session, self.actors[name], now=self.now)

    def report(self, by: str | None = None, **changes: Any) -> Case:
        spot = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP}
        command = ReportCase(**{"category": "garbage", "description": "甲与乙", **spot, **changes})
        actor = self.actors[by] if by else Actor()
        caches = self.made.caches
        return report(self.session, actor, command, caches=caches, now=self.now, tz=TZ).case

    def told(self) -> dict[str, list[str]]:
        """By name what each account was told; nothing of those who were told nothing."""
        names = {one.account_id: name for name, one in self.actors.items()}
        rows = self.session.execute(
            select(CaseNotice.account_id, CaseNotice.kind).order_by(CaseNotice.at, CaseNotice.id)
        )
        found: dict[str, list[str]] = {}
        for account, kind in rows:
            found.setdefault(names[account], []).append(kind)
        return found

    def notice(self, name: str) -> dict[str, Any]:
        """What an account reads, where it was told one thing."""
        (row,) = list_notices(self.session, self.actors[name], now=self.now, tz=TZ)
        return row


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


@pytest.mark.parametrize("source", ["web", "hotline", "wechat", "open311", "patrol"])
def test_a_new_case_is_told_to_all_on_duty_for_its_grid(scene: Scene, source: str) -> None:
    scene.people()
    case = scene.report(source=source, by="head")
    assert scene.told() == {one: ["reported"] for one in ("member", "second", "staff", "grid_leader")}
    row = scene.notice("member")
    assert (row["leads_to"], row["case"]) == ("case", case.id)
    assert row["message"] == f"a new case was reported: {case.number} (garbage)"


def test_a_pasted_message_and_a_clue_of_a_dispute_are_told_like_a_report(scene: Scene) -> None:
    scene.people()
    building = world.add_building(scene.session, scene.made, 0, 0)
    home, caches = world.add_household(scene.session, building, "101"), scene.made.caches
    view = scene.view("head")
    message = Pasted(category="garbage", description="满了", address=home.std_address)
    keep_pasted(view, message, caches=caches, key="k", now=scene.now, tz=TZ)
    assert scene.told() == {one: ["reported"] for one in ("member", "second", "staff", "grid_leader")}
    disputes = update(Category).where(Category.code == "dispute")
    scene.session.execute(disputes.values(skill=MEDIATION))
    clue = Clue(category="dispute", building=building.id, text="甲与乙争吵")
    report_clue(view, clue, caches=caches, now=scene.now, tz=TZ)
    assert [len(scene.told()[one]) for one in ("member", "second", "staff", "grid_leader")] == [2, 2, 2, 1]
    rows = list_notices(scene.session, scene.actors["member"], now=scene.now, tz=TZ)
    assert "争吵" not in str(rows)


def test_who_reported_it_knows_it_already(scene: Scene) -> None:
    scene.people()
    scene.report(by="member")
    assert scene.told() == {one: ["reported"] for one in ("second", "staff", "grid_leader")}


def test_of_a_confidential_case_grid_leaders_and_leaders_learn_nothing(scene: Scene) -> None:
    scene.people()
    case = scene.report(category="dispute")
    assert scene.told() == {one: ["reported"] for one in ("member", "second", "staff")}
    take(scene.view("member"), case.id, CaseAction.ESCALATE, StepInput(reason="请社区协调"), now=scene.now)
    take(scene.view("member"), case.id, CaseAction.ESCALATE, StepInput(reason="请街道出面"), now=scene.now)
    assert scene.told()["head"] == ["escalated"]
    assert scene.told()["instructs"] == ["escalated"]
    assert "leader" not in scene.told()
    assert case_card(scene.view("instructs"), case.id, now=scene.now)["number"] == case.number


def add_steward(scene: Scene) -> str:
    """Somebody who serves a building; its id."""
    building = world.add_building(scene.session, scene.made, 0, 0)
    steward = scene.add("steward", Role.STEWARD)
    scene.session.add(
        Duty(
            worker_id=steward.worker_id or "",
            building_id=building.id,
            kind=DutyKind.BUILDING_STEWARD,
            valid_from=world.START,
        )
    )
    scene.session.flush()
    return building.id


def test_the_steward_of_the_building_is_told(scene: Scene) -> None:
    scene.people()
    building = add_steward(scene)
    scene.report()
    assert "steward" not in scene.told()
    scene.report(building=building)
    assert scene.told()["steward"] == ["reported"]
    scene.report(building=building, category="dispute")
    assert scene.told()["steward"] == ["reported"]


@pytest.mark.parametrize("category", ["garbage", "dispute"])
def test_an_emergency_is_told_to_all_who_must_act(scene: Scene, category: str) -> None:
    scene.people()
    case = scene.report(category=category, severity=Severity.EMERGENCY)
    acting = {"member", "second", "staff", "head", "instructs", "leader"}
    assert scene.told().keys() == acting | ({"grid_leader"} if category == "garbage" else set())
    assert {kind for kinds in scene.told().values() for kind in kinds} == {"emergency"}
    row = scene.notice("instructs")
    assert row["message"] == f"an emergency was reported: case {case.number} ({category})"
    assert case_card(scene.view("instructs"), case.id, now=scene.now)["number"] == case.number
    rows, _total = list_cases(scene.view("instructs"), CaseSearch(), now=scene.now)
    assert case.id in {one["id"] for one in rows}


def test_other_leaders_learn_that_there_is_one_where_and_whom_to_call(scene: Scene) -> None:
    scene.people()
    case = scene.report(category="dispute", severity=Severity.EMERGENCY)
    row = scene.notice("leader")
    assert row["message"] == "an emergency was reported in 示例社区; call leader示例 0527-80000000"
    assert (row["leads_to"], row["case"], row["community"], row["name"]) == (None, None, None, "示例社区")
    assert not {case.number, case.id, "dispute"} & set(map(str, row.values()))
    with pytest.raises(NotFound):
        case_card(scene.view("leader"), case.id, now=scene.now)
    case.category_code = "garbage"
    scene.session.flush()
    told = (
        f"an emergency was reported in 示例社区: case {case.number} (garbage); call leader示例 0527-80000000"
    )
    assert scene.notice("leader")["message"] == told


def test_without_anybody_who_instructs_the_community_is_called(scene: Scene) -> None:
    scene.scoped("leader", Role.LEADER)
    scene.add("head", Role.HEAD, "C1")
    scene.report(category="dispute", severity=Severity.EMERGENCY)
    assert scene.notice("leader")["message"].endswith("; call head示例 0527-80000000")


def test_what_became_confidential_is_not_named_to_who_was_told_before(scene: Scene) -> None:
    scene.people()
    case = scene.report()
    case.category_code = "dispute"
    scene.session.flush()
    row = scene.notice("grid_leader")
    assert (row["leads_to"], row["message"]) == (None, f"a new case was reported: {case.number}")


def test_where_there_is_no_head_the_staff_are_told(scene: Scene) -> None:
    scene.add("staff2", Role.STAFF, "G2")
    scene.add("admin", Role.ADMIN)
    scene.report()
    scene.report(severity=Severity.EMERGENCY)
    scene.report(needs_coordination=True)
    assert scene.told() == {"staff2": ["reported", "emergency", "coordination"]}


def test_where_nobody_can_be_told_the_administrator_is(scene: Scene) -> None:
    scene.add("admin", Role.ADMIN)
    scene.scoped("leader", Role.LEADER)
    case = scene.report(category="dispute")
    scene.report()
    assert scene.told() == {"admin": ["untold"]}, "one that isn't read is enough"
    row = scene.notice("admin")
    assert row["message"] == "nobody in 示例社区 can be told of a case: accounts are missing"
    assert (row["leads_to"], row["case"]) == ("accounts", None)
    assert case.number not in str(row)
    scene.report(severity=Severity.EMERGENCY)
    assert scene.told() == {"admin": ["untold", "untold"], "leader": ["emergency"]}


def test_a_late_case_of_who_has_no_account_is_told_to_the_community(scene: Scene) -> None:
    member = scene.add("member", Role.MEMBER, "G1")
    scene.add("staff2", Role.STAFF, "G2")
    scene.session.execute(update(Account).where(Account.id == member.account_id).values(worker_id=None))
    scene.report()
    scene.now += 40 * HOUR
    assert escalate_due(scene.view("staff2"), now=scene.now) == 1
    assert scene.told()["staff2"] == ["reported", "limit_owner", "limit_community", "limit_subdistrict"]


def test_a_low_rating_is_told_to_the_head(scene: Scene) -> None:
    scene.people()
    for speed, effect in ((2, 5), (5, 1), (3, 3)):
        case = scene.report(by="resident")
        take(scene.view("member"), case.id, CaseAction.CLOSE, StepInput(result="已办"), now=scene.now)
        stars = StepInput(speed=speed, effect=effect)
        take(scene.view("resident"), case.id, CaseAction.RATE, stars, now=scene.now)
    assert scene.told()["head"] == ["rated_low", "rated_low"]
    rows = list_notices(scene.session, scene.actors["head"], now=scene.now, tz=TZ)
    assert all("1 or 2 stars" in row["message"] and row["leads_to"] == "case" for row in rows)


def imported(scene: Scene, key: str, **changes: Any) -> ImportedCase:
    values: dict[str, Any] = {
        "row": 1,
        "number": key,
        "source": "other",
        "category": "garbage",
        "description": "外系统",
        "lon": LON + 0.5 * STEP,
        "lat": LAT + 0.5 * STEP,
        "datum": "WGS-84",
        "reported_at": scene.now - 100 * HOUR,
        "closed_at": None,
        "state": CaseState.HANDLING,
    }
    return ImportedCase(**{**values, **changes})


def test_open_cases_of_an_import_are_told_once_with_how_many(scene: Scene) -> None:
    scene.people()
    far = {"lon": LON + 2.5 * STEP}
    cases = [
        imported(scene, "A1"),
        imported(scene, "A2", category="dispute"),
        imported(scene, "A3", severity=Severity.EMERGENCY),
        imported(scene, "A4", state=CaseState.CLOSED, closed_at=scene.now - HOUR),
        imported(scene, "A5", **far),
        imported(scene, "A6", severity=Severity.EMERGENCY, reported_at=scene.now - HOUR, **far),
    ]
    division = scene.view("head").division
    actor = scene.made.actor
    save_cases(scene.session, actor, division, cases=cases, now=scene.now, tz=TZ)
    told = scene.told()
    assert told["member"] == told["staff"] == told["second"] == ["arrived"]
    assert sorted(told["other"]) == sorted(told["staff2"]) == ["arrived", "emergency"]
    assert told["head"] == told["leader"] == told["instructs"] == ["emergency"]
    assert scene.notice("member")["message"] == "open cases that came in from another system: 3"
    assert scene.notice("grid_leader")["message"] == "open cases that came in from another system: 2"
    assert scene.notice("member")["leads_to"] == "cases"
    before = scene.told()
    save_cases(scene.session, actor, division, cases=cases, now=scene.now + HOUR, tz=TZ)
    assert scene.told() == before, "what is known is not told again"


def test_the_right_to_instruct_is_given_to_leaders_alone(scene: Scene) -> None:
    actor, session, now = scene.made.actor, scene.session, scene.now
    command = NewAccount(name="street", role=Role.LEADER, may_instruct=True)
    account = create_account(session, actor, command, now=now)

    def instructs() -> bool:
        found = load_actor(session, account.id, now=now)
        assert found is not None
        return may(found, Action.CASES_INSTRUCT)

    assert instructs()
    version = account.session_version
    let_instruct(session, actor, "street", may_instruct=False, now=now)
    assert (instructs(), account.session_version) == (False, version + 1)
    let_instruct(session, actor, "street", may_instruct=True, now=now)
    set_role(session, actor, "street", Role.HEAD, now=now)
    assert (instructs(), account.may_instruct) == (False, False)
    with pytest.raises(InvalidInput, match="only a leader"):
        let_instruct(session, actor, "street", may_instruct=True, now=now)
    with pytest.raises(InvalidInput, match="only a leader"):
        create_account(session, actor, replace(command, name="other", role=Role.HEAD), now=now)


def test_the_steward_of_a_building_is_told_of_an_import_too(scene: Scene) -> None:
    scene.people()
    building = add_steward(scene)
    cases = [
        imported(scene, "B1", building=building),
        imported(scene, "B2", building=building, category="dispute"),
        imported(scene, "B3"),
    ]
    division = scene.view("head").division
    save_cases(scene.session, scene.made.actor, division, cases=cases, now=scene.now, tz=TZ)
    assert scene.told()["steward"] == ["arrived"]
    assert scene.notice("steward")["message"] == "open cases that came in from another system: 1"


def test_who_serves_the_place_a_case_is_put_at_is_told(scene: Scene) -> None:
    """A case that lay in no grid, or in another: who owns it now hears of it, and nobody twice."""
    scene.people()
    outside = scene.report(lon=LON - 2 * STEP)
    assert "member" not in scene.told()
    inside = Pin(lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP)
    set_pin(scene.view("head"), PlacedKind.CASE, outside.id, inside, now=scene.now)
    assert {one for one, kinds in scene.told().items() if "moved" in kinds} == {
        "member", "second", "staff", "grid_leader",
    }  # fmt: skip
    row = scene.notice("member")
    assert row["message"] == f"case {outside.number} (garbage) was put at a place that you serve"
    assert (row["leads_to"], row["case"]) == ("case", outside.id)
    before = scene.told()
    near = Pin(lon=LON + 0.4 * STEP, lat=LAT + 0.4 * STEP)
    set_pin(scene.view("head"), PlacedKind.CASE, outside.id, near, now=scene.now)
    assert scene.told() == before, "it stays with the same people"
    far = Pin(lon=LON + 3.5 * STEP, lat=LAT + 0.5 * STEP)
    set_pin(scene.view("head"), PlacedKind.CASE, outside.id, far, now=scene.now)
    assert scene.told()["other"] == ["moved"]
    undo_pin(scene.view("head"), PlacedKind.CASE, outside.id, now=scene.now)
    assert scene.told()["member"] == ["moved", "moved"]


def test_a_secret_or_settled_case_that_is_moved_tells_no_more_than_a_new_one(scene: Scene) -> None:
    scene.people()
    secret, settled = scene.report(category="dispute"), scene.report()
    take(scene.view("member"), settled.id, CaseAction.CLOSE, StepInput(result="已办"), now=scene.now)
    before = scene.told()
    far = Pin(lon=LON + 3.5 * STEP, lat=LAT + 0.5 * STEP)
    set_pin(scene.view("head"), PlacedKind.CASE, settled.id, far, now=scene.now)
    assert scene.told() == before
    set_pin(scene.view("head"), PlacedKind.CASE, secret.id, far, now=scene.now)
    assert {one for one, kinds in scene.told().items() if "moved" in kinds} == {"other", "staff2"}


def test_what_an_import_says_anew_of_a_known_case_is_told_to_who_has_to_act_now(scene: Scene) -> None:
    """It has become an emergency, or lies in another grid."""
    scene.people()
    division, actor = scene.view("head").division, scene.made.actor
    fresh = {"reported_at": scene.now - HOUR}
    cases = [imported(scene, "A1", **fresh), imported(scene, "A2", **fresh)]
    save_cases(scene.session, actor, division, cases=cases, now=scene.now, tz=TZ)
    assert "head" not in scene.told()
    cases[0] = replace(cases[0], severity=Severity.EMERGENCY)
    save_cases(scene.session, actor, division, cases=cases, now=scene.now, tz=TZ)
    for name in ("head", "leader", "instructs"):
        assert scene.told()[name] == ["emergency"], name
    assert "other" not in scene.told()
    cases[1] = replace(cases[1], lon=LON + 3.5 * STEP)
    save_cases(scene.session, actor, division, cases=cases, now=scene.now, tz=TZ)
    assert scene.told()["other"] == ["arrived"]
    before = scene.told()
    save_cases(scene.session, actor, division, cases=cases, now=scene.now, tz=TZ)
    assert scene.told() == before
