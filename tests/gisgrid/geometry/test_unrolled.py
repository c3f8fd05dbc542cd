"""Areas across the antimeridian are checked as they lie on earth: as anywhere else, only at 180 degrees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import parse_crs, stored_crs
from gisgrid.geometry.faults import AreaRule, find_faults, in_degrees
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.repair import fix_areas
from gisgrid.geometry.unrolled import Unrolling, cut_at_antimeridian, sheet_for

DEGREES = stored_crs()
METRIC = parse_crs("EPSG:3832")[0]
"""World Mercator round 150 east: the antimeridian is a line like any other in it."""
STEP = 2.0**-7


def board(west: float, rows: int = 3, columns: int = 4) -> list[BaseGeometry]:
    """Squares side by side from a longitude on, which may go on beyond 180."""
    return [
        shapely.box(west + x * STEP, 10 + y * STEP, west + (x + 1) * STEP, 10 + (y + 1) * STEP)
        for y in range(rows)
        for x in range(columns)
    ]


def on_the_map(shape: BaseGeometry, *, cut: bool) -> BaseGeometry:
    """A shape with longitudes beyond 180 as files have it: cut in two there, or in one piece."""
    if shape.bounds[2] <= 180:
        return shape

    def back(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack([np.where(xy[:, 0] > 180, xy[:, 0] - 360, xy[:, 0]), xy[:, 1]])

    if cut or shape.bounds[0] >= 180:
        sides = (shapely.box(0, -90, 180, 90), shapely.box(180, -90, 360, 90))
        west, east = (shapely.intersection(shape, side) for side in sides)
        moved = shapely.transform(east, lambda xy: xy - [360, 0])
        parts = [one for one in (west, moved) if shapely.get_dimensions(one) == 2]
        return shapely.MultiPolygon([part for one in parts for part in shapely.get_parts(one)])
    return shapely.transform(shape, back)


def told(shapes: list[BaseGeometry], **more: Any) -> list[tuple[str, tuple[int, ...], float]]:
    faults = find_faults(as_array(shapes), DEGREES, **more)
    return [(fault.rule.value, fault.areas, round(fault.area_m2)) for fault in faults]


def spoilt(shapes: list[BaseGeometry]) -> Iterator[tuple[str, list[BaseGeometry]]]:
    """A sound board, and boards with one fault each near its middle."""
    yield "sound", shapes
    yield "gap", [*shapes[:5], *shapes[6:]]
    left, bottom, right, top = shapes[5].bounds
    wide = shapely.box(left, bottom, right + STEP / 4, top)
    yield "overlap", [*shapes[:5], wide, *shapes[6:]]
    ring = list(shapes[5].exterior.coords)
    corner = shapely.Polygon([*ring[:2], shapes[5].centroid.coords[0], *ring[2:]])
    yield "both", [*shapes[:5], corner, *shapes[6:]]


@pytest.mark.parametrize("offset", [0.0, 0.25, 1.0, 1.5, 2.0, 2.625])
def test_what_is_wrong_across_180_is_what_is_wrong_elsewhere(offset: float) -> None:
    here, there = board(120.0), board(180 - offset * STEP)
    for (name, plain), (_name, across) in zip(spoilt(here), spoilt(there), strict=True):
        cut = [on_the_map(shape, cut=True) for shape in across]
        found, wanted = told(cut), told(plain)
        sizes = [[m2 for rule, _areas, m2 in rows if rule != "vertex"] for rows in (found, wanted)]
        assert sizes[0] == pytest.approx(sizes[1], rel=1e-4), name
        if name != "overlap":  # where it is cut itself, its edges have vertices on 180
            assert [row[:2] for row in found] == [row[:2] for row in wanted], name


@pytest.mark.parametrize("offset", [0.25, 1.5, 2.625])
def test_one_piece_across_is_told_and_covers_nothing_else(offset: float) -> None:
    whole = [on_the_map(shape, cut=False) for shape in board(180 - offset * STEP)]
    crossing = [index for index, shape in enumerate(whole) if shape.bounds[2] - shape.bounds[0] > 180]
    faults = find_faults(as_array(whole), DEGREES)
    assert [(fault.rule, fault.areas) for fault in faults] == [(AreaRule.INVALID, (at,)) for at in crossing]
    assert crossing
    assert all("antimeridian" in fault.message for fault in faults)
    for place in in_degrees(faults, DEGREES):
        lon = shapely.point_on_surface(place).x
        assert abs(lon) > 179
    fixed = fix_areas(as_array(whole), DEGREES)
    assert told(list(fixed.areas)) == []
    assert shapely.area(fixed.areas) == pytest.approx(STEP**2)


def test_a_parent_across_is_filled_or_not() -> None:
    shapes = [on_the_map(shape, cut=True) for shape in board(180 - 1.5 * STEP)]
    for cut in (True, False):
        parent = on_the_map(shapely.box(180 - 1.5 * STEP, 10, 180 + 2.5 * STEP, 10 + 3 * STEP), cut=cut)
        assert told(shapes, parent=parent) == []
        gaps = told(shapes[:-1], parent=parent)
        assert [(rule, areas) for rule, areas, _m2 in gaps] == [("gap", (6, 7, 10))]


def test_what_is_mended_is_mended_across_180_too() -> None:
    west = 180 - 1.5 * STEP
    bad = next(shapes for name, shapes in spoilt(board(west)) if name == "overlap")
    fixed = fix_areas(as_array([on_the_map(shape, cut=True) for shape in bad]), DEGREES)
    assert told(list(fixed.areas)) == []
    assert fixed.moved_m2 > 0
    longitudes = shapely.get_coordinates(fixed.areas)[:, 0]
    assert np.abs(longitudes).max() <= 180


def test_places_of_a_projected_file_lie_where_they_are() -> None:
    x, y = 3_339_584.7, 1_000_000.0  # 180 degrees east in this CRS
    boxes = [shapely.box(x - 900, y, x + 300, y + 900), shapely.box(x - 300, y, x + 900, y + 900)]
    faults = find_faults(as_array(boxes), METRIC)
    assert faults[0].rule == AreaRule.OVERLAP
    assert all(abs(shapely.point_on_surface(place).x) > 179 for place in in_degrees(faults, METRIC))


def test_the_whole_way_round_stays_as_it_is() -> None:
    world = as_array([shapely.box(x, -10, x + 60, 10) for x in range(-180, 180, 60)])
    assert sheet_for(world, DEGREES) == Unrolling()
    assert told(list(world)) == []
    across = shapely.Polygon([(170, 20), (-170, 20), (-170, 30), (170, 30)])
    found = find_faults(as_array([*world, across]), DEGREES)
    assert [(fault.rule, fault.areas) for fault in found] == [(AreaRule.INVALID, (6,))]


def test_what_lies_on_one_side_is_not_touched() -> None:
    for west in (-180.0, -3 * STEP, 0.0, 120.0, 180 - 4 * STEP):
        shapes = as_array(board(west))
        assert sheet_for(shapes, DEGREES) == Unrolling()
    assert sheet_for(as_array([]), DEGREES) == sheet_for(as_array(board(0.0)), METRIC) == Unrolling()


@settings(max_examples=60)
@given(west=st.floats(-180, 179.9), width=st.floats(0.001, 120), south=st.floats(-80, 70))
def test_laid_out_and_back_is_the_same(west: float, width: float, south: float) -> None:
    shape = on_the_map(shapely.box(west, south, west + width, south + 3), cut=True)
    one = as_array([shape])
    sheet = sheet_for(one, DEGREES)
    back = sheet.lay_back(sheet.lay_out(one)[0])
    assert shapely.area(shapely.symmetric_difference(back, shape)) < 1e-9
    assert shapely.equals(cut_at_antimeridian(one)[0], shape)
