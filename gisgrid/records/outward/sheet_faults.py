"""What is wrong with which field goes where: places the template doesn't have, fields that don't exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from gisgrid.errors import Fault, say
from gisgrid.records.outward.fields import OutwardFields
from gisgrid.records.outward.sheets import OutwardSheet
from gisgrid.records.outward.template_shapes import TemplateSheet


def sheet_faults(
    sheets: Sequence[OutwardSheet], shapes: Sequence[TemplateSheet], fields: OutwardFields
) -> list[Fault]:
    """All that keeps fields from being kept for a template, each fault at its sheet and place."""
    known = {shape.title: shape for shape in shapes}
    faults: list[Fault] = []
    for sheet in sheets:
        shape = known.get(sheet.sheet)
        if shape is None:
            message = say("no sheet {sheet!r}; there are: {names}", sheet=sheet.sheet, names=", ".join(known))
            faults.append(Fault(message=message, field="sheet"))
        else:
            faults += _misplaced(sheet, shape, fields)
    twice = [title for title, count in Counter(sheet.sheet for sheet in sheets).items() if count > 1]
    faults += [
        Fault(message=say("the sheet {sheet} is there twice", sheet=title), field="sheet") for title in twice
    ]
    return faults


def unready_faults(sheets: Sequence[OutwardSheet]) -> list[Fault]:
    """What keeps a template from being filled: nobody has said yet what any of its places is."""
    if any(sheet.columns or sheet.cells for sheet in sheets):
        return []
    return [Fault(message=say("say of one column at least which field it is"), field="columns")]


def _misplaced(sheet: OutwardSheet, shape: TemplateSheet, fields: OutwardFields) -> Iterator[Fault]:
    columns, cells = {head.column for head in shape.heads}, {lead.cell for lead in shape.leads}
    yield from _unknown(sheet.columns, columns, fields.words(sheet.rows), kind="columns", sheet=sheet.sheet)
    yield from _unknown(sheet.cells, cells, fields.cell_words(), kind="cells", sheet=sheet.sheet)


def _unknown(
    planned: Mapping[str, str], places: Collection[str], fields: Collection[str], *, kind: str, sheet: str
) -> Iterator[Fault]:
    for place, name in planned.items():
        if place not in places:
            message = say("the template has no place {place} to fill", place=place)
            yield Fault(message=message, file=sheet, field=f"{kind}.{place}")
        elif name not in fields:
            message = say("there is no field {field}", field=name)
            yield Fault(message=message, file=sheet, field=f"{kind}.{place}")
