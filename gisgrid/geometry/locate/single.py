"""One place at a time, in plain Python: for a request that asks for one, arrays cost more than the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.tables import MOST_SLOTS, OUTSIDE, Cover

Answer = tuple[int, bool]
Slots = Callable[[int, float, float], int | None]


def single_locator(
    cover: Cover, answers: list[Answer], exactly: Callable[[float, float], Answer]
) -> Callable[[float, float], Answer]:
    """A function of x and y that answers from the tables of a cover.

    ``answers`` has the answer for each area in its interior, and at the end the one outside all;
    ``exactly`` is asked where arithmetic can't tell. Everything is a local of the closure, read through
    memory views: looking up attributes and array scalars would take longer than the arithmetic.
    """
    raster, tables = cover.raster, cover.tables
    west, south, inverse = raster.west, raster.south, raster.inverse
    columns, rows, state_of = raster.columns, raster.rows, _ints(tables.state)
    slot_first, slot_area = _ints(tables.slot_first), _ints(tables.slot_area)
    slots = _slots_in_cell(cover)
    outside = answers[OUTSIDE]

    def locate_one(x: float, y: float) -> Answer:
        across, up = (x - west) * inverse, (y - south) * inverse
        if not (0.0 <= across < columns and 0.0 <= up < rows):
            return outside
        cell = int(up) * columns + int(across)
        state = state_of[cell]
        if state >= OUTSIDE:
            return answers[state]
        bits = slots(cell, x, y)
        if not bits:
            return outside if bits is not None else exactly(x, y)
        return answers[slot_area[slot_first[-2 - state] + (bits & -bits).bit_length() - 1]]

    return locate_one


def _slots_in_cell(cover: Cover) -> Slots:
    """The slots of a listed cell that hold a place, None where that isn't certain: ``query`` one by one.

    An edge certainly beyond the way in y, or with both ends certainly on one side of it, is passed over.
    """
    raster, tables, near = cover.raster, cover.tables, cover.near
    west, south, size, columns, guard = raster.west, raster.south, raster.size, raster.columns, raster.guard
    state_of, centre_bits, slot_first = _ints(tables.state), _ints(tables.centre), _ints(tables.slot_first)
    first, edge_vertex, edge_slot = (
        _ints(tables.edge_first),
        _ints(tables.edge_vertex),
        _ints(tables.edge_slot),
    )
    xs, ys = _floats(cover.outlines.x), _floats(cover.outlines.y)

    def slots(cell: int, x: float, y: float) -> int | None:
        listed = -2 - state_of[cell]
        if slot_first[listed + 1] - slot_first[listed] > MOST_SLOTS:
            return None
        row, column = divmod(cell, columns)
        centre_x, centre_y = west + (column + 0.5) * size, south + (row + 0.5) * size
        way_x, way_y = x - centre_x, y - centre_y
        low, high = (y - guard, centre_y + guard) if way_y < 0 else (centre_y - guard, y + guard)
        bits = centre_bits[listed]
        for entry in range(first[listed], first[listed + 1]):
            vertex = edge_vertex[entry]
            y0, y1 = ys[vertex], ys[vertex + 1]
            if y0 < low:
                if y1 < low:
                    continue
            elif y0 > high and y1 > high:
                continue
            ax, ay, bx, by = xs[vertex] - centre_x, y0 - centre_y, xs[vertex + 1] - centre_x, y1 - centre_y
            to_a, to_b = way_x * ay - way_y * ax, way_x * by - way_y * bx
            if (to_a > near and to_b > near) or (to_a < -near and to_b < -near):
                continue
            side = ax * by - ay * bx
            far_side = side + to_a - to_b
            if -near <= side <= near or -near <= far_side <= near:
                return None
            if (to_a > 0) != (to_b > 0) and (side > 0) != (far_side > 0):
                bits ^= 1 << edge_slot[entry]
        return bits

    return slots


def _ints(array: npt.NDArray[np.integer]) -> memoryview[int]:
    return np.ascontiguousarray(array).data


def _floats(array: npt.NDArray[np.float64]) -> memoryview[float]:
    return cast("memoryview[float]", np.ascontiguousarray(array).data)
