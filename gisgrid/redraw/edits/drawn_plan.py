"""A plan as drawn: the ground it stands on, replayed edit by edit.

The ground of a revision is read once and remembered; an edit is a step from one remembered state to the
next, so that undo and redo are exact: they only change how many steps are taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gisgrid.areas.view import Look
from gisgrid.errors import Conflict, InvalidInput, say, some_of
from gisgrid.geometry.edits import Delta, Ground, apply, compose
from gisgrid.redraw.edits.duty_edits import DutyChange, duty_change
from gisgrid.redraw.edits.forms import FIELDS
from gisgrid.redraw.edits.numbers import renumbered
from gisgrid.redraw.edits.overlay import relaid_names
from gisgrid.redraw.edits.tools import OUTLINE, PAINT, TOOLS, TRANSFER, name_of, text_of
from gisgrid.redraw.ground.plan_ground import PlanGround, base_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A grid that goes to another community: its code, theirs, and that of the area there it comes under."""

    grid: str
    to: str
    parent: str | None


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A plan after some edits: ground, all changes since the revision as one delta, names, duties, codes.

    ``transfer``: the grid that it gives to another community, if any. ``came_from``: for each edit drawn,
    the grids its painted cells were of before, by code; empty for edits of other kinds.
    """

    ground: Ground
    delta: Delta = field(default_factory=Delta)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    duties: tuple[DutyChange, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    transfer: Transfer | None = None
    came_from: tuple[tuple[str, ...], ...] = ()


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
        base, before, op = base_of(look), drawn(look, edits[:-1]), edits[-1][1]
        came_from = (*before.came_from, _grids_painted(base, before.ground, op))
        return replace(edited(base, before, op), came_from=came_from)

    return look.remembered("drawing", ids, make=step)


def _grids_painted(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> tuple[str, ...]:
    """The grids that the cells of a paint are of, without the one they go to."""
    if op.get("op") != PAINT:
        return ()
    grids = {ground.grid_at(base.number_of(str(cell), ground)) for cell in op["cells"]}
    return tuple(sorted(grids - {op["to"]}, key=lambda code: (len(code), code)))


def edited(base: PlanGround, drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
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
        known = ", ".join(FIELDS)
        raise InvalidInput(say("an edit is one of: {known}", known=known), field="op")
    transfer = _transfer(drawing, op) if name == TRANSFER else drawing.transfer
    if name == OUTLINE and transfer is not None:
        raise _one_outline()
    delta = make(base, drawing.ground, op)
    _refuse_locked(drawing, delta)
    ground, delta = apply(drawing.ground, delta), compose(drawing.delta, delta)
    names = {**drawing.names, **relaid_names(op)}
    return replace(drawing, ground=ground, delta=delta, names=names, transfer=transfer)


def _transfer(drawing: Drawing, op: Mapping[str, Any]) -> Transfer:
    """The grid given away, where nothing else of the plan is about it or the outline."""
    if drawing.delta.outline is not None:
        raise _one_outline()
    grid, to = text_of(op, "grid"), text_of(op, "to")
    own = {grid, *drawing.ground.subdivision.get(grid, ())}
    named = {*drawing.names, *drawing.codes, *(change.area for change in drawing.duties)}
    if own & named:
        raise Conflict(say("this plan has changed grid {grid}: publish that first", grid=grid))
    return Transfer(grid=grid, to=to, parent=None if op.get("parent") is None else text_of(op, "parent"))


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
        raise Conflict(say("locked: {grids}", grids=some_of(hit)))


def _one_outline() -> Conflict:
    return Conflict("a plan gives one grid away, or draws another outline: publish it first")
