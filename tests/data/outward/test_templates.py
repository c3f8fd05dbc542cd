"""A template is read where it can be filled, else refused by one sentence for each fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.outward.plan import SheetPlan, check_plans, guess_plan
from data.outward.template import read_template
from gisgrid.errors import InvalidInput
from gisgrid.records.outward.sheets import ROW_NUMBER
from tests.data.outward.sheets import HEADS, add_member, write_template


def faults_of(path: Path) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        read_template(path)
    return [fault.sentence() for fault in raised.value.faults]


def test_heads_leads_and_foot_are_found_by_themselves(tmp_path: Path) -> None:
    (sheet,) = read_template(write_template(tmp_path / "a.xlsx"))
    assert [head.title for head in sheet.heads] == list(HEADS)
    assert (sheet.head_row, sheet.foot_row) == (3, 7)
    assert {lead.cell: lead.label for lead in sheet.leads} == {
        "B2": "填报单位",
        "D2": "填报日期",
        "B7": "填表人",
        "E7": "负责人",
    }


def merge_heads(sheet: Any) -> None:
    sheet.merge_cells("B3:C3")


def merge_rows(sheet: Any) -> None:
    sheet.merge_cells("A4:A5")


def sum_up(sheet: Any) -> None:
    sheet["D7"] = "=SUM(D4:D6)"


def leave_out_a_head(sheet: Any) -> None:
    sheet["C3"] = None


def grow_long(sheet: Any) -> None:
    for row in range(8, 1_100):
        sheet.cell(row, 1).value = row


def grow_wide(sheet: Any) -> None:
    for column in range(7, 130):
        sheet.cell(3, column).value = f"列{column}"


def empty(sheet: Any) -> None:
    sheet.delete_rows(2, 6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (merge_heads, "a.xlsx, row 3: the cells B3:C3 are merged in the heads or below them: unmerge them"),
        (merge_rows, "a.xlsx, row 4: the cells A4:A5 are merged in the heads or below them: unmerge them"),
        (sum_up, "a.xlsx, row 7: the cell D7 holds a formula, which would not follow the rows: take it out"),
        (leave_out_a_head, "a.xlsx, row 3: columns without a head: C"),
        (grow_long, "rows; at most 1000 are taken: leave the rows to fill empty"),
        (grow_wide, "a.xlsx, row 3: 129 columns; at most 100 are read"),
        (empty, "a.xlsx: no row of heads was found: a template has its heads beside each other in one row"),
    ],
)
def test_what_can_not_be_filled_is_refused_by_its_place(tmp_path: Path, change: Any, sentence: str) -> None:
    assert any(sentence in said for said in faults_of(write_template(tmp_path / "a.xlsx", change)))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sum_up(sheet)
        merge_rows(sheet)
        leave_out_a_head(sheet)

    assert len(faults_of(write_template(tmp_path / "a.xlsx", change))) == 3


@pytest.mark.parametrize(
    ("member", "word"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/media/image1.png", "pictures"),
        ("xl/drawings/drawing1.xml", "pictures"),
        ("xl/charts/chart1.xml", "charts"),
    ],
)
def test_what_would_be_lost_is_refused(tmp_path: Path, member: str, word: str) -> None:
    path = write_template(tmp_path / "a.xlsx")
    add_member(path, member)
    (sentence,) = faults_of(path)
    assert word in sentence


def test_no_workbook_and_a_locked_or_cut_one_are_refused(tmp_path: Path) -> None:
    path = write_template(tmp_path / "a.xlsx")
    content = path.read_bytes()
    for number, broken in enumerate((b"", b"PK", content[:-200], b"\xd0\xcf\x11\xe0" * 300)):
        other = tmp_path / f"{number}.xlsx"
        other.write_bytes(broken)
        assert len(faults_of(other)) == 1
    huge = tmp_path / "huge.xlsx"
    huge.write_bytes(b"x" * (2**20 + 1))
    assert "MB" in faults_of(huge)[0]


def test_heads_say_by_themselves_what_they_are(tmp_path: Path) -> None:
    (sheet,) = read_template(write_template(tmp_path / "a.xlsx"))
    aliases = {
        "姓 名": "person.name",
        "序号": ROW_NUMBER,
        "填报单位": "community.name",
        "住址": "household.address",
    }
    plan = guess_plan(sheet, aliases)
    assert plan.columns == {"A": ROW_NUMBER, "B": "person.name"}
    assert plan.cells == {"B2": "community.name"}


def test_a_plan_names_only_what_is_there(tmp_path: Path) -> None:
    sheets = read_template(write_template(tmp_path / "a.xlsx"))
    fields = {"row_fields": {"person.name"}, "cell_fields": {"community.name"}}
    good = SheetPlan(
        sheet="表一", columns={"A": ROW_NUMBER, "B": "person.name"}, cells={"B2": "community.name"}
    )
    check_plans([good], sheets, **fields)
    bad = SheetPlan(
        sheet="表一", columns={"Z": "person.name", "B": "person.shoe"}, cells={"B2": "person.name"}
    )
    with pytest.raises(InvalidInput) as raised:
        check_plans([bad, SheetPlan(sheet="表二")], sheets, **fields)
    assert [fault.field for fault in raised.value.faults] == ["columns.Z", "columns.B", "cells.B2", "sheet"]
    with pytest.raises(InvalidInput, match="one column at least"):
        check_plans([SheetPlan(sheet="表一")], sheets, **fields)
