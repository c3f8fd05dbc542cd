"""One place at a time, in plain Python: for a request that asks for one, arrays cost more than the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.cover import Cover
from gisgrid.geometry.locate.tables import LEFT, OUTSIDE, VERTICAL

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
    """The slots of a listed cell that hold a place, None where that isn't certain: ``query`` one by one."""
    raster, tables, near = cover.raster, cover.tables, cover.near
    west, size, columns = raster.west, raster.size, raster.columns
    state_of, centre_bits, plain = _ints(tables.state), _ints(tables.centre), _ints(tables.plain)
    first, vertices, flags_of = _ints(tables.edge_first), _ints(tables.edge_vertex), _ints(tables.edge_flags)
    xs, ys = _floats(cover.outlines.x), _floats(cover.outlines.y)

    def slots(cell: int, x: float, y: float) -> int | None:
        listed = -2 - state_of[cell]
        if not plain[listed]:
            return None
        centre_x = west + (cell % columns + 0.5) * size
        bits = centre_bits[listed]
        for entry in range(first[listed], first[listed + 1]):
            vertex, flags = vertices[entry], flags_of[entry]
            y0, y1 = ys[vertex], ys[vertex + 1]
            spans = (y0 > y) != (y1 > y)
            if not (spans or flags & VERTICAL or y in (y0, y1)):
                continue
            x0, up = xs[vertex], y1 - y0
            corner = (xs[vertex + 1] - x0) * (y - y0) - up * (centre_x - x0)
            side = corner - up * (x - centre_x)
            if -near <= corner <= near or -near <= side <= near:
                return None
            crossed = spans and (corner > 0) != (side > 0)
            if flags & VERTICAL and (corner > 0) != (flags >= LEFT):
                crossed = not crossed
            if crossed:
                bits ^= 1 << (flags & (VERTICAL - 1))
        return bits

    return slots


def _ints(array: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> memoryview[int]:
    return np.ascontiguousarray(array).data


def _floats(array: npt.NDArray[np.float64]) -> memoryview[float]:
    return cast("memoryview[float]", np.ascontiguousarray(array).data)
