"""The reader of the standard as judge: what pyxform refuses is refused, in its own words."""

from __future__ import annotations

import re
from typing import Final

from data.forms.sheets import FormSheets
from gisgrid.errors import Fault, say

_PLACE: Final = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_LONGEST: Final = 300


def judge_sheets(sheets: FormSheets, name: str) -> list[Fault]:
    """What pyxform says against the sheets: it stops at its first fault.

    It is handed rows, never a file, which it would open by other readers without our limits.
    """
    from pyxform.builder import create_survey_element_from_dict  # noqa: PLC0415 - takes a second to import
    from pyxform.errors import PyXFormError  # noqa: PLC0415
    from pyxform.xls2json import workbook_to_json  # noqa: PLC0415
    from pyxform.xls2json_backends import DefinitionData  # noqa: PLC0415

    rows = sheets.raw()
    rows["settings"] = [_without_titles(row) for row in rows["settings"]]
    heads = {f"{sheet}_header": [_heads_of(rows[sheet])] for sheet in rows}
    try:
        data = DefinitionData(**rows, **heads, sheet_names=list(rows))
        plain = workbook_to_json(data, form_name=name, warnings=[])
        create_survey_element_from_dict(plain).to_xml(validate=False, warnings=[])
    except PyXFormError as error:
        text = str(error)
        place = _PLACE.search(text)
        message = say("by the standard: {text}", text=_PLACE.sub("", text)[:_LONGEST])
        row = int(place[1]) if place else None
        return [Fault(message=message, file=f"{sheets.source} [survey]", row=row)]
    return []


def _without_titles(row: dict[str, str]) -> dict[str, str]:
    """The settings without a title in other languages, over which pyxform falls."""
    return {head: text for head, text in row.items() if not head.startswith("form_title:")}


def _heads_of(rows: list[dict[str, str]]) -> dict[str, None]:
    return dict.fromkeys(head for row in rows for head in row)
