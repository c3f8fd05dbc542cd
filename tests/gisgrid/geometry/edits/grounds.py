"""Factories of small grounds to be redrawn, and the whole oracle over them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from gisgrid.crs import LATTICE_STEPS, to_lattice
from gisgrid.geometry.cells import make_cells
from gisgrid.geometry.cells.faces import make_faces
from gisgrid.geometry.edits import CellLand, Ground, Points, assigned
from gisgrid.geometry.edits.borders import borders_between
from gisgrid.geometry.lattice import LatticeFrame, as_array
from gisgrid.geometry.measure import areas_m2
from gisgrid.geometry.partition import check_tiling, oracle_check, union_outline

WEST, SOUTH = 121.5, 31.2
LON_M, LAT_M = 1 / 95_250.0, 1 / 110_880.0


def at(x, y):
    """Metres east and north of a corner as lon and lat on the lattice."""
    return float(to_lattice(WEST + x * LON_M)), float(to_lattice(SOUTH + y * LAT_M))


def line(*places):
    return shapely.LineString([at(x, y) for x, y in places])


def box(x, y, width, height):
    return shapely.Polygon([at(x, y), at(x + width, y), at(x + width, y + height), at(x, y + height)])


def table(layout, *, size=20.0, points=None):
    """Square cells numbered from 1 row by row, the first row in the north; letters are micro grids.

    ``A`` and ``a`` are two micro grids of grid A; a dot is land outside; ``points`` as for `Ground`.
    """
    rows = layout.split()
    places = [(r, c) for r, row in enumerate(rows) for c, name in enumerate(row) if name != "."]
    raw = [box(c * size, (len(rows) - r) * size, size, size) for r, c in places]
    cells = make_faces(np.concatenate([as_array(shapely.boundary(raw)), dense_outline(raw)])).faces
    order = [
        int(np.flatnonzero(shapely.contains(cells, shapely.point_on_surface(shape)))[0]) for shape in raw
    ]
    owner = {number: rows[r][c] for number, (r, c) in enumerate(places, start=1)}
    return Ground(
        land=CellLand.of(owner, cells[order]),
        owner={number: micro(name) for number, name in owner.items()},
        grid_of={micro(name): name.upper() for name in owner.values()},
        outline=union_outline(cells[order]),
        points=points or Points.none(),
    )


def micro(name):
    return f"{name}00" if name.isupper() else f"{name.upper()}01"


def dense_outline(shapes):
    border = shapely.boundary(union_outline(as_array(shapes)))
    return as_array(shapely.segmentize(border, 5.0 * LON_M))


def with_points(ground, places, *, households=()):
    """The ground with buildings at places (metres) and households (index of building, or a place)."""
    xy = [at(*place) for place in places]
    building = [-1] * len(xy)
    for one in households:
        xy.append(xy[one] if isinstance(one, int) else at(*one))
        building.append(one if isinstance(one, int) else -1)
    return with_table(ground, np.array(xy), np.array(building), len(places))


def with_table(ground, xy, building, buildings):
    points = Points(
        xy=xy,
        building=building.astype(np.int64),
        is_household=np.arange(len(xy)) >= buildings,
        cell=np.full(len(xy), -1, dtype=np.int64),
    )
    cell = assigned(points, ground.land)
    fields = {"land": ground.land, "owner": ground.owner, "grid_of": ground.grid_of}
    placed = Points(xy=points.xy, building=points.building, is_household=points.is_household, cell=cell)
    return Ground(**fields, outline=ground.outline, points=placed, used=ground.used, floor=ground.floor)


def brick_cells(rng, *, columns=12, rows=10, hole=True):
    """Rows of bricks of uneven height and width between wavy lines: T-junctions, thin cells, a lake."""
    edges = np.concatenate([[0.0], np.cumsum(rng.choice([3.0, 14.0, 22.0], rows, p=[0.2, 0.4, 0.4]))])
    width = columns * 20.0
    across = np.linspace(0, width, 2 * columns + 1)
    waves = [np.column_stack([across, y + rng.uniform(-0.8, 0.8, len(across))]) for y in edges]
    lines = [line(*wave) for wave in waves]
    for low, high in pairwise(edges):
        cuts = np.cumsum(rng.uniform(8, 34, 3 * columns))
        lines += [
            line((x, low - 2), (x + rng.uniform(-1, 1) * (0 < x < width), high + 2))
            for x in [0.0, *cuts[cuts < width - 5], width]
        ]
    faces = make_faces(as_array(lines)).faces
    faces = faces[areas_m2(faces) > 2.0]  # a crumb becomes a gap, which a neighbour takes
    if hole:
        lake = box(width * 0.4, edges[-1] * 0.4, 45, 30)
        faces = faces[~shapely.intersects(faces, lake)]
    plan = make_cells(areas=faces)
    return plan.cells, plan.outline


def grown(rng, land, count):
    """A number of connected groups of cells, grown from random seeds: the group of each cell."""
    seeds = rng.choice(land.numbers, count, replace=False).tolist()
    group = {cell: index for index, cell in enumerate(seeds)}
    edge = list(seeds)
    while edge:
        cell = edge.pop(int(rng.integers(len(edge))))
        free = [other for other in land.borders[cell] if other not in group]
        if free:
            group[int(rng.choice(free))] = group[cell]
            edge += [cell, *[other for other in free if other in group]]
    return group


def random_ground(seed, *, columns=12, rows=10, grids=8, micros=3, exclave=True):
    """A ground of bricks with grids of several micro grids, a lake, an exclave and points on borders."""
    rng = np.random.default_rng(seed)
    cells, outline = brick_cells(rng, columns=columns, rows=rows)
    return owned_ground(rng, cells, outline, grids=grids, micros=micros, exclave=exclave)


def owned_ground(rng, cells, outline, *, grids, micros, exclave=True):
    """A ground of given cells with grown grids and points at random."""
    land = CellLand.of(range(1, len(cells) + 1), cells)
    main = land.parts(land.numbers)[0]
    inner = CellLand(
        cells={cell: land.cells[cell] for cell in main},
        borders={cell: land.borders[cell] for cell in main},
        metric=land.metric,
    )
    owner = nested_owners(rng, inner, grids, micros)
    for piece in land.parts(set(land.numbers) - set(main)):
        owner |= dict.fromkeys(piece, owner[main[0]])
    if exclave:
        _give_away_one(rng, land, owner)
    grid_of = {micro: micro[:3] for micro in sorted(set(owner.values()))}
    ground = Ground(land=land, owner=owner, grid_of=grid_of, outline=outline)
    return with_table(ground, *random_points(rng, land))


def nested_owners(rng, land, grids, micros):
    """Micro grid codes like G0302 grown inside grown grids."""
    home = grown(rng, land, grids)
    owner = {}
    for grid in range(grids):
        own = [cell for cell in land.numbers if home[cell] == grid]
        part = CellLand(
            cells={cell: land.cells[cell] for cell in own},
            borders={c: {o: m for o, m in land.borders[c].items() if home[o] == grid} for c in own},
            metric=land.metric,
        )
        inner = grown(rng, part, min(1 + int(rng.integers(micros)), len(own)))
        owner |= {cell: f"G{grid + 1:02d}{group:02d}" for cell, group in inner.items()}
    return owner


def _give_away_one(rng, land, owner):
    """One cell becomes an exclave of a grid that it doesn't touch, where its own grid stays whole."""
    for cell in rng.permutation(land.numbers).tolist():
        own = [other for other in land.numbers if owner[other] == owner[cell] and other != cell]
        near = {owner[other][:3] for other in land.borders[cell]} | {owner[cell][:3]}
        far = sorted({key for key in owner.values() if key[:3] not in near})
        mates = [c for c in land.numbers if owner[c][:3] == owner[cell][:3] and c != cell]
        if far and own and len(land.parts(own)) == 1 and len(land.parts(mates)) == 1:
            owner[cell] = far[int(rng.integers(len(far)))]
            return


