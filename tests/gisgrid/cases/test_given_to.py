"""A case is given to those alone who can open it, on both databases; others are refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Account, AccountScope, Duty, DutyKind, Role, Worker
from gisgrid.areas.view import View
from gisgrid.cases.category_settings import change_category, list_categories
from gisgrid.cases.claim_pool import assign_unclaimed
from gisgrid.cases.core.models import Case, CaseNotice
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.photos.models import PhotoKind
from gisgrid.cases.photos.service import add_photo
from gisgrid.cases.steps import helpers_for, open_steps, take
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.gisgrid.cases.photos.test_photos import picture
from tests.world import LAT, LON, STEP, TZ

A = CaseAction
HEAD = Actor(name="head", role=Role.LOCAL, operator="tester")
OUTSIDE = "outside what this person serves"
SECRET = "opens no confidential cases"
NO_ACCOUNT = "has no account to open the case with"
NO_RIGHT = "opens no cases of this community"


class Scene:
    """A community with people of every duty, by the names of whom they are."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.building = world.add_building(session, self.made, 0, 0)
        self.workers: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        areas = self.made.areas
        self.add("head", Role.HEAD, scope=self.made.community)
        self.add("staff", Role.STAFF, DutyKind.GRID_SUPERVISOR, area_id=areas["G1"])
        self.add("member", Role.MEMBER, DutyKind.GRID_MEMBER, area_id=areas["G1"], is_primary=True)
        self.add("other", Role.MEMBER, DutyKind.GRID_MEMBER, area_id=areas["G2"], is_primary=True)
        self.add("grid_leader", Role.GRID_LEADER, DutyKind.GRID_LEADER, area_id=areas["G1"])
        self.add("far_leader", Role.GRID_LEADER, DutyKind.GRID_LEADER, area_id=areas["G2"])
        self.add("steward", Role.STEWARD, DutyKind.BUILDING_STEWARD, building_id=self.building.id)
        self.add("police", None, DutyKind.COMMUNITY_POLICE, area_id=areas["G1"])
        self.add("cadre", Role.ORG, DutyKind.PARTY_CADRE, area_id=areas["G1"])

    def add(
        self, name: str, role: Role | None, kind: DutyKind | None = None, scope: str = "", **duty: Any
    ) -> None:
        worker, account = Worker(id=new_id(), name=f"{name}示例"), new_id()
        self.session.add(worker)
        self.session.flush()
        self.workers[name] = worker.id
        if kind is not None:
            self.session.add(Duty(worker_id=worker.id, kind=kind, valid_from=world.START, **duty))
        if role is not None:
            self.session.add(
                Account(id=account, name=name, role=role, worker_id=worker.id, created_at=world.START)
            )
            self.accounts[name] = account
        self.session.flush()
        if scope:
            self.session.add(AccountScope(account_id=account, area_id=scope))
        self.session.flush()

    def view(self, name: str) -> View:
        actor = load_actor(self.session, self.accounts[name], now=self.now)
        assert actor is not None
        return self.made.view(self.session, actor, now=self.now)

    def report(self, *, category: str = "garbage", inside: bool = True) -> Case:
        where = self.building.id if inside else None
        spot = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "building": where}
        command = ReportCase(category=category, description="垃圾", **spot)
        caches = self.made.caches
        return report(self.session, Actor(), command, caches=caches, now=self.now, tz=TZ).case

    def do(self, name: str, case: Case, *steps: CaseAction, **given: Any) -> Case:
        for step in steps:
            take(self.view(name), case.id, step, StepInput(**given), now=self.now)
        return case

    def offered(self, case: Case) -> set[str]:
        rows = helpers_for(self.view("staff"), case.id, now=self.now)
        names = {worker: name for name, worker in self.workers.items()}
        return {names[row["worker"]] for row in rows}


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


REFUSED: dict[tuple[str, bool], dict[str, str]] = {
    ("garbage", True): {"far_leader": OUTSIDE, "police": NO_ACCOUNT, "cadre": NO_RIGHT},
    ("garbage", False): {
        "far_leader": OUTSIDE,
        "steward": OUTSIDE,
        "police": NO_ACCOUNT,
        "cadre": NO_RIGHT,
    },
    ("dispute", True): {
        "grid_leader": SECRET,
        "far_leader": SECRET,
        "steward": SECRET,
        "police": NO_ACCOUNT,
        "cadre": NO_RIGHT,
    },
}


@pytest.mark.parametrize(("category", "inside"), list(REFUSED))
def test_who_can_be_given_a_case_can_open_it_and_the_others_are_refused(
    scene: Scene, category: str, *, inside: bool
) -> None:
    refused = REFUSED[category, inside]
    case = scene.report(category=category, inside=inside)
    assert scene.offered(case) == scene.workers.keys() - refused.keys() - {"head"}  # a head has no duty here
    for name, worker in scene.workers.items():
        trying = scene.session.begin_nested()
        if name in refused:
            with pytest.raises(InvalidInput, match=refused[name]):
                scene.do("staff", case, A.DISPATCH, handler=worker)
        else:
            scene.do("staff", case, A.DISPATCH, handler=worker)
            card = case_card(scene.view(name), case.id, now=scene.now)
            assert "receipt" in card["actions"], name
        trying.rollback()
        scene.session.expire_all()


