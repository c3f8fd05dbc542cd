"""A third party's samples: drawn by a method anybody can repeat, without what leads to a person or a case."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.view import View, ViewRequest, open_view
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.redaction import redact
from gisgrid.days import period
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.indicators.evaluation.models import EvaluationCase, EvaluationSample
from gisgrid.indicators.evaluation.rules import CheckResult, Judged, check_sample, compared, drawn
from gisgrid.indicators.evaluation.service import SiteFinding, check, closed_in, draw
from gisgrid.indicators.evaluation.sheet import samples, sheet
from gisgrid.storage.engine import Database
from tests import world
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
SECRET, RESULT = "老李家漏水,电话 199-0000-1234", "二楼 201 已修好"
HOUR = timedelta(hours=1)


class Office:
    """Eight cases closed in October, two of them of a confidential category; one closed in September."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        self.building = world.add_building(session, self.made, 0, 0)
        self.head = world.add_actor(session, self.made, Role.HEAD)
        self.leader = world.add_actor(session, self.made, Role.LEADER)
        self.outside = world.add_actor(session, self.made, Role.EVALUATOR)
        start = datetime(2026, 10, 12, 2, tzinfo=UTC)
        self.open = [self.closed("garbage", start + number * HOUR, place=number) for number in range(6)]
        self.secret = [self.closed("dispute", start + number * HOUR) for number in range(2)]
        self.closed("garbage", datetime(2026, 9, 28, 2, tzinfo=UTC))

    def closed(self, category: str, at: datetime, *, place: int = 0) -> Case:
        where = {"lon": LON + (0.31234567 + place % 3) * STEP, "lat": LAT + 0.31234567 * STEP}
        command = ReportCase(**where, category=category, description=SECRET)
        case = report(self.session, self.made.actor, command, caches=self.made.caches, now=at, tz=TZ).case
        close(self.made.view(self.session, now=at), case.id, RESULT, now=at + HOUR)
        return case

    def view(self, actor: Actor) -> View:
        return self.made.view(self.session, actor, now=self.now)

    def draw(self, size: int = 4, actor: Actor | None = None) -> EvaluationSample:
        return draw(self.view(actor or self.head), FIRST, LAST, size, now=self.now)

    def check(
        self, sample_id: str, place: int, found: SiteFinding, actor: Actor | None = None
    ) -> EvaluationCase:
        return check(self.view(actor or self.outside), sample_id, place, found, now=self.now)

    def cases(self, sample_id: str) -> list[str]:
        wanted = select(EvaluationCase.case_id).where(EvaluationCase.sample_id == sample_id)
        return list(self.session.scalars(wanted.order_by(EvaluationCase.place)))


FOUND = SiteFinding(result="partly", score=3, note="还有积水")


@given(st.sets(st.uuids().map(str), max_size=40), st.integers(1, 50), st.integers(0, 2**31 - 1))
def test_the_same_seed_draws_the_same_sample(ids: set[str], size: int, seed: int) -> None:
    found = drawn(ids, size, seed=seed)
    assert found == drawn(sorted(ids, reverse=True), size, seed=seed)
    assert len(found) == len(set(found)) == min(size, len(ids))
    assert set(found) <= ids
    if size <= len(ids):
        assert found == random.Random(seed).sample(sorted(ids), size)


def test_every_case_is_drawn_about_equally_often() -> None:
    counts = dict.fromkeys("abcdefgh", 0)
    for seed in range(4000):
        for one in drawn(counts, 2, seed=seed):
            counts[one] += 1
    assert all(900 < number < 1100 for number in counts.values()), counts


def test_days_must_be_over_and_sizes_in_range() -> None:
    check_sample(FIRST, LAST, 500, today=date(2026, 11, 1))
    for first, last, size in ((FIRST, LAST, 0), (FIRST, LAST, 501), (LAST, FIRST, 5)):
        with pytest.raises(InvalidInput):
            check_sample(first, last, size, today=date(2026, 11, 1))
    with pytest.raises(InvalidInput):
        check_sample(FIRST, LAST, 5, today=LAST)


