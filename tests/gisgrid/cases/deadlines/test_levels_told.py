"""Levels at which somebody is told: rising percents, settings of a version of the rules that cases keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gisgrid.access.models import AuditEntry
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.deadlines import levels_of
from gisgrid.cases.deadlines.levels import Levels
from gisgrid.cases.deadlines.limits import Rule, hours, reached, work_days
from gisgrid.cases.deadlines.rule_versions import Books, add_version, rules_of
from gisgrid.cases.deadlines.rulebook import DEFAULT, Rulebook, read_rulebook
from gisgrid.cases.deadlines.status import Clocks
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.cases.steps import take
from gisgrid.errors import InvalidInput
from gisgrid.notices.inbox import list_notices
from gisgrid.storage.engine import Database
from tests.gisgrid.cases.deadlines.due import due
from tests.gisgrid.cases.test_escalation import HOUR, Scene
from tests.world import TZ

EARLY = Levels(owner=50, community=80, subdistrict=100)
RULES = replace(DEFAULT, levels=EARLY)
CALENDAR = WorkCalendar(tz=TZ)


@st.composite
def any_levels(draw: st.DrawFn) -> Levels:
    owner, subdistrict = draw(st.integers(1, 99)), draw(st.integers(101, 1000))
    community = draw(st.integers(owner + 1, subdistrict - 1))
    return Levels(owner=owner, community=community, subdistrict=subdistrict)


LEVELS = any_levels()
SHARES = st.floats(0, 20)


@given(LEVELS, SHARES)
def test_the_level_reached_is_the_highest_that_is_not_above_the_share(levels: Levels, share: float) -> None:
    found = levels.reached(share)
    assert found == 0 or found <= share * 100 + 1e-9
    assert all(percent <= found or percent / 100 > share for _who, percent in levels.rows())


@given(LEVELS, st.lists(SHARES, min_size=2, max_size=6))
def test_every_level_is_told_once_in_its_order_however_often_one_looks(
    levels: Levels, shares: list[float]
) -> None:
    told, found = 0, []
    for share in sorted(shares):
        now = levels.reached(share)
        found += levels.between(told, now)
        assert levels.after(now) is None or levels.after(now) / 100 > share  # type: ignore[operator]
        told = now
    assert found == [(who, percent) for who, percent in levels.rows() if percent <= told]


@given(
    LEVELS,
    st.one_of(
        st.builds(hours, st.integers(1, 60)),
        st.builds(lambda number: hours(number, LimitUnit.WORK_HOUR), st.integers(1, 20)),
        st.builds(work_days, st.integers(1, 4)),
    ),
    st.integers(0, 40 * 24 * 60),
)
def test_at_the_instant_of_a_level_it_is_reached_and_just_before_it_is_not(levels, limit, minute) -> None:  # type: ignore[no-untyped-def]
    reported = datetime(2026, 9, 20, tzinfo=TZ) + timedelta(minutes=minute)
    rule = Rule(deadline=limit)
    unit = limit.unit

    def share(now: datetime) -> float:
        return due(rule, reported, calendar=CALENDAR, now=now).elapsed

    first = due(rule, reported, calendar=CALENDAR, now=reported)
    for before, (_who, percent) in pairwise([(None, 0), *levels.rows()]):
        at = reached(reported, first.left, percent, unit=unit, calendar=CALENDAR)
        assert levels.reached(share(at)) == percent
        assert levels.reached(share(at - timedelta(microseconds=1))) == before[1]


@given(LEVELS)
def test_levels_come_back_as_they_were_written(levels: Levels) -> None:
    book = Rulebook(levels=levels)
    assert read_rulebook(book.as_json()) == book


@given(LEVELS)
def test_amber_is_three_quarters_of_the_time_whatever_the_levels_are(levels: Levels) -> None:
    rule = Rulebook(levels=levels, categories={"x": Rule(deadline=hours(4))}).categories["x"]
    reported = datetime(2026, 9, 20, tzinfo=TZ)
    assert due(rule, reported, calendar=CALENDAR, now=reported).target == reported + 3 * HOUR


def test_rules_from_before_there_were_levels_have_the_standard_ones() -> None:
    old = {name: part for name, part in DEFAULT.as_json().items() if name != "levels"}
    assert [percent for _who, percent in read_rulebook(old).levels.rows()] == [75, 100, 150]


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"owner": 0}, {"owner"}),
        ({"owner": 100, "community": 120}, {"owner"}),
        ({"community": 75}, {"community"}),
        ({"community": 150}, {"community"}),
        ({"subdistrict": 99}, {"community", "subdistrict"}),
        ({"subdistrict": 1001}, {"subdistrict"}),
        ({"owner": 80.5}, {"owner"}),
        ({"owner": True}, {"owner"}),
        ({"owner": "80"}, {"owner"}),
        ({"owner": 10**400}, {"community", "owner"}),
        ({"street": 150}, {"street"}),
    ],
)
def test_levels_that_can_not_be_are_refused_by_their_fields(
    told: dict[str, object], fields: set[str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_rulebook({"levels": told})
    assert {fault.field for fault in caught.value.faults} == {f"levels.{one}" for one in fields}
    with pytest.raises(InvalidInput, match="by who is told"):
        read_rulebook({"levels": [75, 100, 150]})


def test_a_case_keeps_the_levels_it_was_reported_under(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        head = scene.view(0, "head")
        add_version(head, RULES, valid_from=now + HOUR, now=now)
        old, scene.now = scene.case, now + HOUR
        new, scene.now = scene.report(), now
        books = Books(session, TZ)
        assert (levels_of(books, old), levels_of(books, new)) == (Levels(), EARLY)
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "limits:change"))
        assert set(entry.fields) == {"levels.owner", "levels.community", "levels.subdistrict"}
        assert scene.tick(12.9) == 0
        assert scene.tick(13) == 1
        assert [one["level"] for one in told_of(scene, [old, new], 13)] == [
            None,
            {"of": "owner", "percent": 50},
        ]
        assert scene.tick(18) == 1  # three quarters of the old one
        assert scene.tick(20.2) == 1  # four fifths of the new one
        scene.tick(25)
        assert (old.escalated, new.escalated) == (100, 100)
        assert (old.is_supervised, new.is_supervised) == (False, True)
        add_version(scene.view(25, "head"), DEFAULT, valid_from=now + 25 * HOUR, now=now + 25 * HOUR)
        take(
            scene.view(26, "head"),
            new.id,
            CaseAction.EXTEND,
            StepInput(reason="缺件", due=now + 101 * HOUR),
            now=now + 26 * HOUR,
        )
        assert new.escalates_at == now + 51 * HOUR
        assert rules_of(scene.view(26), at=now + 26 * HOUR) == DEFAULT


def told_of(scene: Scene, cases: list, hours: float) -> list[dict]:  # type: ignore[type-arg]
    clocks = Clocks(scene.view(hours), cases, now=scene.now + hours * HOUR)
    return [clocks.fields(one) for one in cases]


def test_what_is_told_names_the_percent_of_the_case(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        add_version(scene.view(0, "head"), RULES, valid_from=now, now=now)
        scene.case = scene.report()
        scene.tick(24)
        assert scene.told("owner") == {"member"}
        assert scene.told("community") == {"head", "staff"}
        assert scene.told("subdistrict") == {"head", "leader"}
        messages = {
            row["kind"]: row["message"]
            for row in list_notices(session, scene.people["head"], now=now + 24 * HOUR, tz=TZ)
            if row["case"] == scene.case.id
        }
        name = f"case {scene.case.number} (garbage)"
        assert messages == {
            "limit_community": f"80 percent of the time for {name} is gone, and it is open",
            "limit_subdistrict": f"100 percent of the time for {name} is gone: it is supervised now",
        }
        assert scene.log()[1:4] == [("urge", 50), ("urge", 80), ("urge", 100)]


def test_a_case_that_is_late_at_once_is_told_to_all_and_keeps_nobody_waiting(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        late = Levels(owner=90, community=200, subdistrict=300)
        add_version(scene.view(0, "head"), replace(DEFAULT, levels=late), valid_from=now, now=now)
        scene.case = scene.report()
        scene.case.due_at = scene.case.target_at = now - HOUR
        scene.case.escalates_at = now
        session.flush()
        assert scene.tick(1) == 1
        told = [scene.told(kind) for kind in ("owner", "community", "subdistrict")]
        assert told == [{"member"}, {"head", "staff"}, {"head", "leader"}]
        assert (scene.case.escalated, scene.case.escalates_at) == (300, None)
        assert scene.tick(2) == 0


def test_a_level_beyond_the_calendar_stops_nobody(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        far = Levels(owner=1, community=2, subdistrict=1000)
        rule = Rule(deadline=work_days(1))
        rules = replace(DEFAULT, levels=far, categories={"garbage": rule})
        add_version(scene.view(0, "head"), rules, valid_from=now, now=now)
        scene.case = scene.report()
        scene.take(1, CaseAction.EXTEND, reason="久拖", due=datetime(2190, 1, 1, tzinfo=TZ))
        scene.tick(24 * 366 * 10)
        assert (scene.case.escalated, scene.case.escalates_at) == (2, None)


def test_notices_hold_the_words_and_percents_of_their_levels(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.tick(36)
    expected = [("limit_community", 100), ("limit_owner", 75), ("limit_subdistrict", 150)]
    rows = sa.text("SELECT DISTINCT kind, percent FROM case_notice WHERE kind LIKE 'limit%' ORDER BY kind")
    with database.engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(rows)] == expected
