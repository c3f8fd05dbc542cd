"""Two workbooks of other offices that the demo keeps as templates; what each column is has been said."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from string import ascii_uppercase
from typing import Any, Final

import openpyxl

from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from data.outward.template import template_file
from gisgrid.access.models import Role
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.sheets import ROW_NUMBER, OutwardPeople, OutwardSheet
from gisgrid.records.outward.templates import TemplateInput, change_sheets, keep_template

_SHEET: Final = "表一"
_CELLS: Final = {"B2": "community.name", "B7": "filler.name"}
_BASIS: Final = "街道报表通知(示例)"
_ELDERS: Final = {
    "序号": ROW_NUMBER,
    "姓名": "person.name",
    "性别": "person.sex",
    "年龄": "person.age",
    "家庭住址": "household.address",
    "是否独居": "person.need.living_alone",
    "探访人": "last.elder_visit.worker",
    "上次走访日期": "last.elder_visit.day",
    "备注": None,
}
_GRIDS: Final = {
    "序号": ROW_NUMBER,
    "网格名称": "grid.name",
    "网格员": "grid.member",
    "户数": "count.households",
    "人口数": "count.residents",
    "60岁以上老人数": "count.elders",
    "本月走访次数": "count.elder_visit.month",
    "备注": None,
}
_TEMPLATES: Final = (
    ("民政办(示例)", "老年人走访台账", OutwardRows.PERSON, OutwardPeople.VISITED, _ELDERS),
    ("综治中心(示例)", "网格月度采集表", OutwardRows.GRID, OutwardPeople.EVERYONE, _GRIDS),
)
_EMPTY_ROWS: Final = 3


def load_templates(loading: Loading, demo: DemoCommunity) -> None:
    """Both templates, kept by the head."""
    head = next((account.name for account in demo.accounts if account.role == Role.HEAD), None)
    if head is None:
        return
    view = loading.view_as(loading.ids["account"][head], loading.now)
    for department, title, rows, people, fields in _TEMPLATES:
        file = template_file(_workbook(title, list(fields)), f"{title}.xlsx")
        sent = TemplateInput(department=department, title=title, legal_basis=_BASIS)
        form = keep_template(view, file, sent, now=loading.now)
        places = zip(ascii_uppercase, fields.values(), strict=False)
        columns = {letter: field for letter, field in places if field is not None}
        sheet = OutwardSheet(sheet=_SHEET, rows=rows, people=people, columns=columns, cells=_CELLS)
        change_sheets(view, form.code, [sheet], now=loading.now)


def _workbook(title: str, heads: Sequence[str]) -> bytes:
    """A title over all columns, the heads in row 3, rows to fill and a foot, as offices send them."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = _SHEET
    sheet["A1"] = title
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(heads))
    sheet["A2"] = "填报单位:"
    for column, head in enumerate(heads, 1):
        sheet.cell(3, column, head)
    sheet.cell(4 + _EMPTY_ROWS, 1, "填表人:")
    file = BytesIO()
    book.save(file)
    return file.getvalue()
