"""Synthetic tilings of any size, with wiggly shared borders and no gaps, and clustered homes in them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

BOX: Final = (121.0, 31.0, 121.6, 31.5)
"""West, south, east, north of every tiling, in degrees of EPSG:4326."""
_BEND: Final = 0.6


def tiling(count: int, *, seed: int = 1) -> npt.NDArray[np.object_]:
    """``count`` polygons that tile ``BOX``, about 55 vertices each, in loose clusters.

    A Voronoi diagram of clustered seeds in which each shared edge is replaced by one wiggly line
    that both neighbours use; the line stays in the kite of its two seeds, so nothing crosses.
    """
    rng = np.random.default_rng(seed)
    seeds = _clustered(rng, count, clusters=max(1, count // 60), spread=0.03)
    return _tiles(rng, seeds, points_per_edge=9)


def clustered_tiling(count: int, *, seed: int = 1) -> npt.NDArray[np.object_]:
    """The same with about 143 vertices each, in dense clusters where `clustered_homes` lie too."""
    rng = np.random.default_rng(seed)
    return _tiles(rng, _dense(rng, count), points_per_edge=23)


def _tiles(rng: np.random.Generator, seeds: FloatArray, *, points_per_edge: int) -> npt.NDArray[np.object_]:
    count = len(seeds)
    diagram = Voronoi(_with_mirrors(seeds))
    pairs = np.asarray(diagram.ridge_points)
    ends = np.asarray(diagram.ridge_vertices)
    keep = (pairs < count).any(axis=1)
    pairs, ends = pairs[keep], ends[keep]
    inner = (pairs < count).all(axis=1)
    apexes, corners = diagram.points[pairs], diagram.vertices[ends]
    lines = _wiggly(rng, apexes, corners, inner=inner, points_per_edge=points_per_edge)
    return _rings_to_polygons(seeds, pairs, lines)


def homes(count: int, *, seed: int = 2) -> tuple[FloatArray, FloatArray]:
    """Longitudes and latitudes of ``count`` households in random order, some just outside ``BOX``."""
    rng = np.random.default_rng(seed)
    buildings = _clustered(rng, max(1, count // 20), clusters=400, spread=0.02)
    places = buildings[rng.integers(0, len(buildings), count)] + rng.normal(0.0, 1e-4, (count, 2))
    return np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])


def clustered_homes(count: int, *, seed: int = 2) -> tuple[FloatArray, FloatArray]:
    """Longitudes and latitudes of ``count`` households in the clusters of `clustered_tiling`."""
    rng = np.random.default_rng(seed)
    buildings = _dense(rng, max(1, count // 20))
    places = buildings[rng.integers(0, len(buildings), count)] + rng.normal(0.0, 1e-4, (count, 2))
    return np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])


def _dense(rng: np.random.Generator, count: int) -> FloatArray:
    """Places in ``BOX``, eight of ten around forty centres, the same ones every time, of unlike weight."""
    fixed = np.random.default_rng(7)
    low, high = np.array(BOX[:2]), np.array(BOX[2:])
    centres, weights = fixed.uniform(low, high, (40, 2)), fixed.lognormal(0.0, 1.0, 40)
    spreads = fixed.uniform(0.5, 1.5, 40) * 0.015
    chosen = rng.choice(40, count, p=weights / weights.sum())
    near = centres[chosen] + rng.normal(0.0, 1.0, (count, 2)) * spreads[chosen][:, None]
    anywhere = rng.uniform(low, high, (count, 2))
    places = np.where(rng.random((count, 1)) < 0.8, near, anywhere)
    inside = ((places > low) & (places < high)).all(axis=1)
    result: FloatArray = np.where(inside[:, None], places, anywhere)
    return result


def _clustered(rng: np.random.Generator, count: int, *, clusters: int, spread: float) -> FloatArray:
    """Places in ``BOX``, seven of ten around cluster centres."""
    low, high = np.array(BOX[:2]), np.array(BOX[2:])
    centres = rng.uniform(low, high, (clusters, 2))
    near = centres[rng.integers(0, clusters, count)] + rng.normal(0.0, spread, (count, 2))
    anywhere = rng.uniform(low, high, (count, 2))
    places = np.where(rng.random((count, 1)) < 0.7, near, anywhere)
    inside = ((places > low) & (places < high)).all(axis=1)
    result: FloatArray = np.where(inside[:, None], places, anywhere)
    return result


def _with_mirrors(seeds: FloatArray) -> FloatArray:
    """The seeds, then their images in the four sides: the diagram is then bounded by ``BOX``."""
    images = [seeds]
    for axis in (0, 1):
        for side in (BOX[axis], BOX[axis + 2]):
            image = seeds.copy()
            image[:, axis] = 2 * side - image[:, axis]
            images.append(image)
    return np.vstack(images)


def _wiggly(
    rng: np.random.Generator, apexes: FloatArray, ends: FloatArray, *, inner: BoolArray, points_per_edge: int
) -> FloatArray:
    """One polyline per edge, shape (edges, points, 2): straight on the box, else waving inside its kite."""
    share = np.linspace(0.0, 1.0, points_per_edge + 2)
    base = ends[:, 1] - ends[:, 0]
    across = np.stack([-base[:, 1], base[:, 0]], axis=1)
    length2 = np.maximum((base**2).sum(axis=1), np.finfo(float).tiny)
    apex = apexes[:, 0] - ends[:, 0]
    along, height = (apex * base).sum(axis=1) / length2, np.abs((apex * across).sum(axis=1)) / length2
    skew = np.maximum(np.maximum(np.abs(along), np.abs(1 - along)), 1.0)
    room = (height / skew * inner)[:, None] * np.minimum(share, 1 - share)
    waves = np.sin(2 * np.pi * (share * rng.uniform(0.5, 2.5, (len(ends), 1)) + rng.random((len(ends), 1))))
    lines = ends[:, :1] + share[None, :, None] * base[:, None]
    lines += (_BEND * room * waves)[:, :, None] * across[:, None]
    lines[:, -1] = ends[:, 1]
    result: FloatArray = lines
    return result


def _rings_to_polygons(
    seeds: FloatArray, pairs: npt.NDArray[np.intp], lines: FloatArray
) -> npt.NDArray[np.object_]:
    """Each seed's lines in the order of their angle, turned counter-clockwise, as polygons."""
    owner = pairs.T.ravel()
    line = np.tile(np.arange(len(lines)), 2)
    line, owner = line[owner < len(seeds)], owner[owner < len(seeds)]
    start, end = lines[line, 0] - seeds[owner], lines[line, -1] - seeds[owner]
    turned = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0] < 0
    middle = (start + end) / 2
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), owner))
    pieces = np.where(turned[:, None, None], lines[line, ::-1], lines[line])[order][:, :-1]
    sizes = np.bincount(owner, minlength=len(seeds)) * pieces.shape[1]
    coordinates = pieces.reshape(-1, 2)
    rings = shapely.linearrings(coordinates, indices=np.repeat(np.arange(len(seeds)), sizes))
    return np.asarray(shapely.polygons(rings))
