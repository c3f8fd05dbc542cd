"""The edits that give cells to others or make cells, each with its fields and the change it makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, WithJsonSchema

from gisgrid.access.actions import Action
from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.geometry.edits import (
    Delta,
    Ground,
    divide,
    merge,
    move_vertex,
    paint,
    redraw_outline,
    release,
    reshape,
    split,
)
from gisgrid.geometry.edits.assignment import assign
from gisgrid.geometry.lattice import as_array
from gisgrid.redraw.edits.drawn_plan import Drawing, Transfer
from gisgrid.redraw.edits.edit import CellEdit
from gisgrid.redraw.edits.fields import (
    Also,
    Cells,
    Code,
    Flag,
    Land,
    Line,
    MergedGrids,
    Opens,
    Owners,
    Parent,
    Position,
    Ring,
    Untold,
)
from gisgrid.redraw.edits.overlay import RestoredGrids, names_of, relay
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.ground.surroundings import refuse_taken

_ALSO: Final = "also"
"""The field that names cells which go along with an edit."""


class PaintEdit(CellEdit):
    """Gives cells to a grid or micro grid. 422 where all are there already, or one is named twice.

    Where a grid would fall apart, the problem's `mend` has the edit that takes the plots between along, if
    there is one: so of every tool.
    """

    takes: ClassVar[str | None] = "to"
    along: ClassVar[str | None] = "cells"

    op: Literal["paint"]
    cells: Cells
    to: Code

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        return paint(ground, [base.number_of(cell, ground) for cell in self.cells], self.to)

    def idle(self) -> Conflict | InvalidInput:
        """What is said where all cells are there already."""
        return InvalidInput(
            say("these cells are in {to} already: nothing would change", to=self.to), field="cells"
        )


class MergeEdit(CellEdit):
    """Makes one of several grids, or micro grids. `also`: cells that go along, since they lie between."""

    takes: ClassVar[str | None] = "keep"
    along: ClassVar[str | None] = _ALSO

    op: Literal["merge"]
    grids: MergedGrids
    keep: Code
    also: Also = Field(default_factory=list)

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        return merge(ground, self.grids, self.keep, also=_numbers(base, self.also))


class SplitEdit(CellEdit):
    """Parts a grid along a line: by cell borders, or with `cut` through cells."""

    op: Literal["split"]
    grid: Code
    line: Line
    cut: Flag = False

    def _delta(self, _base: PlanGround, ground: Ground) -> Delta:
        return split(ground, self.grid, self.line, cut=self.cut)


class ReshapeEdit(CellEdit):
    """Redraws a grid as a ring: by whole cells, or with `cut` through cells.

    `also`: cells that go along, since they lie between.
    """

    takes: ClassVar[str | None] = "grid"
    along: ClassVar[str | None] = _ALSO

    op: Literal["reshape"]
    grid: Code
    polygon: Ring
    cut: Flag = False
    also: Also = Field(default_factory=list)

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        return reshape(ground, self.grid, self.polygon, cut=self.cut, also=_numbers(base, self.also))


class MoveEdit(CellEdit):
    """Moves a border vertex within 1e-7 degrees of `from`."""

    op: Literal["move"]
    source: Annotated[Position, Untold()] = Field(alias="from")
    to: Position

    def _delta(self, _base: PlanGround, ground: Ground) -> Delta:
        (lon, lat), (to_lon, to_lat) = self.source, self.to
        return move_vertex(ground, (lon, lat), (to_lon, to_lat))


class DivideEdit(CellEdit):
    """Divides a cell between its buildings."""

    op: Literal["divide"]
    cell: Annotated[Code, Untold()]

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        number = base.number_of(self.cell, ground)
        return divide(ground, number, as_array(base.footprints_in(number, ground)))


class OutlineEdit(CellEdit):
    """Gives the community another outline; drawn by a head, approved by those above.

    `also`: cells that stay whole.
    """

    right: ClassVar[Action] = Action.REDRAW_OUTLINE
    along: ClassVar[str | None] = _ALSO

    op: Literal["outline"]
    polygon: Land
    also: Also = Field(default_factory=list)

    def draw(self, base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing with another outline, where it gives no grid away."""
        if drawing.transfer is not None:
            raise _one_outline()
        return super().draw(base, drawing)

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        refuse_taken(self.polygon, ground.outline, base.others)
        return redraw_outline(ground, self.polygon, also=_numbers(base, self.also))


class TransferEdit(CellEdit):
    """Gives a whole grid to the community beside this one, under an area there."""

    right: ClassVar[Action] = Action.REDRAW_OUTLINE

    op: Literal["transfer"]
    grid: Code
    to: Code
    parent: Parent = None

    def draw(self, base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing without the grid, where nothing else of the plan is about it or the outline."""
        if drawing.delta.outline is not None:
            raise _one_outline()
        own = {self.grid, *drawing.ground.subdivision.get(self.grid, ())}
        if own & {*drawing.names, *drawing.codes, *(change.area for change in drawing.duties)}:
            raise self._changed_already()
        transfer = Transfer(grid=self.grid, to=self.to, parent=self.parent)
        return replace(super().draw(base, drawing), transfer=transfer)

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        cells = ground.grids.get(self.grid, ())
        same = base.ground.grids.get(self.grid) == cells and all(
            base.ground.land.cells[cell] == ground.land.cells[cell]
            and base.ground.owner[cell] == ground.owner[cell]
            for cell in cells
        )
        if cells and not same:
            raise self._changed_already()
        return release(ground, self.grid)

    def _changed_already(self) -> Conflict:
        return Conflict(say("this plan has changed grid {grid}: publish that first", grid=self.grid))


class AssignEdit(CellEdit):
    """Gives many cells to areas at once, as an accepted proposal does.

    `opens`: new areas by a key, with the area each comes out of.
    """

    op: Literal["assign"]
    owners: Owners
    opens: Opens = Field(default_factory=dict)
    by: Annotated[Any, WithJsonSchema({"type": "string"})] = None

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        if not self.owners:
            raise InvalidInput("name the cells by their ids", field="cells")
        for code in self.opens.values():
            ground.cells_of(code)
        owners = {base.number_of(cell, ground): code for cell, code in self.owners.items()}
        return assign(ground, owners, self.opens)


class RestoreEdit(CellEdit):
    """Gives cells to micro grids as a revision had them: see `/revisions/{number}/restore`."""

    op: Literal["restore"]
    areas: RestoredGrids
    revision: Annotated[Any, WithJsonSchema({"type": "integer"})] = None

    def draw(self, base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing with those grids, and the names of what is opened again."""
        names = {**drawing.names, **names_of(self.areas)}
        return replace(super().draw(base, drawing), names=names)

    def _delta(self, base: PlanGround, ground: Ground) -> Delta:
        return relay(base, ground, self.areas)


def _numbers(base: PlanGround, cells: list[str]) -> list[int]:
    """Numbers of cells that go along with an edit; a cut may make them first."""
    numbers = [base.number_called(cell) for cell in cells]
    if any(number < 0 for number in numbers):
        raise InvalidInput("a cell is not of this division", field=_ALSO)
    return numbers


def _one_outline() -> Conflict:
    return Conflict("a plan gives one grid away, or draws another outline: publish it first")
