"""The ground a plan is drawn on: a revision as the editing tools see it, read once and remembered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from gisgrid.areas.communities import Version
from gisgrid.areas.models import Area, AreaName, Level, PlacedKind, UnitCell
from gisgrid.areas.view import View
from gisgrid.days import AsOf
from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import CellLand, Ground, Points
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.positions.objects import Objects, read_objects
from gisgrid.redraw.ground.surroundings import outlines_around

_PROVISIONAL: Final = re.compile(r"n(\d{1,9})")


@dataclass(frozen=True, kw_only=True)
class PlanGround:
    """What a plan is drawn on: the ground of a revision, how cells are called outside, and what lies there.

    ``numbers``: number of a cell by its id, also by the ids of its closed rows. ``objects`` are in the order
    of the ground's points. ``others``: outlines of the communities around, by their code.
    """

    ground: Ground
    ids: Mapping[int, str]
    numbers: Mapping[str, int]
    objects: Objects
    others: Mapping[str, BaseGeometry]
    version: Version

    def id_of(self, number: int) -> str:
        """How a cell is called outside.

        One the plan makes has a provisional id until it is published: n1, n2, … in the order of making.
        These stay the same when the plan is drawn again on a later revision.
        """
        return self.ids.get(number) or f"n{number - self.ground.floor}"

    def number_of(self, cell_id: str, ground: Ground) -> int:
        """The number of a cell by its id.

        Raises
        ------
        InvalidInput
            The drawing has no such cell, or none any more.
        """
        number = self.number_called(cell_id)
        if number not in ground.owner:
            raise InvalidInput("a cell is not of this division", field="cells")
        return number

    def number_called(self, cell_id: str) -> int:
        """The number of an id, whether there is such a cell yet or not; below 0 where there never was."""
        fresh = _PROVISIONAL.fullmatch(cell_id)
        return self.ground.floor + int(fresh[1]) if fresh else self.numbers.get(cell_id, OUTSIDE)

    def footprints_in(self, number: int, ground: Ground) -> list[BaseGeometry]:
        """Footprints of the buildings that lie in a cell of a drawing."""
        inside = ground.points.inside([number])
        count = len(self.objects.footprints)
        return [self.objects.footprints[at] for at in inside.tolist() if at < count]


def base_of(view: View) -> PlanGround:
    """The ground of the revision in force, remembered as long as nothing changes."""
    return view.remembered("ground", make=lambda: _read_base(view))


def _read_base(view: View) -> PlanGround:
    division = view.division
    codes = {area.id: area.code for area in division.tree.areas.values()}
    owner = {
        int(number): codes[division.owners[cell]]
        for number, cell in zip(division.numbers, division.cell_ids, strict=True)
    }
    owning = set(owner.values())
    grid_of = {
        micro.code: grid.code
        for micro in division.tree.at_level(Level.MICRO_GRID)
        if micro.code in owning and (grid := division.tree.ancestor(micro.id, Level.GRID))
    }
    known, floor = _numbers(view)
    ids = {int(number): cell for number, cell in zip(division.numbers, division.cell_ids, strict=True)}
    numbers = {cell: number for cell, number in known.items() if number in ids}
    objects = read_objects(view.session, view.community.id, when=_moment(view))
    ground = Ground(
        land=CellLand.of(division.numbers.tolist(), division.cells),
        owner=owner,
        grid_of=grid_of,
        outline=division.outlines[view.community.id],
        points=points_of(objects, numbers),
        used=frozenset(_used_codes(view)),
        floor=floor,
    )
    return PlanGround(
        ground=ground,
        ids=ids,
        numbers=numbers,
        objects=objects,
        others=outlines_around(view.session, view.community.id, ground.outline, at=view.when.at),
        version=view.version,
    )


def _moment(view: View) -> AsOf:
    """When objects are looked at: now, or while the revision held that a view goes back to."""
    if view.when.is_past or view.division.revision == view.present.revision:
        return view.when
    return AsOf(at=view.division.at, day=view.when.day, is_past=True)


def points_of(objects: Objects, numbers: Mapping[str, int]) -> Points:
    """Objects as points with the numbers of their cells; cases and facilities decide no side of a line."""
    cells = [numbers.get(cell or "", OUTSIDE) for cell in objects.cells]
    return Points(
        xy=objects.xy,
        building=objects.building,
        is_household=objects.are(PlacedKind.HOUSEHOLD),
        cell=np.array(cells, dtype=np.int64),
        is_guest=objects.are(PlacedKind.CASE, PlacedKind.FACILITY),
    )


def _numbers(view: View) -> tuple[dict[str, int], int]:
    """The number of every cell there has been, by id, and the highest."""
    rows = view.session.execute(
        select(UnitCell.id, UnitCell.number).where(UnitCell.community_id == view.community.id)
    )
    numbers = {row.id: row.number for row in rows}
    return numbers, max(numbers.values(), default=0)


def _used_codes(view: View) -> list[str]:
    statement = (
        select(AreaName.code)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == view.community.id)
    )
    return list(view.session.scalars(statement))
