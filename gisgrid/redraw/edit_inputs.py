"""What an edit needs of the database before it is drawn: afterwards it is replayed without asking again."""

from __future__ import annotations

from functools import singledispatch

from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.redraw.edits.area_edits import DutyEdit, RenameEdit, RenumberEdit
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.edit import Edit
from gisgrid.redraw.edits.numbers import grids_under
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.duties import origin_of, refuse_strangers
from gisgrid.redraw.impact.impact import grid_names


@singledispatch
def prepared(edit: Edit, _view: View, _base: PlanGround, _drawing: Drawing) -> Edit:
    """An edit with what is to be kept of the present: the grids below a named parent.

    Raises
    ------
    InvalidInput
        A worker or parent that isn't there.
    Conflict
        A duty or a name that is as it is already, or a name that another grid has.
    """
    return edit


@prepared.register
def _duty(edit: DutyEdit, view: View, base: PlanGround, drawing: Drawing) -> Edit:
    refuse_strangers(view, base, drawing, edit.change)
    return edit


@prepared.register
def _rename(edit: RenameEdit, view: View, _base: PlanGround, drawing: Drawing) -> Edit:
    names = grid_names(view, drawing)
    if any(names.get(other) == edit.name for other in drawing.ground.grids if other != edit.area):
        raise Conflict(say("another grid is called {name} already", name=edit.name))
    micros = {area.code: area.name for area in view.division.tree.at_level(Level.MICRO_GRID)}
    if (micros | names).get(edit.area) == edit.name:
        raise Conflict("this is so already: nothing would change")
    return edit


@prepared.register
def _renumber(edit: RenumberEdit, view: View, _base: PlanGround, drawing: Drawing) -> Edit:
    if edit.parent is None:
        return edit
    known = set(grids_under(view.division.tree, edit.parent))
    grids = [code for code in drawing.ground.grids if origin_of(drawing, code, known) in known]
    if not grids:
        raise InvalidInput("no area with grids has that code", field="parent")
    return edit.stored({**edit.kept, "grids": sorted(grids)})
