"""Work orders of the hotline fall due by their class, under the rules of the day they were reported."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from data.importers.kinds.hotline import class_of
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.deadlines import hotline_of
from gisgrid.cases.deadlines.limits import hours, work_days
from gisgrid.cases.deadlines.rule_versions import add_version
from gisgrid.cases.deadlines.rulebook import DEFAULT, HotlineClass
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.cases.lists.queries import case_card
from gisgrid.cases.steps import take
from gisgrid.errors import InvalidInput
from gisgrid.imports.undo import undo_import
from gisgrid.storage.engine import Database
from tests.importing import Desk
from tests.world import TZ

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ORDER = {
    "工单编号": "SQ1",
    "受理时间": "2026-11-20 16:00:00",
    "诉求内容": "停水",
    "诉求地址": "柳岸新村2号楼",
    "问题分类": "garbage",
    "工单状态": "办理中",
}
WORKING = replace(
    DEFAULT,
    hotline={
        HotlineClass.EMERGENCY: hours(1),
        HotlineClass.SUPPLY: hours(4, LimitUnit.WORK_HOUR),
        HotlineClass.GENERAL: work_days(2),
        HotlineClass.COMPLEX: hours(10 * 24),
    },
)
"""Rules of an office that counts some classes in working time."""


@pytest.fixture
def desk(database: Database, tmp_path: Any) -> Desk:
    return Desk(database, tmp_path, NOW)


def cases(desk: Desk) -> list[Case]:
    with desk.database.read() as session:
        return list(session.scalars(select(Case).order_by(Case.external_number)))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TZ)  # type: ignore[misc, arg-type]


def rules(desk: Desk, book: Any, since: datetime) -> None:
    with desk.database.write() as session:
        add_version(desk.world.view(session, now=since), book, valid_from=since, now=since)


@pytest.mark.parametrize(
    ("word", "lasts"),
    [
        ("紧急", timedelta(hours=2)),
        ("水电气热", timedelta(hours=24)),
        ("一般", timedelta(days=7)),
        ("复杂疑难", timedelta(days=15)),
    ],
)
@pytest.mark.parametrize("reported", ["2026-09-30 16:00:00", "2026-11-20 23:30:00"])
def test_the_standard_limits_run_through_weekends_and_holidays(
    desk: Desk, word: str, lasts: timedelta, reported: str
) -> None:
    assert desk.bring("cases", {**ORDER, "热线类别": word, "受理时间": reported}).counts["new"] == 1
    (case,) = cases(desk)
    assert case.source == "12345"
    assert case.due_at is not None
    assert case.due_at - case.reported_at == lasts
    assert case.target_at is None


@pytest.mark.parametrize(
    ("word", "reported", "due"),
    [
        ("紧急", "2026-09-30 16:00:00", local(2026, 9, 30, 17)),
        ("水电气热", "2026-09-30 16:00:00", local(2026, 10, 8, 10, 30)),  # over the National Day
        ("supply", "2026-11-20 16:00:00", local(2026, 11, 23, 10, 30)),  # over a weekend
        ("一般", "2026-11-20 16:00:00", local(2026, 11, 24, 18)),
        ("general", "2026-09-30 16:00:00", local(2026, 10, 9, 18)),
        ("复杂疑难", "2026-09-30 16:00:00", local(2026, 10, 10, 16)),
    ],
)
def test_the_offices_own_limits_go_by_its_calendar(
    desk: Desk, word: str, reported: str, due: datetime
) -> None:
    rules(desk, WORKING, local(2026, 9, 1))
    desk.bring("cases", {**ORDER, "热线类别": word, "受理时间": reported})
    assert cases(desk)[0].due_at == due


def test_an_order_keeps_the_rules_of_the_day_it_was_reported(desk: Desk) -> None:
    old = {**ORDER, "工单编号": "A", "受理时间": "2026-11-10 09:00:00", "诉求等级": "水电气热"}
    new = {**ORDER, "工单编号": "B", "受理时间": "2026-11-19 09:00:00", "诉求等级": "水电气热"}
    rules(desk, WORKING, local(2026, 11, 15))
    desk.bring("cases", old, new)
    first, second = cases(desk)
    assert (first.due_at, second.due_at) == (local(2026, 11, 11, 9), local(2026, 11, 19, 14, 30))
    assert (first.limit_version_id, second.limit_version_id is None) == (None, False)
    with desk.database.write() as session:
        view = desk.world.view(session, now=NOW)
        told = [case_card(view, one.id, now=NOW)["limit"] for one in (first, second)]
    assert [(one["by"], one["hotline"]) for one in told] == [("hotline", "supply")] * 2
    assert [one["rule"]["unit"] for one in told] == ["continuous_hour", "work_hour"]


def test_the_files_own_deadline_goes_before_and_the_class_is_kept_for_opening_again(desk: Desk) -> None:
    own = {
        **ORDER,
        "热线类别": "一般",
        "办理时限": "3天",
        "工单状态": "已办结",
        "办结时间": "2026-11-21 09:00:00",
    }
    desk.bring("cases", own)
    (case,) = cases(desk)
    assert case.due_at == local(2026, 11, 23, 16)
    assert hotline_of(case) is HotlineClass.GENERAL
    with desk.database.write() as session:
        view = desk.world.view(session, now=NOW)
        assert case_card(view, case.id, now=NOW)["limit"]["by"] == "given"
        again = take(view, case.id, CaseAction.REOPEN, StepInput(reason="又停水"), now=NOW)
        assert again.due_at == NOW + timedelta(days=7)
        assert case_card(view, case.id, now=NOW)["limit"]["by"] == "hotline"
    assert desk.bring("cases", own).counts["unchanged"] == 1
    assert cases(desk)[0].due_at == NOW + timedelta(days=7)


def test_an_order_of_an_old_rule_that_is_opened_again_keeps_it(desk: Desk) -> None:
    ended = {"工单状态": "已办结", "办结时间": "2026-11-20 18:00:00"}
    desk.bring("cases", {**ORDER, **ended, "热线类别": "紧急"})
    rules(desk, WORKING, NOW)
    with desk.database.write() as session:
        case = session.scalars(select(Case)).one()
        view = desk.world.view(session, now=NOW)
        take(view, case.id, CaseAction.REOPEN, StepInput(reason="又停水"), now=NOW + timedelta(hours=1))
        assert case.due_at == NOW + timedelta(hours=3)


@pytest.mark.parametrize("limit", [{}, {"办理时限": "3天"}, {"办理时限": "2026-11-30 18:00:00"}])
@pytest.mark.parametrize("word", ["", "紧急", "复杂疑难"])
def test_the_same_file_again_changes_nothing(desk: Desk, limit: dict[str, str], word: str) -> None:
    row = {**ORDER, **limit, "热线类别": word}
    desk.bring("cases", row)
    before = cases(desk)[0]
    rules(desk, WORKING, NOW)
    told = desk.bring("cases", row).counts
    assert (told["new"], told["updated"], told["unchanged"]) == (0, 0, 1)
    after = cases(desk)[0]
    assert (after.due_at, after.time_limit) == (before.due_at, before.time_limit)


def test_another_class_is_another_deadline_and_none_leaves_it(desk: Desk) -> None:
    desk.bring("cases", ORDER)
    given = desk.bring("cases", {**ORDER, "热线类别": "一般"})
    assert [one.field for one in given.remarks] == ["due_at"]
    assert cases(desk)[0].due_at == local(2026, 11, 27, 16)
    assert desk.bring("cases", ORDER).counts["unchanged"] == 1
    own = desk.bring("cases", {**ORDER, "办理时限": "2026-11-30 18:00:00"})
    assert own.counts["updated"] == 1
    (case,) = cases(desk)
    assert (case.due_at, hotline_of(case)) == (local(2026, 11, 30, 18), HotlineClass.GENERAL)


def test_a_class_told_later_leaves_a_deadline_that_was_put_off(desk: Desk) -> None:
    desk.bring("cases", {**ORDER, "热线类别": "一般"})
    until = NOW + timedelta(days=9)
    with desk.database.write() as session:
        case = session.scalars(select(Case)).one()
        view = desk.world.view(session, now=NOW)
        take(view, case.id, CaseAction.EXTEND, StepInput(reason="等设备", due=until), now=NOW)
    outcome = desk.bring("cases", {**ORDER, "热线类别": "复杂疑难"})
    assert [one.field for one in outcome.remarks] == ["hotline_class"]
    (case,) = cases(desk)
    assert (case.due_at, hotline_of(case)) == (until, HotlineClass.COMPLEX)


def test_an_import_that_gave_classes_is_taken_back(desk: Desk) -> None:
    desk.bring("cases", {**ORDER, "办理时限": "3天"})
    before = cases(desk)[0]
    outcome = desk.bring("cases", {**ORDER, "办理时限": "3天", "热线类别": "一般"})
    assert [one.field for one in outcome.remarks] == ["hotline_class"]
    assert hotline_of(cases(desk)[0]) is HotlineClass.GENERAL
    with desk.database.write() as session:
        undo_import(session, desk.world.actor, outcome.counts["import"], now=NOW + timedelta(hours=1))
    after = cases(desk)[0]
    assert (after.due_at, after.time_limit) == (before.due_at, before.time_limit)


def test_classes_come_in_json_with_the_names_of_the_interface(desk: Desk) -> None:
    file = desk.folder / "orders.json"
    row = {"number": "J1", "source": "热线", "reported_at": "2026-11-20 16:00:00", "category": "garbage"}
    row |= {"address": "柳岸新村2号楼", "description": "x", "hotline_class": "supply"}
    file.write_text(json.dumps([row]), encoding="utf-8")
    assert desk.bring_file("cases", file).counts["new"] == 1
    (case,) = cases(desk)
    assert (case.source, case.due_at) == ("hotline", local(2026, 11, 21, 16))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"热线类别": "不急"}, "this is none of: 危及生命财产安全, 水电气热, 一般诉求, 疑难诉求"),
        (
            {"热线类别": "一般", "来源": "巡查"},
            "only a case that came by the hotline has a class of the hotline",
        ),
    ],
)
def test_a_wrong_class_is_told_with_file_row_and_field(desk: Desk, row: dict[str, str], message: str) -> None:
    outcome = desk.bring("cases", {**ORDER, "工单编号": "good", "热线类别": "一般"}, {**ORDER, **row})
    assert [(one.file, one.row, one.field) for one in outcome.faults] == [("rows.csv", 3, "hotline_class")]
    assert str(outcome.faults[0].message) == message
    assert outcome.counts["new"] == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("紧急(危及生命财产安全)", HotlineClass.EMERGENCY),
        ("特急", HotlineClass.EMERGENCY),
        (" Emergency ", HotlineClass.EMERGENCY),
        ("水、电、气、热", HotlineClass.SUPPLY),
        ("Utilities", HotlineClass.SUPPLY),
        ("一般诉求", HotlineClass.GENERAL),
        ("疑难", HotlineClass.COMPLEX),
        ("COMPLEX", HotlineClass.COMPLEX),
    ],
)
def test_classes_in_the_words_of_files(text: str, found: HotlineClass | None) -> None:
    assert class_of(text, "12345") is found
    assert class_of(text, "hotline") is found


def test_an_empty_class_is_none_whatever_the_channel() -> None:
    assert class_of("", "patrol") is None
    with pytest.raises(InvalidInput, match="by the hotline"):
        class_of("一般", "patrol")
