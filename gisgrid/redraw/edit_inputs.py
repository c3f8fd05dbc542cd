"""What an edit needs of the database before it is drawn: afterwards it is replayed without asking again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisgrid.areas.models import Level
from gisgrid.areas.view import Look
from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.numbers import grids_under
from gisgrid.redraw.edits.tools import name_of, text_of
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.duties import origin_of, refuse_strangers
from gisgrid.redraw.impact.impact import grid_names


def prepared(look: Look, base: PlanGround, drawing: Drawing, op: Mapping[str, Any]) -> Mapping[str, Any]:
    """An edit with what is to be kept of the present: the grids below a named parent.

    Raises
    ------
    InvalidInput
        A worker or parent that isn't there.
    Conflict
        A duty or a name that is as it is already, or a name that another grid has.
    """
    if op.get("op") == "duty":
        refuse_strangers(look, base, drawing, op)
    if op.get("op") == "rename":
        _refuse_taken_name(look, drawing, op)
    if op.get("op") == "renumber" and op.get("parent") is not None:
        known = set(grids_under(look.division.tree, text_of(op, "parent")))
        grids = [code for code in drawing.ground.grids if origin_of(drawing, code, known) in known]
        if not grids:
            raise InvalidInput("no area with grids has that code", field="parent")
        return {**op, "grids": sorted(grids)}
    return op


def _refuse_taken_name(look: Look, drawing: Drawing, op: Mapping[str, Any]) -> None:
    code, name = text_of(op, "area"), name_of(op)
    names = grid_names(look, drawing)
    if any(names.get(other) == name for other in drawing.ground.grids if other != code):
        raise Conflict(say("another grid is called {name} already", name=name))
    micros = {area.code: area.name for area in look.division.tree.at_level(Level.MICRO_GRID)}
    if (micros | names).get(code) == name:
        raise Conflict("this is so already: nothing would change")
