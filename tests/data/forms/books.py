"""XLSForm workbooks for tests, written from plain rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

Rows = Sequence[Mapping[str, object]]
SETTINGS: Rows = [
    {
        "form_id": "visit",
        "form_title": "走访",
        "subject": "household",
        "purpose": "registration",
        "version": "1",
    }
]
CHOICES: Rows = [
    {"list_name": "manner", "name": "home", "label": "上门", "label::English (en)": "at home", "far": "no"},
    {
        "list_name": "manner",
        "name": "phone",
        "label": "电话",
        "label::English (en)": "by phone",
        "far": "yes",
    },
]
SURVEY: Rows = [
    {"type": "select_one manner", "name": "manner", "label": "方式", "required": "yes", "no_consent": "yes"},
    {"type": "calculate", "name": "met", "calculation": "${manner} = 'home'", "mark": "yes"},
    {"type": "begin_group", "name": "state", "label": "情况", "relevant": "${met}"},
    {
        "type": "integer",
        "name": "people",
        "label": "几人",
        "constraint": ". >= 0",
        "constraint_message": "不能是负数",
    },
    {"type": "end_group"},
    {"type": "begin_repeat", "name": "medicine", "label": "药"},
    {"type": "text", "name": "what", "label": "什么药"},
    {"type": "integer", "name": "times", "label": "一天几次"},
    {"type": "end_repeat"},
    {"type": "calculate", "name": "doses", "calculation": "sum(${times})"},
    {"type": "deviceid", "name": "device"},
]


def write_form(path: Path, survey: Rows = SURVEY, choices: Rows = CHOICES, settings: Rows = SETTINGS) -> Path:
    """A workbook with the three sheets."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, rows in (("survey", survey), ("choices", choices), ("settings", settings)):
        sheet = book.create_sheet(name)
        heads = list(dict.fromkeys(head for row in rows for head in row))
        sheet.append(heads)
        for row in rows:
            sheet.append([row.get(head) for head in heads])
    book.save(path)
    return path
