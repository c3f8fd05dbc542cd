"""Work orders of 12345 and of petition platforms: known by their columns, placed by their addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from data.importers.kinds.cases import channel_of
from data.importers.kinds.deadlines import deadline_of
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import run
from gisgrid.access.models import Role
from gisgrid.access.phones import has_numbers, mask_numbers, phones_in
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.core.sources import CaseSource, source_of
from gisgrid.cases.intake.receipts import is_visible
from gisgrid.cases.redaction import redact
from gisgrid.errors import InvalidInput
from gisgrid.storage.engine import Database
from tests import world
from tests.importing import Desk

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ORDERS: tuple[dict[str, str], ...] = (
    {
        "工单编号": "SQ2026112300001",
        "受理时间": "2026-11-23 09:15:00",
        "诉求内容": "路灯不亮,请联系 199-0000-0000",
        "诉求地址": "示例省示例市示例区幸福街道柳岸新村2号楼1单元301室",
        "联系电话": "19900000000",
        "办理时限": "2026-11-30 18:00:00",
        "问题分类": "garbage",
        "工单状态": "办理中",
    },
    {
        "工单编号": "SQ2026112300002",
        "受理时间": "2026-11-23 10:00:00",
        "诉求内容": "垃圾没有清",
        "诉求地址": "示例大道旁柳岸新村3幢门口",
        "办理时限": "24小时",
        "问题分类": "garbage",
        "工单状态": "已办结",
        "办结时间": "2026-11-23 20:00:00",
    },
    {
        "工单编号": "SQ2026112300003",
        "受理时间": "2026-11-23 11:00:00",
        "诉求内容": "噪声",
        "诉求地址": "没有这个小区9幢",
        "办理时限": "15天",
        "问题分类": "garbage",
        "工单状态": "待受理",
    },
)


@pytest.fixture
def desk(database: Database, tmp_path: Any) -> Desk:
    return Desk(database, tmp_path, NOW)


def cases(desk: Desk) -> list[Case]:
    with desk.database.read() as session:
        return list(session.scalars(select(Case).order_by(Case.external_number)))


def test_an_export_of_12345_maps_by_itself_and_is_placed_by_its_addresses(desk: Desk) -> None:
    outcome = desk.bring("cases", *ORDERS)
    told = outcome.counts
    assert (told["new"], told["refused"], told["placed_by_address"], told["address_unknown"]) == (3, 0, 2, 1)
    first, second, third = cases(desk)
    assert {case.source for case in (first, second, third)} == {"12345"}
    assert first.description == "路灯不亮,请联系 199**********"
    assert first.reporter_contact == "19900000000"
    assert first.due_at == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert second.due_at == second.reported_at + timedelta(hours=24)
    assert third.due_at == third.reported_at + timedelta(days=15)
    assert [case.state for case in (first, second, third)] == ["handling", "closed", "reported"]
    with desk.database.read() as session:
        assert [case.cell_id for case in (first, second)] == [
            world.cell_id(session, 1, 0),
            world.cell_id(session, 3, 0),
        ]
        looking = desk.world.view(session, now=NOW)
        assert is_visible(looking, third.id)  # in the review list, never dropped
    assert first.building_id is not None
    assert (third.position, third.cell_id, third.address) == (None, None, "没有这个小区9幢")
    assert [(note.row, note.field) for note in outcome.remarks if note.field == "address"] == [(4, "address")]


@pytest.mark.parametrize("told", ["描述", "情况", "情况说明"])
@pytest.mark.parametrize("phone", ["联系电话", "反映人电话", "来电人电话", "电话"])
def test_heads_of_everyday_lists_are_known_too(desk: Desk, told: str, phone: str) -> None:
    """Also those that the pages themselves use."""
    order = {"编号": "1", "类别": "garbage", "上报时间": "2026-11-23 09:15", "地址": "柳岸新村3幢"}
    desk.bring("cases", order | {told: "垃圾没有清", phone: "199-0000-0000"})
    (case,) = cases(desk)
    assert (case.description, case.reporter_contact) == ("垃圾没有清", "199-0000-0000")


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    desk.bring("cases", *ORDERS)
    before = [vars(case).copy() for case in cases(desk)]
    again = desk.bring("cases", *ORDERS).counts
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 3)
    after = [vars(case).copy() for case in cases(desk)]
    for one in (*before, *after):
        del one["_sa_instance_state"]
    assert before == after


def test_what_was_taken_out_for_good_comes_back_with_no_file(desk: Desk, tmp_path: Path) -> None:
    desk.bring("cases", ORDERS[0])
    with desk.database.write() as session:
        (case_id,) = session.scalars(select(Case.id))
        view = desk.world.view(session, now=NOW)
        redact(view, case_id, ["description", "contact"], erasures=tmp_path / "erasures.jsonl", now=NOW)
    again = desk.bring("cases", ORDERS[0]).counts
    (case,) = cases(desk)
    assert (case.description, case.reporter_contact) == (REDACTED, REDACTED)
    assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 1)


def test_orders_without_a_number_are_known_again_once_their_address_is(desk: Desk) -> None:
    bare = [{name: text for name, text in order.items() if name != "工单编号"} for order in ORDERS]
    desk.bring("cases", *bare)
    with desk.database.write() as session:
        world.add_building(session, desk.world, 2, 2, compound="没有这个小区", number="9")
    again = desk.bring("cases", *bare).counts
    assert (again["new"], again["updated"], again["unchanged"], again["address_unknown"]) == (0, 1, 2, 0)
    assert len(cases(desk)) == 3
    assert all(case.cell_id for case in cases(desk))


def test_a_place_that_was_put_right_stays(desk: Desk) -> None:
    desk.bring("cases", *ORDERS)
    right = world.middle(0, 3)
    with desk.database.write() as session:
        case = session.scalars(select(Case).where(Case.external_number == "SQ2026112300001")).one()
        case.position, case.cell_id = right, world.cell_id(session, 0, 3)
    assert desk.bring("cases", *ORDERS).counts["unchanged"] == 3
    assert cases(desk)[0].position == right
    moved = [{**ORDERS[0], "诉求地址": "柳岸新村4幢"}]
    assert desk.bring("cases", *moved).counts["updated"] == 1
    with desk.database.read() as session:
        assert cases(desk)[0].cell_id == world.cell_id(session, 3, 3)


@pytest.mark.parametrize("document", [list(ORDERS), {"code": 0, "data": {"total": 3, "rows": list(ORDERS)}}])
def test_a_list_of_records_in_json_is_read_too(desk: Desk, document: Any) -> None:
    path = desk.folder / "orders.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    prepared = prepare(ImportRequest(kind="cases", file=path, community="C1"), tz=world.TZ)
    outcome = run(desk.database, lambda _session: desk.world.actor, prepared, now=NOW, tz=world.TZ)
    assert (outcome.counts["new"], outcome.counts["placed_by_address"]) == (3, 2)
    assert {case.source for case in cases(desk)} == {"12345"}


def test_petitions_have_a_channel_of_their_own(desk: Desk) -> None:
    desk.bring(
        "cases",
        {
            "留言编号": "W-1",
            "留言时间": "2026-11-20 08:00",
            "留言内容": "建议增设路灯,电话0527-88880000",
            "问题地址": "柳岸新村1幢",
            "留言类别": "garbage",
        },
    )
    case = cases(desk)[0]
    assert (case.source, case.external_number) == ("petition", "W-1")
    assert "8888" not in case.description
    named = desk.bring("cases", {**ORDERS[0], "工单编号": "x"}, channel="鼎鼎有民").counts
    assert named["new"] == 1
    assert {one.source for one in cases(desk)} == {"petition", "local_online"}


def test_an_unreadable_deadline_is_told_with_its_row(desk: Desk) -> None:
    outcome = desk.bring("cases", {**ORDERS[0], "办理时限": "尽快"})
    assert [(fault.row, fault.field) for fault in outcome.faults] == [(2, "due_at")]


def test_a_member_sees_an_order_of_the_own_grid(desk: Desk) -> None:
    desk.bring("cases", *ORDERS)
    with desk.database.write() as session:
        member = world.add_actor(session, desk.world, Role.MEMBER, "G1")
        view = desk.world.view(session, member, now=NOW)
        found = [is_visible(view, case.id) for case in cases(desk)]
    assert found == [True, False, False]


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2小时", 2), ("24 小时内", 24), ("7天", 168), ("15日办结", 360), ("1.5小时", 1.5)],
)
def test_spans_run_from_the_report(text: str, hours: float) -> None:
    told, is_bare = deadline_of(text, reported_at=NOW, tz=world.TZ)
    assert (told, is_bare) == (NOW + timedelta(hours=hours), False)


def test_working_days_leave_out_weekends_and_holidays() -> None:
    friday = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
    assert deadline_of("1个工作日", reported_at=friday, tz=world.TZ)[0] == friday + timedelta(days=3)
    unknown_year = datetime(2150, 1, 2, 2, 0, tzinfo=UTC)  # a Friday of a year without a calendar
    assert deadline_of("1个工作日", reported_at=unknown_year, tz=world.TZ)[0] == unknown_year + timedelta(
        days=3
    )
    with pytest.raises(InvalidInput):
        deadline_of("0.5个工作日", reported_at=friday, tz=world.TZ)
    assert deadline_of("3天", reported_at=None, tz=world.TZ) == (None, False)
    assert deadline_of("", reported_at=friday, tz=world.TZ) == (None, False)


def test_channels_are_known_by_words() -> None:
    assert source_of("网络问政平台") == CaseSource.PETITION
    assert source_of("12345政府服务热线") == "12345"
    assert source_of("DC311") == "DC311"
    assert channel_of(["编号", "描述"], "cases.csv") == "import"
    assert channel_of(["编号", "描述"], "12345工单.csv") == "12345"


PHONES = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"0527-[2-8][0-9]{7}", fullmatch=True),
    st.from_regex(r"1[3-9][0-9]-[0-9]{4}-[0-9]{4}", fullmatch=True),
)


@given(
    PHONES, st.text(alphabet="路灯坏了,。 \n王家", max_size=20), st.text(alphabet="楼下请来看", max_size=20)
)
def test_no_phone_outlives_masking_and_words_do(phone: str, before: str, after: str) -> None:
    masked = mask_numbers(before + phone + after)
    assert len(masked) == len(before + phone + after)
    assert masked.startswith(before)
    assert masked.endswith(after)
    assert not has_numbers(masked)
    assert not any(sign.isdigit() for sign in masked[len(before) + 3 : len(masked) - len(after)])
    assert phones_in(before + phone + after) == ["".join(sign for sign in phone if sign.isdigit())]


@pytest.mark.parametrize(
    "text", ["2026-11-23 09:15:00", "工单 20261123-0007", "12幢2单元301室", "3.14159265358979", "第 12 条"]
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_numbers(text) == text


def test_numbers_of_persons_go_wholly() -> None:
    assert mask_numbers("证件 320000195003071234 号") == "证件 ****************** 号"
    assert mask_numbers("13900000000") == "139********"
