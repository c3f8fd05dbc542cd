"""Redrawing as pure geometry: a ground of cells and owners, tools that give a delta, and undo by its inverse.

No database and no screen: every tool looks at a `Ground`, checks what it would do and gives a `Delta`, or
refuses with one sentence and has changed nothing.
"""

from __future__ import annotations

from gisgrid.geometry.edits.assignment import assign
from gisgrid.geometry.edits.cell_division import divide
from gisgrid.geometry.edits.delta import Delta, Link, apply, compose
from gisgrid.geometry.edits.fit import fitted
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.land import CellLand
from gisgrid.geometry.edits.outline import redraw_outline
from gisgrid.geometry.edits.paint import merge, paint
from gisgrid.geometry.edits.placement import assigned
from gisgrid.geometry.edits.points import Points
from gisgrid.geometry.edits.reshape import reshape
from gisgrid.geometry.edits.split import split
from gisgrid.geometry.edits.tear import FallsApart
from gisgrid.geometry.edits.transfer import release, take_in
from gisgrid.geometry.edits.vertex_move import move_vertex

__all__ = [
    "CellLand",
    "Delta",
    "FallsApart",
    "Ground",
    "Link",
    "Points",
    "apply",
    "assign",
    "assigned",
    "compose",
    "divide",
    "fitted",
    "merge",
    "move_vertex",
    "paint",
    "redraw_outline",
    "release",
    "reshape",
    "split",
    "take_in",
]
