"""All edits of a plan, told apart by ``op``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gisgrid.access.actions import Action
from gisgrid.errors import InvalidInput, say
from gisgrid.redraw.edits.area_edits import DutyEdit, LockEdit, RenameEdit, RenumberEdit
from gisgrid.redraw.edits.cell_edits import (
    AssignEdit,
    DivideEdit,
    MergeEdit,
    MoveEdit,
    OutlineEdit,
    PaintEdit,
    ReshapeEdit,
    RestoreEdit,
    SplitEdit,
    TransferEdit,
)
from gisgrid.redraw.edits.edit import Edit

EDITS: Final[Mapping[str, type[Edit]]] = {
    kind.op_name(): kind
    for kind in (
        *(PaintEdit, MergeEdit, SplitEdit, ReshapeEdit, MoveEdit, DivideEdit, OutlineEdit, TransferEdit),
        *(AssignEdit, RestoreEdit, RenameEdit, LockEdit, DutyEdit, RenumberEdit),
    )
}
OUTLINE_EDITS: Final = tuple(name for name, kind in EDITS.items() if kind.right == Action.REDRAW_OUTLINE)
"""Edits that change the community's outline: those above it approve them."""


def kind_of(op: Mapping[str, Any]) -> type[Edit]:
    """The kind of an edit.

    Raises
    ------
    InvalidInput
        There is none of that name.
    """
    kind = _known(op)
    if kind is None:
        raise InvalidInput(say("an edit is one of: {known}", known=", ".join(EDITS)), field="op")
    return kind


def right_to_draw(op: Mapping[str, Any]) -> Action:
    """What somebody must be allowed to add an edit: the community's outline is a right of its own."""
    return (_known(op) or Edit).right


def _known(op: Mapping[str, Any]) -> type[Edit] | None:
    name = op.get("op")
    return EDITS.get(name) if isinstance(name, str) else None
