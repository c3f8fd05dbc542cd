"""Every person × every step: who may, written down a second time, and nobody reaches a foreign case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.actors import NOBODY, Actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.areas.view import View
from gisgrid.cases.claim_pool import claim_pool
from gisgrid.cases.core.models import Case, CaseErrand
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction, CaseState
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.steps import open_steps, take
from gisgrid.errors import Conflict, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

A, S = CaseAction, CaseState
MEMBERS: Final = {"member", "handler", "helper", "other"}
SORTING: Final = {"staff", "head"}
WORKING: Final = {"handler", "member"} | SORTING

MAY: Final[dict[CaseAction, set[str]]] = {
    A.ACCEPT: {"member"} | SORTING,
    A.VERIFY: SORTING,
    A.FILE: {"member"} | SORTING,
    A.REJECT: SORTING,
    A.CLAIM: MEMBERS,
    A.ASSIGN: set(),
    A.DISPATCH: SORTING,
    A.RECEIPT: {"handler"},
    A.START: WORKING,  # grid leaders and stewards what nobody has: test_given_to.py
    A.FINISH: WORKING,
    A.FEEDBACK: WORKING,
    A.CHECK: SORTING,
    A.REWORK: SORTING,
    A.CLOSE: WORKING,
    A.RATE: {"reporter"},
    A.REOPEN: {"reporter"} | SORTING,
    A.RETURN: {"handler", "member"},
    A.EXTEND: SORTING,
    A.SUSPEND: SORTING,
    A.RESUME: SORTING,
    A.ESCALATE: WORKING,
    A.SUPERVISE: {"head", "leader"},
    A.VOID: SORTING,
    A.DUPLICATE: {"member"} | SORTING,
    A.INVOLVE: {"handler"} | SORTING,
    A.RELEASE: {"handler"} | SORTING,
    A.CO_RECEIPT: {"helper"},
    A.CO_SIGN: {"helper"},
}
"""Who may take a step, of all that are something to the case or nothing at all."""

BEFORE: Final[dict[CaseAction, CaseState]] = {
    A.ACCEPT: S.REPORTED,
    A.REJECT: S.REPORTED,
    A.CLAIM: S.REPORTED,
    A.ASSIGN: S.REPORTED,
    A.DISPATCH: S.REPORTED,
    A.VERIFY: S.ACCEPTED,
    A.FILE: S.ACCEPTED,
    A.RECEIPT: S.DISPATCHED,
    A.START: S.RECEIPTED,
    A.FEEDBACK: S.FEEDBACK,
    A.CHECK: S.FEEDBACK,
    A.REWORK: S.FEEDBACK,
    A.RATE: S.CLOSED,
    A.REOPEN: S.CLOSED,
    A.RESUME: S.SUSPENDED,
}
"""The state in which a step is tried; where none is named, while the case is being handled."""

WITHOUT_LOGIN: Final = "nobody"


class Scene:
    """A community, one beside it, and somebody of every role."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        world.found_beside(session, self.made)
        member = {"member": "G1", "handler": "G3", "helper": "G4", "other": "G2"}
        self.actors: dict[str, Actor] = {
            name: world.add_actor(session, self.made, Role.MEMBER, grid) for name, grid in member.items()
        }
        for role in Role:
            if role not in (Role.MEMBER, Role.LOCAL):
                areas = {Role.STAFF: ("G1",), Role.GRID_LEADER: ("G1",)}.get(role, ("C1",))
                self.actors[role.value] = world.add_actor(session, self.made, role, *areas)
        self.actors["reporter"] = world.add_actor(session, self.made, Role.RESIDENT)
        self.actors[WITHOUT_LOGIN] = NOBODY
        leader = self.actors["leader"]
        session.add(AccountScope(account_id=leader.account_id, area_id=self.made.community))
        session.flush()

    def view(self, name: str) -> View:
        return self.made.view(self.session, self.actors[name], now=self.now)

    def report(self, column: float = 0.5, category: str = "garbage") -> Case:
        lon, lat = LON + column * STEP, LAT + 0.5 * STEP
        command = ReportCase(lon=lon, lat=lat, category=category, description="垃圾")
        return report(
            self.session,
            self.actors["reporter"],
            command,
            caches=self.made.caches,
            now=self.now,
            tz=TZ,
        ).case

    def do(self, name: str, case: Case, action: CaseAction) -> None:
        take(self.view(name), case.id, action, self.given(action), now=self.now)

    def given(self, action: CaseAction) -> StepInput:
        values: dict[str, Any] = {"reason": "因故", "result": "已处理", "feedback": "phone", "kind": "leader"}
        if action in (A.DISPATCH, A.INVOLVE, A.RELEASE):
            values |= {"handler": self.worker("handler"), "worker": self.worker("helper")}
        if action is A.EXTEND:
            values["due"] = self.now + timedelta(days=30)
        if action is A.DUPLICATE:
            values["duplicate_of"] = self.twin.number
        if action is A.RATE:
            values |= {"speed": 2, "effect": 2}
        return StepInput(**values)

    def worker(self, name: str) -> str:
        return self.actors[name].worker_id or ""

    def ready(self, action: CaseAction, category: str) -> Case:
        """A case in which the step is the next one, handled by somebody from another grid."""
        self.twin = self.report(category=category)
        case = self.report(category=category)
        wanted = BEFORE.get(action, S.HANDLING)
        ways = {
            S.ACCEPTED: (("staff", A.ACCEPT),),
            S.DISPATCHED: (("staff", A.DISPATCH),),
            S.RECEIPTED: (("staff", A.DISPATCH), ("handler", A.RECEIPT)),
            S.HANDLING: (("staff", A.DISPATCH), ("handler", A.START)),
            S.FEEDBACK: (("staff", A.DISPATCH), ("handler", A.START), ("handler", A.FINISH)),
            S.CLOSED: (("staff", A.DISPATCH), ("handler", A.CLOSE)),
            S.SUSPENDED: (("staff", A.DISPATCH), ("handler", A.START), ("staff", A.SUSPEND)),
        }
        for name, step in ways.get(wanted, ()):
            self.do(name, case, step)
        if action in (A.RELEASE, A.CO_RECEIPT, A.CO_SIGN):
            self.do("staff", case, A.INVOLVE)
        if action is A.CO_SIGN:
            self.do("helper", case, A.CO_RECEIPT)
        assert case.state == wanted
        return case


