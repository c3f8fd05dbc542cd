"""Codes from west to east and north to south, when somebody asks for it; and whether they run so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import shapely

from gisgrid.areas.models import Level
from gisgrid.areas.tree import AreaTree
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.edits import Ground
from gisgrid.geometry.edits.codes import next_grid_code


def in_reading_order(ground: Ground, codes: Collection[str]) -> list[str]:
    """Grids row by row from the north, each row from the west.

    A row is as high as the grids are on average: rows are counted from the northernmost middle.
    """
    order = sorted(codes, key=_by_code)
    boxes = np.array([shapely.total_bounds(ground.land.shapes_of(ground.grids[code])) for code in order])
    if not order:
        return []
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    height = float((boxes[:, 3] - boxes[:, 1]).mean())
    row = np.floor((middle[:, 1].max() - middle[:, 1]) / height + 0.5)
    return [order[at] for at in np.lexsort((middle[:, 0], row)).tolist()]


def first_out_of_order(ordered: Sequence[str]) -> int:
    """How many grids from the first on have rising codes."""
    for place in range(1, len(ordered)):
        if _by_code(ordered[place]) < _by_code(ordered[place - 1]):
            return place
    return len(ordered)


def _by_code(code: str) -> tuple[int, str]:
    return len(code), code


def new_codes(ground: Ground, codes: Mapping[str, str], among: Collection[str]) -> dict[str, str]:
    """For each grid that is out of order, and all after it, the next code that was never used.

    ``codes``: what a plan has renumbered before. ``among``: the grids to be numbered.

    Raises
    ------
    Conflict
        They run from west to east and north to south already.
    """
    ordered = in_reading_order(ground, among)
    shown = [codes.get(code, code) for code in ordered]
    keep = first_out_of_order(shown)
    if keep == len(ordered):
        raise Conflict("the codes run from west to east and north to south already")
    codes_in_use = {codes.get(code, code) for code in ground.grids} | set(ground.grids)
    used = set(ground.used) | codes_in_use
    fresh_codes: dict[str, str] = {}
    for code in ordered[keep:]:
        fresh = next_grid_code(shown[0], grids=sorted(codes_in_use), used=used)
        fresh_codes[code] = fresh
        codes_in_use.add(fresh)
        used.add(fresh)
    return fresh_codes


def grids_under(tree: AreaTree, parent: str) -> list[str]:
    """Codes of the grids below an area."""
    area = next((area for area in tree.areas.values() if area.code == parent), None)
    below = tree.below(area.id) if area else ()
    return [child.code for child in below if child.level == Level.GRID]


def renumbered(ground: Ground, codes: Mapping[str, str], grids: Sequence[str] | None) -> dict[str, str]:
    """The codes of a plan after a renumbering of some grids, or of all."""
    among = grids or sorted(ground.grids)
    if not all(code in ground.grids for code in among):
        raise InvalidInput("name the grids by their codes", field="grids")
    return {**codes, **new_codes(ground, codes, among)}
