"""A plan drawn from its edits: the ground it stands on, replayed edit by edit.

The ground of a revision is read once and remembered; an edit is a step from one remembered state to the
next, so that undo and redo are exact: they only change how many steps are taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gisgrid.areas.view import View
from gisgrid.geometry.edits import Ground
from gisgrid.redraw.edits.cell_edits import PaintEdit
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.edit import Edit
from gisgrid.redraw.edits.kinds import kind_of
from gisgrid.redraw.ground.plan_ground import PlanGround, base_of


def drawn(view: View, edits: Sequence[tuple[str, Mapping[str, Any]]]) -> Drawing:
    """A plan after its edits, given as id and kept JSON in their order; each step is remembered."""
    if not edits:
        return Drawing(ground=base_of(view).ground)
    ids = tuple(edit_id for edit_id, _op in edits)

    def step() -> Drawing:
        base, before, op = base_of(view), drawn(view, edits[:-1]), edits[-1][1]
        edit = kind_of(op).stored(op)
        came_from = (*before.came_from, _grids_painted(base, before.ground, edit))
        return replace(edit.draw(base, before), came_from=came_from)

    return view.remembered("drawing", ids, make=step)


def _grids_painted(base: PlanGround, ground: Ground, edit: Edit) -> tuple[str, ...]:
    """The grids that the cells of a paint are of, without the one they go to."""
    if not isinstance(edit, PaintEdit):
        return ()
    grids = {ground.grid_at(base.number_of(cell, ground)) for cell in edit.cells}
    return tuple(sorted(grids - {edit.to}, key=lambda code: (len(code), code)))
