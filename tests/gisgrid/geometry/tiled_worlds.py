"""Factories of small tilings on the lattice, for tests of geometry."""

from __future__ import annotations

import numpy as np
import shapely

from gisgrid.crs import LATTICE_STEPS

ORIGIN = np.array([int(121.5 * LATTICE_STEPS), int(31.2 * LATTICE_STEPS)])


def degrees(units):
    """Lattice steps from the origin as degrees, exactly."""
    return (np.asarray(units, dtype=np.float64) + ORIGIN) / LATTICE_STEPS


def jittered_cells(columns, rows, *, seed=1, step=3000, jitter=900):
    """Quadrilaterals about 20 m wide that tile a jagged outline, column by column."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(columns + 1) * step, np.arange(rows + 1) * step, indexing="ij"), -1)
    corners = degrees(grid + rng.integers(-jitter, jitter + 1, grid.shape))
    rings = [corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:], corners[:-1, :-1]]
    return shapely.polygons(np.stack(rings, axis=2).reshape(-1, 5, 2))


def square(x, y, width, height=None):
    """A box of lattice steps from the origin."""
    low, high = degrees([x, y]), degrees([x + width, y + (width if height is None else height)])
    return shapely.box(*low, *high)


def moved_vertex(cell, index, by):
    """The cell with one ring vertex moved by some lattice steps."""
    ring = shapely.get_coordinates(cell).copy()
    ring[index] += np.asarray(by) / LATTICE_STEPS
    if index == 0:
        ring[-1] = ring[0]
    return shapely.Polygon(ring)
