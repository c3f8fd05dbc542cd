"""Many places at once: whole cells by one look-up, listed cells by parity, the few left by the exact test."""

from __future__ import annotations

import numpy as np

from gisgrid.geometry.locate.cover import Cover
from gisgrid.geometry.locate.exact import cover_and_border
from gisgrid.geometry.locate.outline import BoolArray, FloatArray, Int32Array, IntArray
from gisgrid.geometry.locate.query import Places, candidates, first_area, listed_blocks, slots_of
from gisgrid.geometry.locate.tables import OUTSIDE


def locate_many(
    cover: Cover, x: FloatArray, y: FloatArray, *, cell: Int32Array | None = None
) -> tuple[Int32Array, BoolArray]:
    """For each place the first area that covers it, or ``OUTSIDE``, and whether it lies on a border.

    ``cell`` is each place's, where it is known already.
    """
    if cell is None:
        cell = cover.raster.cells_of(x, y)
    area = cover.tables.state[cell]
    on_border = np.zeros(len(x), dtype=bool)
    for places in listed_blocks(x, y, cell=cell, state=area.copy()):
        bits, sure = slots_of(cover, places)
        area[places.index] = first_area(cover, places, bits)
        if not sure.all():
            unsure = _chosen(places, np.flatnonzero(~sure))
            area[unsure.index], on_border[unsure.index] = _exactly(cover, unsure)
    return area, on_border


def _exactly(cover: Cover, places: Places) -> tuple[IntArray, BoolArray]:
    """Area and border of places by the exact test of all candidates."""
    owner, area = candidates(cover, places)
    covered, border = cover_and_border(cover.areas, area, places.x[owner], places.y[owner])
    result = np.full(len(places.index), OUTSIDE, dtype=np.int64)
    # Candidates come by rank: written backwards, the lowest is written last and stays.
    hits = np.flatnonzero(covered)[::-1]
    result[owner[hits]] = area[hits]
    on_border = np.zeros(len(places.index), dtype=bool)
    on_border[owner[border]] = True
    return result, on_border


def covering_pairs(cover: Cover, x: FloatArray, y: FloatArray) -> tuple[IntArray, IntArray]:
    """All pairs of a place and an area that covers it, by place, then by area."""
    cell = cover.raster.cells_of(x, y)
    state = cover.tables.state[cell]
    whole = np.flatnonzero(state > OUTSIDE)
    owners, areas = [whole], [state[whole].astype(np.int64)]
    for places in listed_blocks(x, y, cell=cell, state=state):
        owner, area = candidates(cover, places)
        covered, _ = cover_and_border(cover.areas, area, places.x[owner], places.y[owner])
        owners.append(places.index[owner[covered]])
        areas.append(area[covered])
    owner, area = np.concatenate(owners), np.concatenate(areas)
    order = np.lexsort((area, owner))
    return owner[order], area[order]


def _chosen(places: Places, which: IntArray) -> Places:
    return Places(
        index=places.index[which],
        x=places.x[which],
        y=places.y[which],
        cell=places.cell[which],
        listed=places.listed[which],
    )
