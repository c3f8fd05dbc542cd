"""A plan as drawn: the ground it stands on, replayed edit by edit.

The ground of a revision is read once and remembered; an edit is a step from one remembered state to the
next, so that undo and redo are exact: they only change how many steps are taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gisgrid.areas.look import Look
from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.geometry.editing import Delta, Ground, apply, compose
from gisgrid.redraw.ground import Base, base_of
from gisgrid.redraw.relaying import relaid_names
from gisgrid.redraw.renumbering import renumbered
from gisgrid.redraw.staffing import DutyChange, duty_change
from gisgrid.redraw.tools import TOOLS, name_of, text_of

OPS: Final = (*TOOLS, "rename", "lock", "duty", "renumber")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A plan after some edits: ground, all changes since the revision as one delta, names, duties, codes."""

    ground: Ground
    delta: Delta = field(default_factory=Delta)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    duties: tuple[DutyChange, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


def passed_on(before: Ground, after: Ground) -> list[int]:
    """Numbers of the cells whose grid differs, also where their micro grid moved as a whole.

    Cells that only one of the two grounds has are among them.
    """
    return [
        cell
        for cell in sorted(before.owner.keys() | after.owner.keys())
        if cell not in before.owner or cell not in after.owner or before.grid_at(cell) != after.grid_at(cell)
    ]


def drawn(look: Look, edits: Sequence[tuple[str, Mapping[str, Any]]]) -> Drawing:
    """A plan after its edits, given as id and operation in their order; each step is remembered."""
    if not edits:
        return Drawing(ground=base_of(look).ground)
    ids = tuple(edit_id for edit_id, _op in edits)

    def step() -> Drawing:
        return edited(base_of(look), drawn(look, edits[:-1]), edits[-1][1])

    return look.remembered("drawing", ids, make=step)


def edited(base: Base, drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
    """A drawing after one more operation.

    Raises
    ------
    InvalidInput
        The operation is not of a known form.
    Conflict
        It would break a grid, touch a locked one, or leave somebody without a grid.
    """
    name = op.get("op")
    if name == "rename":
        return _renamed(drawing, op)
    if name == "lock":
        return _locked(drawing, op)
    if name == "duty":
        change = duty_change(op)
        drawing.ground.cells_of(change.area)
        return replace(drawing, duties=(*drawing.duties, change))
    if name == "renumber":
        return replace(drawing, codes=renumbered(drawing.ground, drawing.codes, op))
    make = TOOLS.get(str(name))
    if make is None:
        known = ", ".join(OPS)
        raise InvalidInput(say("an edit is one of: {known}", known=known), field="op")
    delta = make(base, drawing.ground, op)
    _refuse_locked(drawing, delta)
    ground, delta = apply(drawing.ground, delta), compose(drawing.delta, delta)
    return replace(drawing, ground=ground, delta=delta, names={**drawing.names, **relaid_names(op)})


def _renamed(drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
    code, name = text_of(op, "area"), name_of(op)
    drawing.ground.cells_of(code)
    return replace(drawing, names={**drawing.names, code: name})


def _locked(drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
    code = text_of(op, "grid")
    drawing.ground.cells_of(code)
    change = {code}
    locked = drawing.locked | change if op.get("locked", True) else drawing.locked - change
    return replace(drawing, locked=frozenset(locked))


def _refuse_locked(drawing: Drawing, delta: Delta) -> None:
    before, after = drawing.ground, apply(drawing.ground, delta)
    hit = {
        grid
        for cell in {*delta.owners, *passed_on(before, after)}
        for ground in (before, after)
        if cell in ground.owner and (grid := ground.grid_at(cell)) in drawing.locked
    }
    if hit:
        raise Conflict(say("locked: {grids}", grids=", ".join(sorted(hit))))
