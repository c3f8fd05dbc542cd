"""Random edits on real land: a quarter of Shanghai, precincts of Providence, counties of Suqian."""

from __future__ import annotations

import time
from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
from grounds import digest, exclaves, owned_ground, refuse_faults, with_table
from random_edits import TOOLS, edit

from gisgrid.crs import to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.cells import Buildings, Streets, make_cells
from gisgrid.geometry.cells.buildings import deciding_points
from gisgrid.geometry.edits import apply
from tests.gisgrid.geometry.edits.inverse import invert

pytestmark = [pytest.mark.real_data, pytest.mark.prove]

ACCEPTED = 100


def shapes_of(path):
    frame = gpd.read_file(path).to_crs(4326)
    return frame, np.asarray(frame.geometry.values, dtype=object)


def lujiazui(folder):
    """Cells of buildings and blocks, households in every building."""
    houses, footprints = shapes_of(folder / "osm_shanghai_lujiazui/shanghai_buildings_wgs84.gpkg")
    roads, lines = shapes_of(folder / "osm_shanghai_lujiazui/shanghai_roads_wgs84.gpkg")
    main = footprints[(houses["kind"] != "building_part").to_numpy()]
    kinds = [kind if isinstance(kind, str) else None for kind in roads["kind_detail"]]
    plan = make_cells(streets=Streets(lines=lines, kinds=kinds), buildings=Buildings(footprints=main))
    ground = owned_ground(np.random.default_rng(1), plan.cells, plan.outline, grids=20, micros=4)
    doors = np.array([point.coords[0] for point in deciding_points(main)])
    building = np.repeat(np.arange(len(doors)), 3)
    near = to_lattice(doors[building] + np.random.default_rng(2).normal(0, 8e-5, (len(building), 2)))
    return with_table(
        ground, np.concatenate([doors, near]), np.append(doors[:, 0] * 0 - 1, building), len(doors)
    )


def areas(path, *, grids):
    """One cell per area, and grids of several."""
    plan = make_cells(areas=shapes_of(path)[1])
    return owned_ground(np.random.default_rng(1), plan.cells, plan.outline, grids=grids, micros=3)


def grounds_of(folder):
    providence = folder / "maup_providence_precincts"
    suqian = folder / "suqian_admin_codes_boundaries"
    return {
        "lujiazui": lambda: lujiazui(folder),
        "precincts": lambda: areas(providence / "precincts.zip", grids=12),
        "blocks": lambda: areas(providence / "blocks.zip", grids=40),
        "suqian": lambda: areas(suqian / "suqian_5_counties_WGS84_converted.geojson", grids=2),
    }


@pytest.mark.parametrize("name", ["lujiazui", "precincts", "blocks", "suqian"])
def test_a_hundred_random_edits_of_real_cells_pass_every_check(real_data, name, record_property):
    start = ground = grounds_of(real_data)[name]()
    opened, rng = digest(start), np.random.default_rng(7)
    done, counts, spent = [], Counter(), Counter()
    while len(done) < ACCEPTED:
        assert sum(counts.values()) < 20 * ACCEPTED
        tool = TOOLS[int(rng.integers(len(TOOLS)))]
        began = time.perf_counter()
        try:
            delta = edit(ground, tool, rng)
        except InvalidInput:
            counts["refused"] += 1
            continue
        after = apply(ground, delta)
        counts[tool] += 1
        spent[tool] += (time.perf_counter() - began) * 1000
        assert sum(exclaves(after)) <= sum(exclaves(ground))
        refuse_faults(after)
        done.append(delta)
        ground = after
    for delta in reversed(done):
        ground = apply(ground, invert(delta))
    assert digest(ground) == opened
    record_property("cells", len(start.land.numbers))
    record_property("refused", counts.pop("refused"))
    for tool, count in sorted(counts.items()):
        record_property(tool, f"{count}, mean {spent[tool] / count:.0f} ms")
