"""Workbooks as an office keeps them: codes, days, formulas, merged cells, titles, several sheets."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importers.readers import limits
from data.importers.readers.files import read_table
from data.importers.readers.workbook_cells import letters_of
from gisgrid.errors import InvalidInput

MOMENT = datetime(2026, 11, 24, 8, 5)  # noqa: DTZ001 - workbooks know no zones
TEXTS = st.text(st.characters(exclude_categories=["C"], exclude_characters="_"), max_size=8)


def saved(path, *rows, change=None, sheet="台账"):
    """A workbook of one sheet with rows; ``change`` may still do what it wants with it."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book)
    book.save(path)
    return path


def read(tmp_path, *rows, change=None, layer=None):
    return read_table(saved(tmp_path / "a.xlsx", *rows, change=change), layer=layer)


def changed(path, target, member, old, new):
    """A copy of a workbook with the bytes of one part changed."""
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in given.namelist():
            content = given.read(name)
            assert name != member or old in content
            out.writestr(name, content.replace(old, new) if name == member else content)
    return target


def faults(caught):
    return [(fault.row, fault.field, str(fault.message)) for fault in caught.value.faults]


def test_values_are_text_as_they_are_shown(tmp_path):
    def code_of_four(book):
        book.active["C2"].number_format = "0000"

    table = read(
        tmp_path,
        ["a", "b", "c", "d", "e", "f", "g"],
        ["0113", 113.0, 113, 0.25, date(1950, 3, 7), MOMENT, True],
        [None, -5, None, 1e14, time(8, 5), "  NULL", ""],
        change=code_of_four,
    )
    assert table.frame.to_numpy().tolist() == [
        ["0113", "113", "0113", "0.25", "1950-03-07", "2026-11-24 08:05:00", "true"],
        ["", "-5", "", "100000000000000", "08:05:00", "  NULL", ""],
    ]
    assert (table.has_geometry, table.crs, table.source, table.notes) == (False, None, "a.xlsx", ())


@settings(max_examples=20)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["C"], exclude_characters="_"), max_size=8),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_text_comes_back_as_it_was_put_in(tmp_path_factory, rows):
    path = saved(tmp_path_factory.mktemp("x") / "a.xlsx", ["code", "name"])
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.active.append([None, None])
        for column, text in enumerate(row, 1):
            cell = book.active.cell(row=book.active.max_row + (column == 1), column=column)
            cell.value, cell.data_type = text, "s"
    book.save(path)
    assert read_table(path).frame.to_numpy().tolist() == [row for row in rows if any(row)]


def test_empty_rows_and_rows_of_blank_cells_are_no_rows(tmp_path):
    table = read(tmp_path, ["a", "b"], [1, 2], [None, None], [], ["", ""], [3, None])
    assert table.frame.to_numpy().tolist() == [["1", "2"], ["3", ""]]


def test_a_title_above_the_names_is_left_out_and_that_is_said(tmp_path):
    def merge(book):
        book.active.merge_cells("A1:B1")

    table = read(tmp_path, ["幸福社区台账", None], [], ["编码", "名称"], ["01", "甲"], change=merge)
    assert table.frame.to_dict("list") == {"编码": ["01"], "名称": ["甲"]}
    assert [str(note) for note in table.notes] == ["1 rows above the names of the columns are left out"]


def test_one_column_is_a_table_as_well(tmp_path):
    assert read(tmp_path, ["编码"], ["01"], ["02"]).frame["编码"].tolist() == ["01", "02"]


def test_names_merged_over_columns_are_told_by_their_letters(tmp_path):
    def merge(book):
        book.active.merge_cells("B1:D1")

    with pytest.raises(InvalidInput, match="columns without a name: C, D; each column needs its own"):
        read(tmp_path, ["姓名", "联系方式", None, None, "住址"], [None, "手机", "座机"], change=merge)


def test_cells_merged_over_rows_are_told(tmp_path):
    def merge(book):
        book.active.merge_cells("A2:A4")
        book.active.merge_cells("B2:C2")

    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, ["地址", "室"], ["1幢", "101"], [None, "102"], [None, "103"], change=merge)
    assert faults(caught) == [
        (None, None, "the cells A2:A4 are merged over several rows: unmerge them and fill each row")
    ]


