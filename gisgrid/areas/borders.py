"""The areas of another revision over the cells of a division, so that any figure can be told by them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import shapely

from gisgrid.areas.division import Division
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea


def holders(then: Division, today: Division) -> dict[str, str]:
    """For each cell of today the micro grid (id) of then that it is given to.

    A cell that stood then goes to its holder; one made since to the grid that held most of its land, and in
    it to the micro grid with most; one on land that was outside to the nearest. Ties: the lowest code.
    """
    owners = {cell: then.owners[cell] for cell in today.cell_ids if cell in then.owners}
    fresh = [place for place, cell in enumerate(today.cell_ids) if cell not in owners]
    if not fresh or not len(then.cells):
        return owners
    tree = shapely.STRtree(then.cells)
    shapes = today.cells[np.array(fresh)]
    new, old = tree.query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[new], then.cells[old]))
    shares: dict[int, Counter[str]] = {}
    for place, other, share in zip(new.tolist(), old.tolist(), common.tolist(), strict=True):
        if share > 0:
            shares.setdefault(place, Counter())[then.owners[then.cell_ids[other]]] += share
    nearest = tree.nearest(shapely.point_on_surface(shapes))
    for index, place in enumerate(fresh):
        outside = then.owners[then.cell_ids[int(nearest[index])]]
        owners[today.cell_ids[place]] = _largest(then, shares[index]) if index in shares else outside
    return owners


def laid_over(then: Division, today: Division) -> Division:
    """The cells of today with the areas and outlines of then."""
    return replace(
        today,
        revision=then.revision,
        tree=then.tree,
        owners=holders(then, today),
        outlines=then.outlines,
    )


def _largest(then: Division, shares: Counter[str]) -> str:
    grid = {micro: then.tree.ancestor(micro, Level.GRID) for micro in shares}
    whole: Counter[str] = Counter()
    for micro, share in shares.items():
        whole[_code(grid[micro])] += share
    best = min(whole, key=lambda code: (-whole[code], code))
    inside = [micro for micro in shares if _code(grid[micro]) == best]
    return min(inside, key=lambda micro: (-shares[micro], _code(then.tree.areas.get(micro))))


def _code(area: TreeArea | None) -> str:
    return area.code if area else ""
