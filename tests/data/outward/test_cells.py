"""What is filled stands where it belongs, looks as the template does, and is counted truly."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.outward.cells import CellCounts, fill_template
from data.outward.template import read_template
from gisgrid.errors import InvalidInput
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.cell_values import NO_CONSENT, CellValue
from gisgrid.records.outward.sheets import ROW_NUMBER, OutwardSheet
from tests.data.outward.sheets import write_template

COLUMNS = {"A": ROW_NUMBER, "B": "name", "C": "born", "D": "age", "E": "alone"}
PLAN = OutwardSheet(
    rows=OutwardRows.PERSON, sheet="表一", columns=COLUMNS, cells={"B2": "unit", "B7": "author"}
)
CELLS = {"unit": "示例社区", "author": "示例员"}


def filled(path: Path, rows: list[dict[str, CellValue]]) -> tuple[Any, CellCounts]:
    done = fill_template(path, [PLAN], rows={"表一": rows}, cells=CELLS)
    assert done.rows == len(rows)
    return openpyxl.load_workbook(BytesIO(done.content))["表一"], done.counts


@pytest.mark.parametrize("count", [0, 1, 3, 4, 50])
def test_rows_fill_what_is_free_and_push_the_foot_down(tmp_path: Path, count: int) -> None:
    rows: list[dict[str, CellValue]] = [
        {"name": f"示例{number}", "born": date(1950, 1, 1), "age": 76, "alone": number % 2 == 0}
        for number in range(count)
    ]
    sheet, counts = filled(write_template(tmp_path / "a.xlsx"), rows)
    assert [sheet.cell(4 + at, 2).value for at in range(count)] == [row["name"] for row in rows]
    assert [sheet.cell(4 + at, 1).value for at in range(count)] == list(range(1, count + 1))
    assert [sheet.cell(4 + at, 5).value for at in range(count)] == [
        "是" if at % 2 == 0 else "否" for at in range(count)
    ]
    foot = max(7, 4 + count)
    assert (sheet.cell(foot, 1).value, sheet.cell(foot, 2).value) == ("填表人:", "示例员")
    assert sheet.row_dimensions[foot].height == 31
    assert sheet["B2"].value == "示例社区"
    assert sheet["A1"].value == "老年人登记表"
    if count:
        assert sheet.cell(3 + count, 2).font.bold, "each row looks as the first"
        assert sheet.cell(4, 3).number_format == "yyyy-mm-dd"
    # five columns with a head beside the number, four of them planned; four single cells, two of them planned
    assert counts == CellCounts(
        cells=5 * count + 4, prefilled=4 * count + 2, empty=0, no_consent=0, unplanned=count + 2
    )


def test_what_is_missing_is_told_by_its_reason(tmp_path: Path) -> None:
    rows: list[dict[str, CellValue]] = [
        {"name": NO_CONSENT, "born": None, "age": 80},
        {"name": "示例", "age": 0},
    ]
    sheet, counts = filled(write_template(tmp_path / "a.xlsx"), rows)
    assert sheet["B4"].value is None
    assert sheet["D5"].value == 0
    assert counts == CellCounts(cells=14, prefilled=5, empty=4, no_consent=1, unplanned=4)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_no_text_becomes_a_formula(tmp_path: Path, texts: list[str]) -> None:
    texts = ["=1+1", "+8613800000000", "-1", "@SUM(A1)", *texts]
    sheet, _counts = filled(write_template(tmp_path / "a.xlsx"), [{"name": text} for text in texts])
    for at, text in enumerate(texts):
        cell = sheet.cell(4 + at, 2)
        assert cell.data_type == "s"
        assert cell.value.removeprefix("'") == text.removeprefix("'")
        assert not cell.value.startswith(("=", "+", "-", "@"))


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="20001 rows"):
        filled(write_template(tmp_path / "a.xlsx"), [{"name": "x"}] * 20_001)


def test_forms_of_departments_are_read_and_filled(real_data: Path) -> None:
    """All five that a street office gets: every head has a column, a row in each arrives."""
    folder = real_data.parent / "templates"
    paths = sorted(folder.glob("*.xlsx"))
    if not paths:
        pytest.skip("no forms here")
    for path in paths:
        (sheet,) = read_template(path)
        columns = {head.column: f"field.{head.column}" for head in sheet.heads}
        plan = OutwardSheet(rows=OutwardRows.PERSON, sheet=sheet.title, columns=columns)
        row: dict[str, CellValue] = dict.fromkeys(columns.values(), "示例")
        done = fill_template(path, [plan], rows={sheet.title: [row] * 9}, cells={})
        assert done.counts.prefilled == 9 * len(sheet.heads)
        assert len(sheet.heads) >= 13


def test_a_row_of_totals_sums_counts_alone(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        for cell, text in {"A7": "合计", "D7": None}.items():
            sheet[cell] = text

    path = write_template(tmp_path / "a.xlsx", change)
    columns = {"A": "grid.name", "B": "count.households", "C": "building.built_year", "D": "count.elders"}
    plan = OutwardSheet(rows=OutwardRows.GRID, sheet="表一", columns=columns)
    rows: list[dict[str, CellValue]] = [
        {"grid.name": f"G{at}", "count.households": at, "building.built_year": 1990, "count.elders": 2}
        for at in range(1, 6)
    ]
    done = fill_template(path, [plan], rows={"表一": rows}, cells={})
    sheet = openpyxl.load_workbook(BytesIO(done.content))["表一"]
    assert [cell.value for cell in sheet[9]] == ["合计", 15, None, 10, None, None]
    # six columns in five rows, four of them known; two sums, two that nobody planned; two lead cells
    assert done.counts == CellCounts(cells=36, prefilled=22, unplanned=14)