def test_formulas_count_by_their_stored_result_and_without_one_are_told(tmp_path):
    path = saved(tmp_path / "a.xlsx", ["a", "b"], ["x", "=1+1"], ["y", "=2+2"], ["z", 5])
    with pytest.raises(InvalidInput) as caught:
        read_table(path)
    message = "a formula without a stored result: open the workbook, save it, and give that"
    assert faults(caught) == [(2, "B", message), (3, "B", message)]
    sheet = "xl/worksheets/sheet1.xml"
    once = changed(path, tmp_path / "b.xlsx", sheet, b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    twice = changed(once, tmp_path / "c.xlsx", sheet, b"<f>2+2</f><v />", b"<f>2+2</f><v>4</v>")
    assert read_table(twice).frame["b"].tolist() == ["2", "4", "5"]


def test_errors_and_rounded_numbers_are_told_with_row_and_column(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, ["a", "b"], ["#N/A", 320321195003071234], ["ok", 1, "beyond"])
    assert faults(caught) == [
        (2, "A", "the cell holds the error #N/A"),
        (2, "B", "a number of over 15 digits has lost its last ones: such codes must be text"),
        (3, "C", "a value stands under no name"),
    ]


def test_of_several_sheets_the_first_shown_with_values_is_read(tmp_path):
    def more(book):
        book.create_sheet("说明", 0)
        hidden = book.create_sheet("旧", 0)
        hidden.append(["x", "y"])
        hidden.sheet_state = "hidden"
        book.create_sheet("其他").append(["p", "q"])

    table = read(tmp_path, ["a", "b"], [1, 2], change=more)
    assert list(table.frame.columns) == ["a", "b"]
    assert [str(note) for note in table.notes] == [
        "read from the sheet 台账; others are there: 说明, 其他",
        "hidden sheets are left out: 旧",
    ]
    assert list(read_table(tmp_path / "a.xlsx", layer="其他").frame.columns) == ["p", "q"]
    assert list(read_table(tmp_path / "a.xlsx", layer="旧").frame.columns) == ["x", "y"]
    with pytest.raises(InvalidInput, match="no sheet 'z'; there are: 旧, 说明, 台账, 其他"):
        read_table(tmp_path / "a.xlsx", layer="z")
    with pytest.raises(InvalidInput, match="the workbook holds no values"):
        read_table(tmp_path / "a.xlsx", layer="说明")


def test_a_sheet_that_says_a_wrong_size_is_read_whole(tmp_path):
    path = saved(tmp_path / "a.xlsx", ["a", "b"], [1, 2], [3, 4])
    wrong = changed(path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", b'ref="A1:B3"', b'ref="A1"')
    assert read_table(wrong).frame.to_numpy().tolist() == [["1", "2"], ["3", "4"]]


def test_a_cell_far_right_is_no_reason_to_fill_the_memory(tmp_path):
    with pytest.raises(InvalidInput, match="16384 columns; at most 500 are read"):
        read(tmp_path, ["a", "b"], change=lambda book: book.active.cell(1, 16384, "far"))


def test_a_row_far_down_is_only_the_next_one(tmp_path):
    table = read(tmp_path, ["a", "b"], [1, 2], change=lambda book: book.active.cell(1_000_000, 1, "x"))
    assert table.frame.to_numpy().tolist() == [["1", "2"], ["x", ""]]


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_ROWS", 3)
    with pytest.raises(InvalidInput, match="more than 3 rows"):
        read(tmp_path, ["a"], *[["x"]] * 4)


@pytest.mark.parametrize(
    ("declared", "used"),
    [(b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;"), (b'<!ENTITY x "y">', b"&x;")],
    ids=["a file outside", "an entity of its own"],
)
@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_xml_entities_are_refused_unread(tmp_path, member, declared, used):
    path = saved(tmp_path / "a.xlsx", ["a", "b"], ["secret", 2])
    with zipfile.ZipFile(path) as book:
        root = re.search(rb"<(worksheet|workbook)[ >]", book.read(member)).group(0)
    bad = changed(path, tmp_path / "b.xlsx", member, root, b"<!DOCTYPE r [" + declared + b"]>" + root)
    if member.startswith("xl/worksheets"):
        bad = changed(bad, tmp_path / "c.xlsx", member, b"secret", used)
    with pytest.raises(InvalidInput, match="holds an XML entity"):
        read_table(bad)


def test_a_sheet_that_is_cut_off_is_refused(tmp_path):
    path = saved(tmp_path / "a.xlsx", ["a", "b"], ["x", 2])
    bad = changed(path, tmp_path / "b.xlsx", "xl/worksheets/sheet1.xml", b"</sheetData>", b"")
    with pytest.raises(InvalidInput, match="can't be read; it may be damaged"):
        read_table(bad)


def test_an_archive_that_is_no_workbook_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("x.txt", "x")
    with pytest.raises(InvalidInput, match=r"a\.xlsx: the archive is no workbook"):
        read_table(tmp_path / "a.xlsx")


def test_letters_count_columns():
    assert [letters_of(n) for n in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