def test_a_comparison_is_made_of_what_both_saw() -> None:
    none = Judged(in_time=None, rating=None, result=None, score=None)
    empty = compared([none])
    assert (
        empty.in_time_share,
        empty.rating_mean,
        empty.solved_share,
        empty.score_mean,
        empty.difference,
    ) == (
        None,
        None,
        None,
        None,
        None,
    )
    seen = [
        Judged(in_time=True, rating=5, result=CheckResult.SOLVED, score=4),
        Judged(in_time=True, rating=4, result=CheckResult.PARTLY, score=2),
        Judged(in_time=False, rating=None, result=CheckResult.NOT, score=1),
        replace(none, in_time=True, rating=2),
    ]
    found = compared(seen)
    assert (found.in_time, found.timed, found.in_time_share) == (3, 4, 0.75)
    assert (found.rated, found.rating_mean) == (3, pytest.approx(11 / 3))
    assert (found.solved, found.partly, found.checked, found.solved_share) == (1, 1, 3, pytest.approx(1 / 3))
    assert found.score_mean == pytest.approx(7 / 3)
    assert (found.both, found.difference) == (2, -1.5)


def test_a_sample_can_be_drawn_again_by_anybody(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        kept = office.draw(4)
        assert (kept.size, kept.population, kept.drawn_by) == (4, 6, office.head.account_id)
        days = period(FIRST, LAST, today=LAST, tz=TZ)
        statement = select(Case.id).join(Category, Category.code == Case.category_code)
        ids = session.scalars(statement.where(closed_in(office.made.community, days))).all()
        assert set(ids) == {one.id for one in office.open}
        assert office.cases(kept.id) == random.Random(kept.seed).sample(sorted(ids), 4)
        for days_again in ((FIRST, LAST), (LAST, LAST), (date(2026, 9, 1), FIRST)):
            with pytest.raises(Conflict):
                draw(office.view(office.head), *days_again, 2, now=now)
        with pytest.raises(InvalidInput):
            draw(office.view(office.head), date(2026, 8, 1), date(2026, 8, 31), 2, now=now)
        assert (
            len(
                office.cases(
                    draw(office.view(office.head), date(2026, 9, 1), date(2026, 9, 30), 9, now=now).id
                )
            )
            == 1
        )
        for actor in (office.outside, office.leader):
            with pytest.raises(NotAllowed):
                office.draw(actor=actor)


def test_who_checks_gets_nothing_that_leads_to_a_person_or_a_case(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        office.open[0].building_id = office.building.id
        alone = world.add_building(session, office.made, 1, 0, number="7")
        alone.compound_id = None
        office.open[1].building_id = alone.id
        session.flush()
        kept = office.draw(6)
        found = sheet(office.view(office.outside), kept.id, now=now)
        assert [row.place for row in found.rows] == [1, 2, 3, 4, 5, 6]
        assert found.comparison is None
        assert found.sample.by is None
        told = repr(asdict(found))
        for case in office.open:
            for word in (case.id, case.number, case.receipt, SECRET, RESULT, "199-0000", alone.address):
                assert word not in told
        by_building = {row.building for row in found.rows}
        assert by_building == {None, office.building.address, alone.code}
        for row in found.rows:
            assert (row.category, row.severity, row.is_shown, row.in_time) == ("garbage", "big", True, True)
            assert row.grid in {"G1", "G2"}
            assert (row.lon is None) == (row.building == office.building.address)
            assert (
                row.lon is None
                or row.lat is None
                or (row.lon, row.lat) == (round(row.lon, 4), round(row.lat, 4))
            )
        ids = {row.case_id for row in sheet(office.view(office.head), kept.id, now=now).rows}
        assert ids == {one.id for one in office.open}


def test_a_case_that_became_confidential_or_was_redacted_is_told_no_more(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        office = Office(session, now)
        kept = office.draw(6)
        first, second, third = office.cases(kept.id)[:3]
        for place in (1, 2, 3, 4):
            office.check(kept.id, place, FOUND)
        moved, lost = (session.scalars(select(Case).where(Case.id == one)).one() for one in (first, third))
        moved.category_code = "dispute"
        session.flush()
        redact(office.view(office.head), second, ["notes"], erasures=tmp_path / "list", now=now)
        # As after a restore of an older backup: the text is gone, and no step tells of it.
        lost.description = REDACTED
        session.flush()
        session.expire_all()
        rows = {row.place: row for row in sheet(office.view(office.outside), kept.id, now=now).rows}
        for place in (1, 2, 3):
            assert asdict(rows[place]) == asdict(type(rows[place])(place=place, is_shown=False))
            with pytest.raises(NotFound):
                office.check(kept.id, place, FOUND)
        assert (rows[4].result, rows[4].score, rows[4].note) == ("partly", 3, "还有积水")
        head = sheet(office.view(office.head), kept.id, now=now)
        assert head.comparison is not None
        assert (head.comparison.cases, head.comparison.checked) == (3, 1)
        note = session.scalars(select(EvaluationCase).where(EvaluationCase.case_id == second)).one().note
        assert note == REDACTED


def test_what_was_found_is_sealed_and_corrections_are_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        kept = office.draw(2)
        office.check(kept.id, 1, FOUND)
        office.check(kept.id, 1, SiteFinding(result="solved", score=5, note="还有积水"))
        stored = session.execute(text("SELECT note FROM evaluation_case WHERE place = 1")).scalar_one()
        assert "积水".encode() not in bytes(stored)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "evaluation_case")).all()
        assert [one.action for one in entries] == ["evaluations:check", "evaluations:correct"]
        assert entries[1].fields == ["result", "score"]
        assert entries[1].details["change"] == {"result": ["partly", "solved"], "score": [3, 5]}
        for bad in (
            SiteFinding(result="fine", score=3),
            SiteFinding(result="not", score=6),
            SiteFinding(result="not", score=3, note="x" * 501),
            SiteFinding(result="not", score=3, note="问 199-0000-1234"),
        ):
            with pytest.raises(InvalidInput):
                office.check(kept.id, 2, bad)
        for place in (0, 3, 10**30):
            with pytest.raises(NotFound):
                office.check(kept.id, place, FOUND)
        with pytest.raises(NotAllowed):
            office.check(kept.id, 2, FOUND, actor=office.head)


def test_a_leader_gets_counts_only_and_other_communities_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        kept = office.draw(3)
        office.check(kept.id, 2, SiteFinding(result="solved", score=5))
        above = sheet(office.view(office.leader), kept.id, now=now)
        assert above.rows == []
        assert above.comparison is not None
        assert (above.comparison.cases, above.comparison.checked, above.comparison.score_mean) == (3, 1, 5)
        beside = world.found_beside(session, office.made)
        other = replace(world.add_actor(session, office.made, Role.EVALUATOR), areas=frozenset({beside}))
        view = open_view(
            session, other, ViewRequest(community="C2"), caches=office.made.caches, now=now, tz=TZ
        )
        assert samples(view, now=now) == []
        with pytest.raises(NotFound):
            sheet(view, kept.id, now=now)
        with pytest.raises(NotFound):
            check(view, kept.id, 1, FOUND, now=now)
        mine = samples(office.view(office.outside), now=now)
        assert [(one.id, one.drawn, one.checked) for one in mine] == [(kept.id, 3, 1)]
        staff = world.add_actor(session, office.made, Role.STAFF)
        for ask in (
            lambda: samples(office.view(staff), now=now),
            lambda: sheet(office.view(staff), kept.id, now=now),
        ):
            with pytest.raises(NotAllowed):
                ask()
