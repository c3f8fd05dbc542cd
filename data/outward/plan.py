"""What goes where: which column and which single cell of a template holds which field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from data.outward.template import TemplateSheet
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.records.outward.sheets import ROW_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPlan:
    """Fields by the letters of a column, and by a single cell, of one sheet."""

    sheet: str
    columns: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)


def guess_plan(sheet: TemplateSheet, aliases: Mapping[str, str]) -> SheetPlan:
    """What the heads and lead words say by themselves; the rest is for people to say.

    ``aliases`` holds fields by a head as offices write it; blanks and the kind of colon don't matter.
    """
    known = {_plain(title): name for title, name in aliases.items()}
    columns = {head.column: known[_plain(head.title)] for head in sheet.heads if _plain(head.title) in known}
    cells = {lead.cell: known[_plain(lead.label)] for lead in sheet.leads if _plain(lead.label) in known}
    return SheetPlan(sheet=sheet.title, columns=columns, cells=cells)


def _plain(title: str) -> str:
    return "".join(title.split()).replace("(", "(").replace(")", ")").casefold()


def check_plans(
    plans: Sequence[SheetPlan],
    sheets: Sequence[TemplateSheet],
    *,
    row_fields: Collection[str],
    cell_fields: Collection[str],
) -> None:
    """Refuse plans that name what the template or the register doesn't have.

    Raises
    ------
    InvalidInput
        No such sheet, column, cell or field, or nothing planned at all; all faults at once.
    """
    known = {sheet.title: sheet for sheet in sheets}
    faults: list[Fault] = []
    for plan in plans:
        sheet = known.get(plan.sheet)
        if sheet is None:
            message = say("no sheet {sheet!r}; there are: {names}", sheet=plan.sheet, names=", ".join(known))
            faults.append(Fault(message=message, field="sheet"))
            continue
        columns, cells = {head.column for head in sheet.heads}, {lead.cell for lead in sheet.leads}
        faults += _unknown(plan.columns, columns, {*row_fields, ROW_NUMBER}, kind="columns")
        faults += _unknown(plan.cells, cells, cell_fields, kind="cells")
    if not any(plan.columns or plan.cells for plan in plans):
        faults.append(Fault(message=say("say of one column at least which field it is"), field="columns"))
    if faults:
        raise InvalidInput(faults)


def _unknown(
    planned: Mapping[str, str], places: Collection[str], fields: Collection[str], *, kind: str
) -> list[Fault]:
    faults = []
    for place, name in planned.items():
        if place not in places:
            message = say("the template has no place {place} to fill", place=place)
            faults.append(Fault(message=message, field=f"{kind}.{place}"))
        elif name not in fields:
            message = say("there is no field {field}", field=name)
            faults.append(Fault(message=message, field=f"{kind}.{place}"))
    return faults
