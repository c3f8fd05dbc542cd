"""Steps with a key, on both databases: taken once, told again, and never for something else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gisgrid.access.models import Role
from gisgrid.cases.core.idempotency import Repeatable, state_after_step
from gisgrid.cases.core.models import Case, IdempotencyKey
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot, log_of
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.errors import Conflict, GisgridError, NotAllowed
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.gisgrid.cases.test_at_once import at_once, send
from tests.gisgrid.cases.test_steps import Scene
from tests.world import LAT, LON, STEP

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


def step(scene: Scene, name: str, case: Case, action: str, key: str = KEY, **more: Any) -> Case:
    repeat = Repeatable(key=key, client="anybody")
    return take(
        scene.view(name), case.id, CaseAction(action), StepInput(**more), now=scene.now, repeat=repeat
    )


def test_a_step_sent_again_is_taken_once_wherever_the_case_has_gone_since(scene: Scene) -> None:
    case = scene.report()
    assert step(scene, "member", case, "start").state == "handling"
    assert step(scene, "member", case, "start").state == "handling"
    assert [line.action for line in log_of(scene.session, case.id)] == ["report", "start"]
    scene.do("member", case, "close", result="清走了")
    assert step(scene, "member", case, "start").state == "closed", "a lost answer undoes nothing"
    assert len(log_of(scene.session, case.id)) == 3
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)


@pytest.mark.parametrize(
    ("name", "action", "more"),
    [
        ("member", "close", {"result": "别的话"}),
        ("member", "close", {"result": "清走了", "feedback": "phone"}),
        ("member", "finish", {"result": "清走了"}),
        ("head", "close", {"result": "清走了"}),
    ],
)
def test_a_key_stands_for_one_content_of_one_account(
    scene: Scene, name: str, action: str, more: dict[str, Any]
) -> None:
    case = scene.report()
    step(scene, "member", case, "close", result="清走了")
    with pytest.raises(Conflict, match="used for another"):
        step(scene, name, case, action, **more)
    with pytest.raises(Conflict, match="used for another"):
        step(scene, "member", scene.report(), "close", result="清走了")
    assert len(log_of(scene.session, case.id)) == 2


def test_a_key_of_a_report_is_none_of_a_step_and_the_other_way_round(scene: Scene) -> None:
    command = ReportCase(lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="garbage", description="x")
    sent = {"caches": scene.made.caches, "now": scene.now, "tz": world.TZ}
    first, second = (Repeatable(key=letter * 32, client="anybody") for letter in "ab")
    case = report(scene.session, scene.actors["member"], command, **sent, repeat=first).case
    with pytest.raises(Conflict, match="used for another"):
        step(scene, "member", case, "start", key=first.key)
    step(scene, "member", case, "start", key=second.key)
    with pytest.raises(Conflict, match="used for another"):
        report(scene.session, scene.actors["member"], command, **sent, repeat=second)


def test_a_refused_step_keeps_no_key(scene: Scene) -> None:
    case = scene.report()
    with pytest.raises(GisgridError):
        step(scene, "member", case, "close")
    assert scene.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
    assert step(scene, "member", case, "close", result="清走了").state == "closed"


def test_the_text_of_a_step_cannot_be_tried_at_its_key(scene: Scene) -> None:
    step(scene, "member", scene.report(), "close", result="清走了")
    kept = scene.session.scalars(select(IdempotencyKey)).one()
    assert kept.request_digest.startswith("#"), "keyed, not a plain hash"


def test_who_sees_the_case_no_more_is_told_what_became_of_the_step(scene: Scene) -> None:
    case = scene.do("other", scene.report(), "claim")
    repeat = Repeatable(key=KEY, client="anybody")
    step(scene, "other", case, "return", reason="不顺路")
    scene.do("head", case, "dispatch", handler=scene.worker("member"))
    again = step(scene, "other", case, "return", reason="不顺路")
    assert state_after_step(scene.session, repeat, again, "return") == "returned", "not how it stands since"
    with pytest.raises(NotAllowed):
        step(scene, "resident", case, "return", reason="不顺路")


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.lists(st.sampled_from(["accept", "start", "escalate", "close"]), max_size=12))
def test_however_often_and_in_whatever_order_each_key_takes_one_step(scene: Scene, order: list[str]) -> None:
    """The oracle: the same steps without keys, each only the first time it goes through."""
    keyed, plain = scene.report(), scene.report()
    given = {"escalate": {"reason": "难"}, "close": {"result": "清走了"}}
    gone: set[str] = set()
    for turn, action in enumerate(order):
        more = given.get(action, {})
        try:
            step(scene, "member", keyed, action, key=f"{keyed.id}{action}", **more)
        except Conflict:
            assert action not in gone, turn
        if action in gone:
            continue
        try:
            scene.do("member", plain, action, **more)
        except Conflict:
            continue
        gone.add(action)
    lines = [[line.action for line in log_of(scene.session, one.id)] for one in (keyed, plain)]
    assert lines[0] == lines[1]
    assert (keyed.state, keyed.result) == (plain.state, plain.result)


def test_the_same_key_at_once_takes_one_step(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
    send(database, made, now, text="x")
    with database.read() as session:
        case_id = session.scalars(select(Case.id)).one()

    def again(_number: int) -> str:
        with database.write() as session:
            view = made.view(session, member, now=now)
            repeat = Repeatable(key=KEY, client="anybody")
            return take(view, case_id, CaseAction.START, now=now, repeat=repeat).state

    assert at_once(again) == ["handling"] * 4
    with database.read() as session:
        assert [line.action for line in log_of(session, case_id)] == ["report", "start"]
