"""The edit that an accepted proposal is: many cells change hands at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import Delta, Ground
from gisgrid.geometry.edits.assignment import assign
from gisgrid.redraw.ground.plan_ground import PlanGround


def assign_cells(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    """The change of ``{"op": "assign", "owners": {CELL: CODE}, "opens": {KEY: CODE}}``.

    A code in ``owners`` may be a key of ``opens``: a grid, or a micro grid, that is opened out of another.

    Raises
    ------
    InvalidInput
        The operation is not of that form, or what it asks for can't be done.
    """
    owners, opens = _texts(op, "owners"), _texts(op, "opens") if "opens" in op else {}
    if not owners:
        raise InvalidInput("name the cells by their ids", field="cells")
    for code in opens.values():
        ground.cells_of(code)
    return assign(ground, {base.number_of(cell, ground): code for cell, code in owners.items()}, opens)


def _texts(op: Mapping[str, Any], name: str) -> dict[str, str]:
    value = op.get(name)
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise InvalidInput("is an object of cells and codes", field=name)
    return dict(value)
