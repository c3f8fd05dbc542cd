"""The monthly appraisal: scores from logs and outside marks by a weight with history, appeals and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Duty, Role
from gisgrid.areas.view import View
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.indicators.appraisals.queries import (
    AppraisalChoice,
    Appraised,
    appraisals,
    choice_in,
    open_appeals,
    shares,
)
from gisgrid.indicators.appraisals.rules import MEMBER_SCORE, appraised
from gisgrid.indicators.appraisals.service import answer, appeal, choose, give_mark
from gisgrid.indicators.formulas import COUNTS
from gisgrid.indicators.models import AppraisalRule
from gisgrid.storage.engine import Database
from tests import world
from tests.appraising import appraise
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
HOUR = timedelta(hours=1)
NONE = dict.fromkeys(COUNTS, 0)


class Office:
    """Member one of G1 with an October of ten cases (five late), member two of G2 with none."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        appraise(session, self.made.community)
        self.head = world.add_actor(session, self.made, Role.HEAD)
        self.one = world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.two = world.add_actor(session, self.made, Role.MEMBER, "G2")
        self.outside = world.add_actor(session, self.made, Role.EVALUATOR)
        start = datetime(2026, 10, 12, 2, tzinfo=UTC)
        for hours in 5 * (20, 30):
            command = ReportCase(
                lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="dispute", description="x"
            )
            kept = report(session, self.made.actor, command, caches=self.made.caches, now=start, tz=TZ)
            at = start + hours * HOUR
            close(self.made.view(session, self.one, now=at), kept.case.id, "x", now=at)

    def view(self, actor: Actor) -> View:
        return self.made.view(self.session, actor, now=self.now)

    def of(self, actor: Actor, month: date = OCTOBER) -> dict[str, Appraised]:
        return {one.worker_id: one for one in appraisals(self.view(actor), month, now=self.now)}

    def actions(self) -> list[str]:
        kept = self.session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("appraisals:")))
        return [one.action.partition(":")[2] for one in kept]


