"""What is known already of a place: near, recent, open, and nothing of what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import NOBODY
from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import bin_heat
from gisgrid.areas.view import View
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import CaseAction, Severity
from gisgrid.cases.core.store import case_snapshot, log_of
from gisgrid.cases.intake.duplicates import (
    KEPT_FREE,
    WITHIN_M,
    DuplicateCandidate,
    Joined,
    Saying,
    find_duplicates,
    me_too,
)
from gisgrid.cases.intake.receipts import followed
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.photos.models import CasePhoto, PhotoKind
from gisgrid.cases.photos.service import add_photo
from gisgrid.cases.steps import take_by_receipt
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.gisgrid.cases.photos.test_photos import picture
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ

PLACE = (LON + 0.5 * STEP, LAT + 0.5 * STEP)
METRE = 1 / 111_195
EARTH = Geod(ellps="WGS84")


class Scene:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.actor = world.add_actor(session, self.made, Role.HEAD, "C1")

    def view(self) -> View:
        return self.made.view(self.session, self.actor, now=self.now)

    def report(self, place: tuple[float, float] = PLACE, category: str = "garbage") -> Case:
        command = ReportCase(
            lon=place[0], lat=place[1], category=category, description="张示例家门口", address="A1"
        )
        return report(self.session, NOBODY, command, caches=self.made.caches, now=self.now, tz=TZ).case

    def found(self, place: tuple[float, float] = PLACE) -> list[DuplicateCandidate]:
        return find_duplicates(self.view(), place, category="garbage", now=self.now)

    def join(self, token: str, key: str | None = None, place: tuple[float, float] = PLACE) -> Joined:
        repeat = Repeatable(key=key, client="c") if key else None
        return me_too(self.view(), NOBODY, token, place, repeat=repeat, now=self.now)

    def say(self, token: str, key: str | None = None, place: tuple[float, float] = PLACE) -> int:
        return self.join(token, key, place).said_by

    def follow(self, receipt: str) -> dict[str, Any] | None:
        def opened(_code: str) -> View:
            return self.made.view(self.session, NOBODY, now=self.now)

        return followed(self.session, NOBODY, receipt, opened=opened, now=self.now)

    def step(self, receipt: str, action: CaseAction) -> None:
        given = StepInput(speed=1, effect=1, reason="没有解决")
        take_by_receipt(
            self.session, NOBODY, receipt, action, given,
            opened=lambda _code: self.made.view(self.session, NOBODY, now=self.now), now=self.now,
        )  # fmt: skip


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


def test_only_category_day_and_state_are_told(scene: Scene) -> None:
    case = scene.report()
    (one,) = scene.found()
    told = asdict(one)
    token = told.pop("token")
    assert told == {
        "category": "garbage", "category_name": "garbage", "day": "2026-11-24",
        "state": "reported", "said_by": 1,
    }  # fmt: skip
    assert case.id not in token
    assert case.receipt not in token


def test_far_old_ended_and_confidential_ones_are_not_told(scene: Scene) -> None:
    scene.report((PLACE[0], PLACE[1] + 51 * METRE))
    scene.report(category="dispute")
    ended = scene.report()
    close(scene.made.view(scene.session, now=scene.now), ended.id, "已清理", now=scene.now)
    assert scene.found() == []
    scene.report((PLACE[0], PLACE[1] + 49 * METRE))
    assert len(scene.found()) == 1
    scene.now += timedelta(days=7, seconds=1)
    assert scene.found() == []


def test_an_emergency_and_what_is_confidential_are_not_asked_about_something_else(scene: Scene) -> None:
    """A fraud was asked first whether it was the rubbish nearby: one wrong tap, and nobody comes."""
    scene.report()
    assert find_duplicates(scene.view(), PLACE, category="garbage", now=scene.now)
    assert find_duplicates(scene.view(), PLACE, now=scene.now)
    assert find_duplicates(scene.view(), PLACE, category="dispute", now=scene.now) == []
    rubbish = scene.session.get_one(Category, "garbage")
    rubbish.severity = Severity.EMERGENCY
    scene.session.flush()
    assert find_duplicates(scene.view(), PLACE, category="garbage", now=scene.now) == []


def test_visitors_learn_of_released_ones_and_no_exact_place(scene: Scene) -> None:
    cases = [scene.report((PLACE[0] + east * METRE, PLACE[1])) for east in (0, 3, 6, 9)]
    scene.actor = NOBODY
    assert scene.found() == [], "nobody has accepted them"
    for case in cases:
        case.state = "accepted"
    scene.session.flush()
    places = [
        (PLACE[0] + east * METRE, PLACE[1] + north * METRE)
        for east in range(-150, 151, 6)
        for north in (0, 70)
    ]
    bricks = {bin_heat([one.position.x], [one.position.y])[0][0] for one in cases}  # type: ignore[union-attr]
    answers = {tuple(sorted(one.token for one in scene.found(place))) for place in places}
    assert len(answers) <= 1 + 2 * len(bricks), "cases of one hundred metres come and go together"
    assert len(scene.found()) == len(cases)


def test_who_says_the_same_is_counted_once_per_key(scene: Scene) -> None:
    case = scene.report()
    token = scene.found()[0].token
    assert [scene.say(token, "a"), scene.say(token, "a"), scene.say(token, "b")] == [2, 2, 3]
    assert scene.found()[0].said_by == 3
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    other = scene.report((PLACE[0] + 10 * METRE, PLACE[1]))
    others = next(one.token for one in scene.found() if one.token != token)
    with pytest.raises(Conflict):
        scene.say(others, "a")
    assert other.state == "reported"
    for wrong, place in (("#1:00", PLACE), ("nonsense", PLACE), (token, (PLACE[0], PLACE[1] + 60 * METRE))):
        with pytest.raises(NotFound):
            scene.say(wrong, "c", place)
    admin = world.add_actor(scene.session, scene.made, Role.ADMIN)
    with pytest.raises(NotAllowed):
        me_too(scene.view(), admin, token, PLACE, repeat=None, now=scene.now)


def test_words_and_photos_of_who_says_the_same_go_to_the_case_once(scene: Scene) -> None:
    case = scene.report()
    token = scene.found()[0].token
    saying = Saying(text="  楼上也漏 ", photos=(picture(1), picture(2)))

    def say(key: str, said: Saying = saying) -> Joined:
        repeat = Repeatable(key=key, client="c")
        return me_too(scene.view(), NOBODY, token, PLACE, repeat=repeat, now=scene.now, saying=said)

    first = say("a")
    assert (first.said_by, first.kept_photos) == (2, 2)
    assert say("a") == first
    photos = select(CasePhoto).where(CasePhoto.case_id == case.id)
    assert [one.kind for one in scene.session.scalars(photos)] == ["report", "report"]
    lines = [(line.action, line.text) for line in log_of(scene.session, case.id)]
    assert lines == [("report", None), ("me_too", "楼上也漏")]
    for other in (Saying(), Saying(text="楼上也漏"), Saying(text="x", photos=saying.photos)):
        with pytest.raises(Conflict):
            say("a", other)
    shown = str(scene.follow(first.receipt))
    assert "楼上也漏" not in shown


def test_who_says_the_same_leaves_room_for_photos_of_the_handling(scene: Scene) -> None:
    case = scene.report()
    token = scene.found()[0].token
    kept = []
    for number in range(4):
        saying = Saying(photos=tuple(picture(3 * number + one) for one in range(3)))
        joined = me_too(scene.view(), NOBODY, token, PLACE, repeat=None, now=scene.now, saying=saying)
        kept.append(joined.kept_photos)
    assert kept == [3, 3, 2, 0]
    for number in range(KEPT_FREE):
        add_photo(scene.view(), case.id, PhotoKind.AFTER, picture(100 + number), now=scene.now)
    saying = Saying(text="x" * 4001, photos=tuple(picture(one) for one in range(4)))
    with pytest.raises(InvalidInput):
        me_too(scene.view(), NOBODY, token, PLACE, repeat=None, now=scene.now, saying=saying)


def test_a_repeat_gets_its_code_whatever_became_of_the_case(scene: Scene) -> None:
    case = scene.report()
    token = scene.found()[0].token
    joined = scene.join(token, "a")
    scene.now += timedelta(days=8)
    assert scene.join(token, "a") == joined, "the answer was lost, and the phone was offline for a week"
    close(scene.made.view(scene.session, now=scene.now), case.id, "已清理", now=scene.now)
    assert scene.join(token, "a") == joined
    with pytest.raises(NotFound):
        scene.join(token, "b")
    with pytest.raises(NotFound):
        scene.join("#1:00", "a")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(azimuth=st.floats(0, 360), metres=st.floats(0, 80))
def test_fifty_metres_are_fifty_metres_all_around(scene: Scene, azimuth: float, metres: float) -> None:
    nested = scene.session.begin_nested()
    lon, lat, _back = EARTH.fwd(*PLACE, azimuth, metres)
    case = scene.report((lon, lat))
    tokens = len(scene.found())
    assert case.position is not None
    if abs(metres - WITHIN_M) > 0.5:
        assert tokens == (metres < WITHIN_M)
    nested.rollback()
    scene.session.expire_all()


def test_who_says_the_same_follows_it_by_a_code_of_their_own(scene: Scene) -> None:
    case = scene.report()
    token = scene.found()[0].token
    first, again, other = (scene.join(token, key) for key in ("a", "a", "b"))
    assert first.receipt == again.receipt
    assert len({first.receipt, other.receipt, case.receipt}) == 3
    told = {"is_own": False, "day": "2026-11-24", "said_by": 3, "original_state": None, "actions": []}
    hidden = {"number": None, "deadline": None, "description": None}
    garbage = {"category": "garbage", "category_name": "garbage"}
    assert scene.follow(first.receipt) == {**told, **hidden, **garbage, "state": "reported"}
    case.state, case.public_description = "accepted", "路口有垃圾"
    scene.session.flush()
    assert case.due_at is not None
    released = {"number": case.number, "deadline": case.due_at.astimezone(TZ).isoformat()}
    assert scene.follow(first.receipt) == {
        **told, **released, **garbage, "state": "accepted", "description": "路口有垃圾"
    }  # fmt: skip
    case.category_code = "dispute"
    scene.session.flush()
    nothing = {"category": None, "category_name": None}
    assert scene.follow(first.receipt) == {**told, **hidden, **nothing, "state": "accepted"}


def test_the_code_of_who_says_the_same_takes_no_step(scene: Scene) -> None:
    case = scene.report()
    code = scene.join(scene.found()[0].token).receipt
    close(scene.made.view(scene.session, now=scene.now), case.id, "已清理,请找张示例", now=scene.now)
    told = scene.follow(code)
    assert told is not None
    assert told["state"] == "closed"
    assert "张示例" not in str(told)
    for action in (CaseAction.RATE, CaseAction.REOPEN):
        with pytest.raises(Conflict):
            scene.step(code, action)
    assert (case.state, case.rated_at) == ("closed", None)
    scene.step(case.receipt, CaseAction.RATE)
    assert case.rated_at == scene.now
