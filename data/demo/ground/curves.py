"""Smooth lines and shapes through a few hand-set points, in metres of the plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, Polygon

from gisgrid.crs import FloatArray

Points = Sequence[tuple[float, float]]


def smooth_line(points: Points, *, step_m: float = 12.0) -> LineString:
    """A curve through all points (Catmull-Rom), with a vertex about every ``step_m`` metres."""
    xy = np.asarray(points, dtype=np.float64)
    padded = np.vstack([2 * xy[0] - xy[1], xy, 2 * xy[-1] - xy[-2]])
    parts = [_span(padded[i : i + 4], step_m) for i in range(len(xy) - 1)]
    return LineString(np.vstack([*parts, xy[-1:]]).round(2))


def _span(four: FloatArray, step_m: float) -> FloatArray:
    """The vertices from the second to before the third of four points."""
    a, b, c, d = four
    count = max(int(np.hypot(*(c - b)) // step_m), 1)
    t = (np.arange(count) / count)[:, None]
    curve: FloatArray = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    return curve


def smooth_ring(points: Points, *, step_m: float = 8.0) -> Polygon:
    """A rounded closed shape through all points."""
    xy = np.asarray(points, dtype=np.float64)
    around = np.vstack([xy[-1:], xy, xy[:2]])
    parts = [_span(around[i : i + 4], step_m) for i in range(len(xy))]
    return Polygon(np.vstack(parts).round(2))


def blob(center: tuple[float, float], *, across_m: tuple[float, float], turn_deg: float = 0.0) -> Polygon:
    """A rounded, slightly irregular shape such as a garden: width and height before turning."""
    angles = np.radians(np.arange(0, 360, 45))
    wobble = np.array([1.0, 1.08, 0.97, 1.03, 1.0, 1.1, 1.02, 0.98])
    xy = np.column_stack([np.cos(angles) * across_m[0], np.sin(angles) * across_m[1]]) / 2
    turn = np.radians(turn_deg)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return smooth_ring([tuple(p) for p in (xy * wobble[:, None]) @ spin + np.asarray(center)])


def carry_on(line: LineString, length_m: float) -> LineString:
    """The line with both ends drawn out straight by some metres."""
    xy = shapely.get_coordinates(line)
    first = xy[0] - _unit(xy[1] - xy[0]) * length_m
    last = xy[-1] + _unit(xy[-1] - xy[-2]) * length_m
    return LineString(np.vstack([first, xy, last]))


def _unit(vector: FloatArray) -> FloatArray:
    unit: FloatArray = vector / np.hypot(*vector)
    return unit
