"""An edit that would tear a grid, offered again with the plots between, which make it whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import shapely

from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.edits import FallsApart, Ground
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.edit import Edit
from gisgrid.redraw.ground.addresses import addresses_of
from gisgrid.redraw.ground.plan_ground import PlanGround

_ROUNDS: Final = 8
"""So often more is looked for where what was found tears another grid."""


@dataclass(frozen=True, kw_only=True)
class Mend:
    """The edit that can be made instead: ``op`` is whole, ``to`` takes the plots between (outline: nobody).

    ``plots``: per plot its ``id``, the ``grid`` it is of, ``households``, ``addresses`` of its buildings and
    its ``geometry`` (GeoJSON, EPSG:4326).
    """

    op: Mapping[str, Any]
    to: str | None
    plots: list[dict[str, Any]]


class Mendable(InvalidInput):
    """An edit that is refused, with the one that can be made instead."""

    def __init__(self, fault: InvalidInput, mend: Mend) -> None:
        super().__init__(fault.faults)
        self.mend = mend


@contextmanager
def mending(view: View, base: PlanGround, drawing: Drawing, edit: Edit) -> Iterator[None]:
    """Refuse an edit in here that would tear a grid together with what mends it, if anything does."""
    try:
        yield
    except FallsApart as fault:
        mended = _mended(base, drawing, edit, fault)
        if mended is None:
            raise
        after, numbers, whole = mended
        plots = _plots(view, base, drawing.ground, after, numbers=numbers)
        raise Mendable(fault, Mend(op=whole.kept, to=whole.taker, plots=plots)) from None


def _mended(
    base: PlanGround, drawing: Drawing, edit: Edit, fault: FallsApart
) -> tuple[Ground, list[int], Edit] | None:
    """The ground after the mended edit, the numbers of what it takes along, and the edit itself."""
    numbers: list[int] = []
    whole = edit
    for _round in range(_ROUNDS):
        more = fault.between(drawing.locked) if fault.between else ()
        wider = whole.with_cells([base.id_of(number) for number in more]) if more else None
        if wider is None:
            return None
        whole = wider
        numbers += more
        try:
            return whole.draw(base, drawing).ground, numbers, whole
        except FallsApart as again:
            fault = again
        except (Conflict, InvalidInput):
            return None
    return None


def _plots(
    view: View, base: PlanGround, before: Ground, after: Ground, *, numbers: list[int]
) -> list[dict[str, Any]]:
    grounds = {number: before if number in before.owner else after for number in numbers}
    inside = {number: grounds[number].points.inside([number]).tolist() for number in numbers}
    addresses = addresses_of(view, base, [at for places in inside.values() for at in places])
    return [
        {
            "id": base.id_of(number),
            "grid": _grid_before(before, grounds[number], number),
            "households": grounds[number].points.households.get(number, 0),
            "addresses": [addresses[at] for at in inside[number] if at in addresses],
            "geometry": shapely.geometry.mapping(grounds[number].land.cells[number]),
        }
        for number in numbers
    ]


def _grid_before(before: Ground, ground: Ground, number: int) -> str:
    """The grid that a plot is of before the edit, also where that cuts it out of another first."""
    if number not in before.owner:
        number = before.land.near(shapely.point_on_surface(ground.land.cells[number]))[0]
    return before.grid_at(number)
