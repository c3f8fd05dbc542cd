"""The edits of names, locks, duties and codes: no cell changes hands."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from gisgrid.access.models import DutyKind
from gisgrid.errors import say
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.duty_changes import DutyChange, Served
from gisgrid.redraw.edits.edit import AreaEdit, Edit
from gisgrid.redraw.edits.fields import AreaTitle, Code, Flag, Parent, SomeGrids
from gisgrid.redraw.edits.numbers import renumbered
from gisgrid.redraw.ground.plan_ground import PlanGround

_KINDS = sorted(kind.value for kind in DutyKind if kind != DutyKind.BUILDING_STEWARD)


def _drawn_duty(kind: str) -> str:
    if kind not in _KINDS:
        raise ValueError(say("there is no such duty"))
    return kind


class RenameEdit(AreaEdit):
    """Another name, one line of 1 to 60 characters."""

    op: Literal["rename"]
    area: Code
    name: AreaTitle

    def draw(self, _base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing with another name of the area."""
        drawing.ground.cells_of(self.area)
        return replace(drawing, names={**drawing.names, self.area: self.name})


class LockEdit(AreaEdit):
    """Locks a grid against edits, or with `locked` false opens it."""

    op: Literal["lock"]
    grid: Code
    locked: Flag = True

    def draw(self, _base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing in which the grid is locked, or open again."""
        drawing.ground.cells_of(self.grid)
        rest = drawing.locked - {self.grid}
        return replace(drawing, locked=rest | {self.grid} if self.locked else rest)


class DutyEdit(AreaEdit):
    """Gives somebody a duty; with `end` ends it; with `replace` in the place of who is primary."""

    op: Literal["duty"]
    area: Code
    worker: Code
    kind: Annotated[Code, AfterValidator(_drawn_duty), WithJsonSchema({"enum": _KINDS})] = (
        DutyKind.GRID_MEMBER.value
    )
    primary: Flag = False
    end: Flag = False
    replace: Flag = False

    @property
    def change(self) -> DutyChange:
        """The change of duty that it is: only grid members are primary."""
        is_primary = self.primary and self.kind == DutyKind.GRID_MEMBER
        served = Served(worker=self.worker, kind=self.kind, is_primary=is_primary)
        return DutyChange(area=self.area, served=served, is_end=self.end, replaces=self.replace)

    def draw(self, _base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing with one more change of duty."""
        drawing.ground.cells_of(self.area)
        return replace(drawing, duties=(*drawing.duties, self.change))


class RenumberEdit(Edit):
    """Codes from west to east and north to south: of all grids, those below `parent`, or `grids`."""

    op: Literal["renumber"]
    parent: Parent = None
    grids: SomeGrids = None

    def draw(self, _base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing with other codes."""
        return replace(drawing, codes=renumbered(drawing.ground, drawing.codes, self.grids))
