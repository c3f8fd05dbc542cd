"""The reader of the standard as judge: what pyxform refuses is refused."""

from __future__ import annotations

from data.forms.sheets import FormSheets
from data.forms.standard_sentences import StandardFault, read_standard_fault
from gisgrid.errors import Fault


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
        return [_placed(sheets, read_standard_fault(str(error)))]
    return []


def _placed(sheets: FormSheets, fault: StandardFault) -> Fault:
    """A fault at its cell; that of a question by name alone at the question's row."""
    rows = sheets.rows["survey"]
    named = (row.number for row in rows if fault.name and row.cells.get("name") == fault.name)
    row = fault.row if fault.row is not None else next(named, None)
    return Fault(message=fault.message, file=f"{sheets.source} [{fault.sheet}]", row=row, field=fault.column)


def _without_titles(row: dict[str, str]) -> dict[str, str]:
    """The settings without a title in other languages, over which pyxform falls."""
    return {head: text for head, text in row.items() if not head.startswith("form_title:")}


def _heads_of(rows: list[dict[str, str]]) -> dict[str, None]:
    return dict.fromkeys(head for row in rows for head in row)
