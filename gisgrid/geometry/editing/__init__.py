"""Redrawing as pure geometry: a ground of cells and owners, tools that give a delta, and undo by its inverse.

No database and no screen: every tool looks at a `Ground`, checks what it would do and gives a `Delta`, or
refuses with one sentence and has changed nothing.
"""

from __future__ import annotations

from gisgrid.geometry.editing.assigning import assign
from gisgrid.geometry.editing.delta import Delta, Link, apply, compose, invert
from gisgrid.geometry.editing.dividing import divide
from gisgrid.geometry.editing.fitting import fitted
from gisgrid.geometry.editing.ground import Ground
from gisgrid.geometry.editing.land import Land
from gisgrid.geometry.editing.moving import move_vertex
from gisgrid.geometry.editing.outlining import redraw_outline
from gisgrid.geometry.editing.painting import merge, paint
from gisgrid.geometry.editing.placing import assigned
from gisgrid.geometry.editing.points import Points
from gisgrid.geometry.editing.reshaping import reshape
from gisgrid.geometry.editing.splitting import split
from gisgrid.geometry.editing.tearing import FallsApart
from gisgrid.geometry.editing.transferring import release, take_in

__all__ = [
    "Delta",
    "FallsApart",
    "Ground",
    "Land",
    "Link",
    "Points",
    "apply",
    "assign",
    "assigned",
    "compose",
    "divide",
    "fitted",
    "invert",
    "merge",
    "move_vertex",
    "paint",
    "redraw_outline",
    "release",
    "reshape",
    "split",
    "take_in",
]