def random_points(rng, land):
    """Buildings inside cells, some on corners and borders, with households in and beside them."""
    buildings, households, of = [], [], []
    for cell in land.numbers:
        frame = LatticeFrame.around(as_array(land.cells[cell]))
        steps = frame.to_units(as_array(land.cells[cell]))[0]
        for _one in range(int(rng.integers(0, 3))):
            west, south, east, north = steps.bounds
            spot = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
            spot = spot if shapely.contains(steps, spot) else shapely.point_on_surface(steps)
            buildings.append(np.array([spot.x + frame.x0, spot.y + frame.y0]) / LATTICE_STEPS)
    corners = np.unique(shapely.get_coordinates(land.shapes), axis=0)
    buildings += list(corners[rng.choice(len(corners), 12)])
    for index, place in enumerate(buildings):
        for _one in range(int(rng.integers(0, 4))):
            households.append(place + rng.normal(0, 3, 2) * LON_M * (rng.random() < 0.5))
            of.append(index)
    households += list(corners[rng.choice(len(corners), 12)])
    of += [-1] * 12
    xy = to_lattice(np.array(buildings + households))
    return xy, np.array([-1] * len(buildings) + of), len(buildings)


def digest(ground):
    """Everything of a ground that must come back to the bit."""
    return (
        {cell: shape.wkb for cell, shape in ground.land.cells.items()},
        dict(ground.owner),
        dict(ground.grid_of),
        ground.points.cell.tolist(),
        {cell: dict(own) for cell, own in ground.land.borders.items()},
        ground.outline.wkb,
    )


def exclaves(ground):
    """How many parts the grids, and the micro grids, have beyond one each."""
    return [
        sum(len(ground.land.parts(cells)) - 1 for cells in areas.values())
        for areas in (ground.grids, ground.micro_grids)
    ]


def refuse_faults(ground, *, slow=True):
    """Assert that a ground is sound by every means there is; its exclaves are counted elsewhere."""
    shapes = ground.land.shapes
    assert check_tiling(shapes, ground.outline) == []
    assert ground.owner.keys() == ground.land.cells.keys()
    # Another outline may have its middle in another zone: borders stay in the CRS of the first day.
    cells, metric = dict(ground.land.cells), ground.land.metric
    fresh = CellLand(cells=cells, borders=borders_between(cells, metric), metric=metric)
    assert fresh.borders == ground.land.borders
    assert (assigned(ground.points, fresh) == ground.points.cell).all()
    if slow:
        assert oracle_check(shapes, ground.outline) == []
        for cells in ground.grids.values():
            union = shapely.union_all(ground.land.shapes_of(cells))
            assert len(shapely.get_parts(union)) == len(ground.land.parts(cells))