@pytest.mark.parametrize("name", ["grid_leader", "steward"])
def test_grid_leaders_and_stewards_receipt_start_photograph_and_finish(scene: Scene, name: str) -> None:
    case = scene.do("staff", scene.report(), A.DISPATCH, handler=scene.workers[name])
    view = scene.view(name)
    assert open_steps(view, case, now=scene.now) == (A.RECEIPT, A.START)
    scene.do(name, case, A.RECEIPT, A.START)
    add_photo(view, case.id, PhotoKind.AFTER, picture(), now=scene.now)
    assert open_steps(view, case, now=scene.now) == (A.FINISH,)
    scene.do(name, case, A.FINISH, result="已清理")
    assert (case.state, open_steps(view, case, now=scene.now)) == ("feedback", ())
    for step in (A.CLOSE, A.FEEDBACK):
        with pytest.raises(NotAllowed):
            scene.do(name, case, step, result="已清理", feedback="phone")


@pytest.mark.parametrize("name", ["grid_leader", "steward"])
def test_they_start_what_nobody_has_and_see_their_own_area_alone(scene: Scene, name: str) -> None:
    case, secret = scene.report(), scene.report(category="dispute")
    taken = scene.do("staff", scene.report(), A.DISPATCH, handler=scene.workers["member"])
    view = scene.view(name)
    rows, _total = list_cases(view, CaseSearch(mine=True), now=scene.now)
    assert {row["id"] for row in rows} == {case.id, taken.id}
    assert "contact" not in rows[0]
    card = case_card(view, case.id, now=scene.now)
    assert (card["contact"], card["receipt"]) == (None, None)
    assert (card["actions"], card["may_photograph"]) == (["start"], True)
    assert open_steps(view, taken, now=scene.now) == ()
    assert scene.do(name, case, A.START).handler_id == scene.workers[name]
    with pytest.raises(NotFound):
        case_card(view, secret.id, now=scene.now)
    with pytest.raises(NotFound):
        case_card(scene.view("far_leader"), case.id, now=scene.now)


def test_who_helps_must_be_able_to_sign_off(scene: Scene) -> None:
    case = scene.report()
    rows = helpers_for(scene.view("staff"), case.id, now=scene.now)
    signing = {row["worker"] for row in rows if row["signs_off"]}
    assert signing == {scene.workers[name] for name in ("staff", "member", "other")}
    with pytest.raises(InvalidInput, match="signs off no cases of this community"):
        scene.do("staff", case, A.INVOLVE, worker=scene.workers["grid_leader"])


def test_only_of_who_has_no_account_it_is_said_that_there_is_none(scene: Scene) -> None:
    """Whoever handles the case, and whoever helps with it."""
    own = update(Account).where(Account.id == scene.accounts["other"])
    scene.session.execute(own.values(disabled_at=scene.now))
    case = scene.report()
    told: dict[str, set[str]] = {}
    for name in ("police", "other", "grid_leader", "cadre"):
        for step, given in ((A.DISPATCH, "handler"), (A.INVOLVE, "worker")):
            if (name, step) == ("grid_leader", A.DISPATCH):
                continue
            with pytest.raises(InvalidInput) as refused:
                scene.do("staff", case, step, **{given: scene.workers[name]})
            told.setdefault(name, set()).update(str(fault.message) for fault in refused.value.faults)
    assert told == {
        "police": {f"this person {NO_ACCOUNT}"},
        "other": {"the account of this person is disabled"},
        "grid_leader": {"the account of this person signs off no cases of this community"},
        "cadre": {
            f"the account of this person {NO_RIGHT}",
            "the account of this person signs off no cases of this community",
        },
    }


def test_what_only_somebody_without_account_serves_stays_with_the_community(scene: Scene) -> None:
    own = update(Account).where(Account.id == scene.accounts["member"])
    scene.session.execute(own.values(disabled_at=scene.now))
    case = scene.report()
    with pytest.raises(InvalidInput, match="nobody who can open the case serves its grid"):
        scene.do("staff", case, A.DISPATCH)
    case.claim_until = world.START
    scene.session.flush()
    assert assign_unclaimed(scene.view("staff"), now=scene.now) == 0
    assert case.handler_id is None


def test_the_list_of_people_tells_how_many_open_cases_each_has(scene: Scene) -> None:
    for name in ("member", "member", "grid_leader"):
        scene.do("staff", scene.report(), A.DISPATCH, handler=scene.workers[name])
    done = scene.do("staff", scene.report(), A.DISPATCH, handler=scene.workers["member"])
    scene.do("member", done, A.CLOSE, result="已清理")
    rows = helpers_for(scene.view("staff"), scene.report().id, now=scene.now)
    loads = {row["worker"]: row["load"] for row in rows}
    assert [loads[scene.workers[name]] for name in ("member", "grid_leader", "other")] == [2, 1, 0]


@pytest.mark.parametrize("name", ["grid_leader", "steward"])
def test_who_can_open_a_case_no_longer_has_it_no_longer(scene: Scene, name: str) -> None:
    """Its category turns confidential: those who can open it are told, and one of them takes it."""
    case = scene.do("staff", scene.report(), A.DISPATCH, handler=scene.workers[name])
    kept = scene.do("staff", scene.report(), A.DISPATCH, handler=scene.workers["member"])
    fields = next(row.fields for row in list_categories(scene.session, HEAD) if row.code == "garbage")
    secret = replace(fields, is_confidential=True)
    change_category(scene.session, HEAD, "garbage", secret, now=scene.now)
    with pytest.raises(NotFound):
        case_card(scene.view(name), case.id, now=scene.now)
    assert (case.handler_id, kept.handler_id) == (None, scene.workers["member"])
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    told = select(CaseNotice.account_id).where(CaseNotice.case_id == case.id, CaseNotice.kind == "returned")
    people = {one: name for name, one in scene.accounts.items()}
    assert {people[one] for one in scene.session.scalars(told)} == {"member", "staff"}
    scene.do("member", case, A.START)
    assert case.handler_id == scene.workers["member"]
