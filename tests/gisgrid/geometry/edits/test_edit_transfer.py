"""A grid leaves one ground and comes to another: both tile exactly, or it is refused."""

from __future__ import annotations

import itertools

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import CellLand, Ground, apply, fitted, release, take_in
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.partition import check_tiling, union_outline
from tests.gisgrid.geometry.edits.inverse import invert
from tests.world import LAT, LON, STEP

UNIT = STEP / 64
"""Side of a small step, about 1.4 m; on the lattice."""


def shape(*corners: tuple[float, float]) -> Polygon:
    """A polygon through corners counted in small steps from the south-west."""
    return shapely.orient_polygons(Polygon([(LON + x * UNIT, LAT + y * UNIT) for x, y in corners]))


def box(west: float, south: float, east: float, north: float) -> Polygon:
    return shape((west, south), (east, south), (east, north), (west, north))


def ground_of(*cells: Polygon, grids: str) -> Ground:
    """Cells numbered from 1, each in the grid of its letter."""
    numbers = range(1, len(cells) + 1)
    return Ground(
        land=CellLand.of(numbers, as_array(cells)),
        owner={number: f"{letter}00" for number, letter in zip(numbers, grids, strict=True)},
        grid_of={f"{letter}00": letter for letter in grids},
        outline=union_outline(as_array(cells)),
    )


def moved(giver: Ground, taker: Ground, grid: str) -> tuple[Ground, Ground]:
    """Both grounds after a grid went over."""
    cells = {number: giver.land.cells[number] for number in giver.grids[grid]}
    given_away = release(giver, grid)
    delta, numbers = take_in(taker, fitted(taker, cells), grid="N", micros=dict.fromkeys(cells, "N00"))
    assert sorted(numbers.values()) == list(range(taker.next_number, taker.next_number + len(cells)))
    left, grown = apply(giver, given_away), apply(taker, delta)
    for before, after, change in ((giver, left, given_away), (taker, grown, delta)):
        assert check_tiling(after.land.shapes, after.outline) == []
        back = apply(after, invert(change))
        assert back.land.cells == before.land.cells
        assert back.outline == before.outline
    return left, grown


def row_of_cells(rows: list[int], slope: int) -> tuple[Ground, Ground]:
    """A giver of grid A and grid B east of it, cut at some heights, and a taker of one cell east of B."""
    pairs = list(itertools.pairwise(rows))

    def at(y: int) -> float:
        return 64 + slope * y  # whole steps, so that every vertex lies exactly on the leaning border

    east = [shape((0, low), (at(low), low), (at(high), high), (0, high)) for low, high in pairs]
    west = shape((-64, 0), *((0, y) for y in rows), (-64, 64))
    giver = ground_of(west, *east, grids="A" + "B" * len(east))
    taker = ground_of(shape((64, 0), (4096, 0), (4096, 64), (at(64), 64)), grids="H")
    return giver, taker


@given(st.lists(st.integers(1, 63), max_size=6, unique=True), st.integers(0, 5))
def test_vertices_that_one_side_lacks_are_put_in(heights: list[int], slope: int) -> None:
    giver, taker = row_of_cells([0, *sorted(heights), 64], slope)
    left, grown = moved(giver, taker, "B")
    assert set(left.grids) == {"A"}
    assert set(grown.grids) == {"H", "N"}
    before = giver.outline.area + taker.outline.area
    assert left.outline.area + grown.outline.area == pytest.approx(before, rel=1e-12)


@given(st.lists(st.integers(1, 63), min_size=1, max_size=6, unique=True))
def test_the_grid_gets_the_vertices_of_the_community_it_comes_to(heights: list[int]) -> None:
    rows = [0, *sorted(heights), 64]
    giver = ground_of(box(-64, 0, 0, 64), box(0, 0, 64, 64), grids="AB")
    taker = ground_of(
        *(box(64, low, 128, high) for low, high in itertools.pairwise(rows)),
        grids="H" * (len(rows) - 1),
    )
    _left, grown = moved(giver, taker, "B")
    assert grown.land.parts(grown.land.numbers) == [grown.land.numbers]


LATTICE = 2.0**-24
NUDGE = st.tuples(st.integers(-1, 1), st.integers(-1, 1))


@given(
    st.dictionaries(st.integers(1, 30), NUDGE, max_size=4),
    st.dictionaries(st.integers(33, 63), NUDGE, max_size=4),
    st.integers(0, 1),
)
def test_borders_that_each_side_rounded_are_one(
    ours: dict[int, tuple[int, int]], theirs: dict[int, tuple[int, int]], common: int
) -> None:
    # Each side has vertices of its own on the straight border, off it by a lattice step; one may be both's.
    def along(nudged: dict[int, tuple[int, int]]) -> list[tuple[float, float]]:
        return [(64 + dx * LATTICE / UNIT, y + dy * LATTICE / UNIT) for y, (dx, dy) in sorted(nudged.items())]

    if common:
        ours, theirs = {**ours, 32: (1, 1)}, {**theirs, 32: (0, -1)}
    east = shape((0, 0), (64, 0), *along(ours), (64, 64), (0, 64))
    giver = ground_of(box(-64, 0, 0, 64), east, grids="AB")
    taker = ground_of(shape((64, 0), (128, 0), (128, 64), (64, 64), *along(theirs)[::-1]), grids="H")
    _left, grown = moved(giver, taker, "B")
    whole = box(0, 0, 128, 64)
    assert shapely.symmetric_difference(grown.outline, whole).area == 0


@pytest.mark.parametrize(
    ("taker", "said"),
    [
        ((box(65, 0, 128, 64),), "no border in common"),
        ((box(64 + 1 / 16, 0, 128, 64),), "no border in common"),
        ((box(63, 0, 128, 64),), "do not coincide"),
        ((box(64, 60, 128, 128), box(64, 128, 128, 192)), None),
        ((box(64, 62, 128, 128),), "no border in common"),
        ((shape((64, 0), (128, 0), (128, 64), (64, 64), (64.125, 60), (64.125, 4)),), "do not coincide"),
        (
            (
                box(64, 0, 128, 10),
                box(64, 54, 128, 64),
                box(128, 0, 192, 10),
                box(128, 10, 192, 54),
                box(128, 54, 192, 64),
            ),
            "do not coincide",
        ),
    ],
)
def test_borders_that_do_not_fit_are_refused(taker: tuple[Polygon, ...], said: str | None) -> None:
    giver = ground_of(box(-64, 0, 0, 64), box(0, 0, 64, 64), grids="AB")
    other = ground_of(*taker, grids="H" * len(taker))
    if said is None:
        moved(giver, other, "B")
        return
    with pytest.raises(InvalidInput, match=said):
        fitted(other, {2: giver.land.cells[2]})


def test_a_grid_that_holds_the_community_together_stays() -> None:
    giver = ground_of(box(0, 0, 64, 64), box(64, 0, 128, 64), box(128, 0, 192, 64), grids="ABC")
    with pytest.raises(InvalidInput, match="fall apart"):
        release(giver, "B")
