"""A template is read where it can be filled, else refused by one sentence for each fault."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from data.outward.template import read_template, template_file
from gisgrid.errors import InvalidInput
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
        (
            merge_heads,
            "a.xlsx [表一], row 3: the cells B3:C3 are merged in the heads or below them: unmerge them",
        ),
        (
            merge_rows,
            "a.xlsx [表一], row 4: the cells A4:A5 are merged in the heads or below them: unmerge them",
        ),
        (
            sum_up,
            "a.xlsx [表一], row 7: the cell D7 holds a formula, which would not follow the rows: take it out",
        ),
        (leave_out_a_head, "a.xlsx [表一], row 3: columns without a head: C"),
        (grow_long, "rows; at most 1000 are taken: leave the rows to fill empty"),
        (grow_wide, "a.xlsx: 129 columns; at most 100 are read"),
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


def test_a_cell_behind_merged_words_is_filled_and_none_inside_them(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C2"], sheet["D2"] = None, None
        sheet.merge_cells("A2:C2")
        sheet["E2"] = "负责人:"
        sheet.merge_cells("E2:F2")

    (sheet,) = read_template(write_template(tmp_path / "a.xlsx", change))
    assert [lead.cell for lead in sheet.leads if lead.cell.endswith("2")] == ["D2", "G2"]


def test_a_foot_that_asks_for_totals_is_known(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A7"], sheet["D7"] = "合计", None

    (sheet,) = read_template(write_template(tmp_path / "a.xlsx", change))
    assert (sheet.totals, sheet.foot_row) == (True, 7)
    (other,) = read_template(write_template(tmp_path / "b.xlsx"))
    assert not other.totals


def test_a_workbook_of_bytes_is_told_by_a_harmless_name(tmp_path: Path) -> None:
    content = write_template(tmp_path / "a.xlsx").read_bytes()
    assert template_file(content, "../../x.xlsx").sheets[0].title == "表一"
    with pytest.raises(InvalidInput) as raised:
        template_file(b"PK", "C:\\<b>月报.xlsx")
    assert raised.value.faults[0].file == "_b_月报.xlsx"


def test_a_hundred_thousand_rows_and_a_packed_bomb_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", f"<sheet>{'<row><c/></row>' * 100_000}</sheet>")
    (sentence,) = faults_of(path)
    assert "100000 rows" in sentence or "packed" in sentence
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 2**25)
    assert len(faults_of(bomb)) == 1