@pytest.fixture
def scene(spatialite: Database, now: datetime) -> Iterator[Scene]:
    """On one database: the table is asked in Python, and test_steps.py takes each line of it on both."""
    with spatialite.write() as session:
        yield Scene(session, now)


@pytest.fixture
def either(database: Database, now: datetime) -> Iterator[Scene]:
    """On both databases."""
    with database.write() as session:
        yield Scene(session, now)


def can(scene: Scene, name: str, case: Case, action: CaseAction) -> bool:
    """Whether somebody gets through with a step; what it did is taken back."""
    before = case_snapshot(scene.session, case)
    trying = scene.session.begin_nested()
    try:
        scene.do(name, case, action)
    except (NotAllowed, NotFound):
        assert case_snapshot(scene.session, case) == before
        return False
    finally:
        trying.rollback()
        scene.session.expire_all()
    return True


@pytest.mark.parametrize("action", list(CaseAction))
def test_who_may_take_a_step(scene: Scene, action: CaseAction) -> None:
    case = scene.ready(action, "garbage")
    through = {name for name in scene.actors if can(scene, name, case, action)}
    assert through == MAY[action]
    if action is A.CLAIM:
        return  # it is offered in the pool, not on the card
    for name in scene.actors.keys() - {WITHOUT_LOGIN}:
        offered = open_steps(scene.view(name), case, now=scene.now)
        assert (action in offered) == (name in through), (
            f"{name} is offered what isn't theirs, or not offered"
        )


@pytest.mark.parametrize("action", list(CaseAction))
def test_an_organisation_at_work_stands_against_closing_alone(scene: Scene, action: CaseAction) -> None:
    case = scene.ready(action, "garbage")
    asked = CaseErrand(
        case_id=case.id,
        account_id=scene.actors["property"].account_id,
        asked_at=scene.now,
        due_at=scene.now + timedelta(days=3),
        text="请清运",
    )
    scene.session.add(asked)
    scene.session.flush()
    if action is A.CLOSE:
        for name in WORKING:
            with pytest.raises(Conflict, match="has not finished"):
                scene.do(name, case, action)
            assert action not in open_steps(scene.view(name), case, now=scene.now)
        return
    through = {name for name in scene.actors if can(scene, name, case, action)}
    assert through == MAY[action]


@pytest.mark.parametrize("action", list(CaseAction))
def test_of_a_confidential_case_a_leader_and_the_pool_learn_nothing(scene: Scene, action: CaseAction) -> None:
    case = scene.ready(action, "dispute")
    through = {name for name in scene.actors if can(scene, name, case, action)}
    # Of the grid's own members nobody needs the pool to see it.
    wanted = {"member"} if action is A.CLAIM else MAY[action] - {"leader"}
    assert through == wanted


def test_nobody_takes_a_step_with_a_case_of_the_community_beside(scene: Scene) -> None:
    beside = scene.report(column=4.5)
    beside.reporter_id = None  # who reported it has a part in it
    scene.session.flush()
    for action in CaseAction:
        trying = scene.session.begin_nested()
        mine = scene.ready(action, "garbage")
        for name in ("state", "handler_id", "suspended_from", "suspended_at", "claim_until", "closed_at"):
            setattr(beside, name, getattr(mine, name))
        beside.result, beside.feedback_channel, beside.feedback_at = "x", "phone", scene.now
        scene.session.flush()
        assert not [name for name in scene.actors if can(scene, name, beside, action)], action
        trying.rollback()


def test_nobody_reads_a_case_of_the_community_beside(either: Scene) -> None:
    scene = either
    beside = scene.report(column=4.5)
    scene.report()
    scene.actors.pop("reporter")
    for name in scene.actors.keys() - {WITHOUT_LOGIN}:
        view = scene.view(name)
        with pytest.raises((NotAllowed, NotFound)):
            case_card(view, beside.id, now=scene.now)
        try:
            found = str(list_cases(view, CaseSearch(), now=scene.now)) + str(claim_pool(view, now=scene.now))
        except NotAllowed:
            continue
        assert beside.number not in found
        assert beside.id not in found
