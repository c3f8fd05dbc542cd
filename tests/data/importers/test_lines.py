"""A fault names the line, sheet row or feature that whoever opens the file finds there."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.importers.outcome import ImportOutcome, Remark
from data.importers.readers.files import read_table
from data.importers.readers.lines import Lines
from gisgrid.errors import Fault, InvalidInput, row_said, say
from tests.importing import Desk
from tests.world import LAT, LON, STEP

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
HEADS = "number,category,reported_at,description,lon,lat\n"


@pytest.fixture
def desk(spatialite, tmp_path):
    return Desk(spatialite, tmp_path, NOW)


def case(number: str, when: str, what: str = "x") -> str:
    return f'{number},garbage,{when},"{what}",{LON + STEP!r},{LAT + STEP!r}\n'


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_a_csv_are_those_of_an_editor(desk, start, end):
    text = (
        start
        + "\n"  # 1: empty
        + HEADS  # 2
        + case("1", "2026-01-01 08:00", "two\nlines")  # 3, 4
        + "\n   \n"  # 5, 6
        + case("2", "soon")  # 7
        + case("3", "2026-01-01 08:00", "a quote\n\nand three lines")  # 8, 9, 10
        + case("3", "2026-01-01 08:00")  # 11
    )
    path = desk.folder / "c.csv"
    path.write_bytes(text.replace("\n", end).encode())
    outcome = desk.bring_file("cases", path, crs="4326")
    assert [(fault.counted, fault.row, fault.field) for fault in outcome.faults] == [
        ("line", 7, "reported_at"),
        ("line", 11, "number"),
    ]
    assert str(outcome.faults[1].message) == "line 8 has the number 3 too"
    assert outcome.faults[0].sentence().startswith("c.csv, line 7, field reported_at: ")
    assert outcome.counts["new"] == 2


def test_a_row_with_too_many_values_is_named_by_its_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('code,name\n\n1,"x\ny"\n1,x,y\n', encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"a\.csv, line 5: 3 values where 2 are expected"):
        read_table(path)


def test_rows_of_a_workbook_are_those_of_its_sheet(desk):
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"] = "a title"
    for column, head in enumerate(HEADS.strip().split(","), 1):
        sheet.cell(3, column, head)
    for row, when in ((4, "2026-01-01 08:00"), (7, "soon"), (9, "2026-01-02 08:00")):
        for column, value in enumerate((str(row), "garbage", when, "x", LON + STEP, LAT + STEP), 1):
            sheet.cell(row, column, value)
    path = desk.folder / "c.xlsx"
    book.save(path)
    outcome = desk.bring_file("cases", path, crs="4326")
    assert [fault.sentence().partition(":")[0] for fault in outcome.faults] == [
        "c.xlsx, row 7, field reported_at"
    ]


def test_a_geojson_has_features(desk):
    shapes = [
        ({"code": "a"}, shapely.box(LON, LAT, LON + 1e-4, LAT + 1e-4)),
        ({"code": ""}, shapely.Point(LON, LAT)),
    ]
    outcome = desk.bring_file("buildings", desk.shapes(*shapes))
    assert {(fault.counted, fault.row) for fault in outcome.faults} == {("feature", 2)}
    assert outcome.faults[0].sentence().startswith("shapes.geojson, feature 2, field ")


VALUE = st.text(st.sampled_from('a1 ,"\n\t;'), max_size=6)


@given(
    rows=st.lists(st.tuples(st.text("xyz", min_size=1, max_size=3), VALUE), min_size=1, max_size=8),
    gaps=st.lists(st.integers(0, 2), min_size=9, max_size=9),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_line_of_each_row_is_where_it_was_written(tmp_path_factory, rows, gaps, end):
    out, starts = io.StringIO(), []
    writer = csv.writer(out, lineterminator=end)
    writer.writerow(("code", "what"))
    for row, gap in zip(rows, gaps, strict=False):
        out.write(end * gap)
        text = out.getvalue().replace("\r\n", "\n")
        starts.append(text.count("\n") + 1)
        writer.writerow(row)
    path = tmp_path_factory.mktemp("lines") / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    table = read_table(path)
    assert len(table.frame) == len(rows)
    found = table.lines.faults([Fault(message="x", row=row) for row in range(1, len(rows) + 1)])
    assert [(fault.counted, fault.row) for fault in found] == [("line", start) for start in starts]


def test_other_rows_are_named_alike_in_sentences_and_keys():
    lines = Lines("feature", None, 3)
    said = say("{place} has the code {code} too", place=row_said(2), code="9")
    told = lines.outcome(
        ImportOutcome(
            counts={},
            faults=[Fault(message=said, row=3), Fault(message="whole file")],
            remarks=[Remark(row=1, key=row_said(1), field="x", message="m")],
        )
    )
    assert [fault.sentence() for fault in told.faults] == [
        "feature 3: feature 2 has the code 9 too",
        "whole file",
    ]
    assert told.remarks[0].key == "feature 1"


def test_where_lines_cannot_be_told_apart_rows_count_as_records():
    lines = Lines("line", lambda: iter([2, 3]), 3)
    assert [fault.sentence() for fault in lines.faults([Fault(message="m", row=3)])] == ["record 3: m"]