def test_a_score_is_its_parts_by_weight() -> None:
    assert sum(part.weight for part in MEMBER_SCORE.parts) == 100
    counts = {
        **NONE,
        "due": 40,
        "closed": 40,
        "handled_on_time": 20,
        "ended": 40,
        "ended_in_grid": 30,
        "finished": 40,
        "reworked": 10,
    }
    # nobody rated: 20 + 30 + 15 + 15 = 80 of 100
    internal = (20 * 100 + 30 * 50 + 15 * 75 + 15 * 75) / 80
    found = appraised(counts, marks=[80, 90], share=40)
    assert found.internal == round(internal, 2)
    assert found.external == 85
    assert found.score == pytest.approx(internal * 0.6 + 85 * 0.4, abs=0.01)
    assert appraised(counts, marks=[], share=40).score == round(internal, 2)
    assert appraised(NONE, marks=[70], share=0).score == 70
    assert appraised(NONE, marks=[], share=30).score is None
    few = {name: number // 5 for name, number in counts.items()}
    assert appraised(few, marks=[], share=30).score is None, "eight cases tell of chance"
    assert appraised(few, marks=[70], share=30).score == 70
    assert appraised({**counts, **dict.fromkeys(("due", "ended", "finished"), 10)}, marks=[], share=0).score
    assert appraised(counts, marks=[], share=0, adjusted=90).score == 100
    assert appraised(counts, marks=[], share=0, adjusted=-100).score == 0


def test_everybody_gets_what_is_theirs(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        whole = office.of(office.head)
        assert set(whole) == {office.one.worker_id, office.two.worker_id}
        first = whole[office.one.worker_id or ""].appraisal
        assert first is not None
        told = {part.code: str(part.ratio) for part in first.parts}
        assert told == {
            "closure": "100.00%",
            "on_time_handling": "50.00%",
            "in_grid": "100.00%",
            "rework": "0.00%",
            "satisfaction": "—",
        }
        assert first.score == first.internal == round((20 * 100 + 30 * 50 + 15 * 100 + 15 * 100) / 80, 2)
        second = whole[office.two.worker_id or ""].appraisal
        assert second is not None
        assert second.score is None
        assert office.of(office.one) == {office.one.worker_id: whole[office.one.worker_id or ""]}
        seen = office.of(office.outside)
        assert all(one.appraisal is None and not one.appeals for one in seen.values())
        with pytest.raises(NotAllowed):
            office.of(replace(office.head, role=Role.LEADER))


def test_a_month_stays_theirs_who_served_the_grid_then(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        before = office.of(office.one)
        end = datetime(2026, 11, 5, tzinfo=UTC)
        for duty in session.scalars(select(Duty).where(Duty.worker_id == office.one.worker_id)):
            duty.valid_to = end
        session.flush()
        former = replace(office.one, areas=frozenset())
        after = {
            one.worker_id: one
            for one in appraisals(replace(office.view(office.head), actor=former), OCTOBER, now=now)
        }
        assert after == before
        assert office.of(office.head, DECEMBER).keys() == {office.two.worker_id}


def test_outside_marks_weigh_by_the_rule_of_the_month(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        worker = office.one.worker_id or ""
        give_mark(office.view(office.outside), worker, OCTOBER, 10, now=now)
        give_mark(office.view(office.outside), worker, OCTOBER, 90, now=now + HOUR)
        give_mark(office.view(office.made.actor), worker, OCTOBER, 70, now=now)
        found = office.of(office.head)[worker].appraisal
        assert found is not None
        assert (found.external, found.share) == (80, 50)
        assert found.score == pytest.approx(0.5 * (found.internal or 0) + 0.5 * 80, abs=0.01)
        assert office.of(office.outside)[worker].own_mark == 90
        view = office.view(office.head)
        assert choice_in(view, OCTOBER) == choice_in(view, NOVEMBER) == AppraisalChoice(is_on=True, share=50)
        choose(view, NOVEMBER, 45, now=now)
        choose(view, DECEMBER, 60, now=now)
        choose(view, NOVEMBER, 55, now=now)
        assert [choice_in(view, month).share for month in (OCTOBER, NOVEMBER, DECEMBER)] == [50, 55, 60]
        assert [one["share"] for one in shares(view)] == [55, 60, 45, 50]
        assert office.of(office.head)[worker].appraisal == found
        for month, share in ((OCTOBER, 50), (NOVEMBER, 101), (NOVEMBER, -1)):
            with pytest.raises(InvalidInput):
                choose(view, month, share, now=now)
        for refused in ((worker, OCTOBER, 101), (worker, DECEMBER, 50)):
            with pytest.raises(InvalidInput):
                give_mark(office.view(office.outside), *refused, now=now)
        with pytest.raises(NotFound):
            give_mark(office.view(office.outside), office.head.worker_id or "", OCTOBER, 50, now=now)
        for actor in (office.head, office.one):
            with pytest.raises(NotAllowed):
                give_mark(office.view(actor), worker, OCTOBER, 50, now=now)
        assert [one for one in office.actions() if one != "list"] == ["mark", "mark", "mark", *["share"] * 3]


def test_an_appeal_is_answered_once_and_adds_points(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        worker = office.one.worker_id or ""
        mine, head = office.view(office.one), office.view(office.head)
        with pytest.raises(Conflict):
            appeal(mine, NOVEMBER, "还没过完", now=now)
        with pytest.raises(InvalidInput):
            appeal(mine, OCTOBER, "  ", now=now)
        kept = appeal(mine, OCTOBER, "那件是停电耽误的", now=now)
        with pytest.raises(Conflict):
            appeal(mine, OCTOBER, "再说一次", now=now)
        stored = session.execute(text("SELECT reason FROM appraisal_appeal")).scalar_one()
        assert "停电".encode() not in bytes(stored)
        assert open_appeals(head) == ["2026-10"]
        assert open_appeals(mine) == []
        assert office.of(office.two)[office.two.worker_id or ""].appeals == []
        before = office.of(office.one)[worker].appraisal
        with pytest.raises(NotAllowed):
            answer(mine, kept.id, "好", adjusted=50, now=now)
        with pytest.raises(InvalidInput):
            answer(head, kept.id, "好", adjusted=101, now=now)
        with pytest.raises(NotFound):
            answer(head, "nothing", "好", adjusted=1, now=now)
        answer(head, kept.id, "属实", adjusted=5, now=now)
        with pytest.raises(Conflict):
            answer(head, kept.id, "再答", adjusted=5, now=now)
        after = office.of(office.one)[worker]
        assert before is not None
        assert after.appraisal is not None
        assert after.appraisal.score == pytest.approx((before.score or 0) + 5, abs=0.01)
        assert (after.appeals[0]["reason"], after.appeals[0]["answer"]) == ("那件是停电耽误的", "属实")
        assert [one for one in office.actions() if one != "list"] == ["appeal", "answer"]


def test_a_community_that_chose_nothing_appraises_nobody(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        session.execute(delete(AppraisalRule))
        worker = office.one.worker_id or ""
        assert choice_in(office.view(office.head), OCTOBER) == AppraisalChoice(is_on=False, share=50)
        for actor in (office.head, office.one, office.outside):
            assert office.of(actor) == {}
        with pytest.raises(Conflict, match="not chosen"):
            give_mark(office.view(office.outside), worker, OCTOBER, 70, now=now)
        with pytest.raises(Conflict, match="not chosen"):
            appeal(office.view(office.one), OCTOBER, "x", now=now)
        choose(office.view(office.head), NOVEMBER, 50, now=now)
        assert office.of(office.head) == {}
        assert office.of(office.head, NOVEMBER).keys() == {office.one.worker_id, office.two.worker_id}
        choose(office.view(office.head), DECEMBER, 50, is_on=False, now=now)
        assert office.of(office.head, NOVEMBER).keys() == {office.one.worker_id, office.two.worker_id}
        assert office.of(office.head, DECEMBER) == {}
