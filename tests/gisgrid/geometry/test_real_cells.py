"""Cells of real places: a quarter of Shanghai, precincts of Providence, counties of Suqian."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gisgrid.geometry.cells import Buildings, CellOrigin, Streets, make_cells
from gisgrid.geometry.measure import areas_m2
from gisgrid.geometry.partition import check_tiling, oracle_check

pytestmark = pytest.mark.real_data


def frame(path):
    return gpd.read_file(path).to_crs(4326)


def texts(column):
    return [value if isinstance(value, str) else None for value in column]


def lujiazui(folder):
    houses = frame(folder / "osm_shanghai_lujiazui/shanghai_buildings_wgs84.gpkg")
    roads = frame(folder / "osm_shanghai_lujiazui/shanghai_roads_wgs84.gpkg")
    streets = Streets(
        lines=np.asarray(roads.geometry.values, dtype=object),
        kinds=texts(roads["kind_detail"]),
        names=texts(roads["name"]),
    )
    is_part = (houses["kind"] == "building_part").tolist()
    return Buildings(footprints=np.asarray(houses.geometry.values, dtype=object), is_part=is_part), streets


@pytest.fixture(scope="module")
def lujiazui_plan(real_data):
    """The buildings of Lujiazui, and the cells that are made for them."""
    buildings, streets = lujiazui(real_data)
    return buildings, make_cells(streets=streets, buildings=buildings)


def test_lujiazui_is_tiled_with_one_cell_for_each_building(lujiazui_plan):
    _buildings, plan = lujiazui_plan
    assert check_tiling(plan.cells, plan.outline) == []
    assert oracle_check(plan.cells, plan.outline) == []
    assert (plan.building_cell >= 0).all()
    assert plan.kind.count(CellOrigin.BUILDING) == 1292
    assert {"only describes a part of another building": 129}.items() <= {
        entry.why: entry.count for entry in plan.left_out
    }.items()


def test_no_building_of_lujiazui_loses_land_but_where_footprints_overlap(lujiazui_plan):
    buildings, plan = lujiazui_plan
    main = ~np.asarray(buildings.is_part)
    footprints, cells = buildings.footprints[main], plan.cells[plan.building_cell[main]]
    lost = 1 - shapely.area(shapely.intersection(footprints, cells)) / shapely.area(footprints)
    tree = shapely.STRtree(footprints)
    for index in np.flatnonzero(lost > 1e-3):
        others = footprints[np.setdiff1d(tree.query(footprints[index], predicate="intersects"), [index])]
        overlap = shapely.intersection(footprints[index], shapely.union_all(others)).area
        assert lost[index] <= overlap / footprints[index].area + 1e-3
    assert (lost > 0.05).sum() == 0


def test_providence_precincts_settle_overlaps_and_gaps_and_keep_two_holes(real_data):
    precincts = frame(real_data / "maup_providence_precincts/precincts.zip")
    plan = make_cells(areas=np.asarray(precincts.geometry.values, dtype=object))
    assert check_tiling(plan.cells, plan.outline) == []
    assert oracle_check(plan.cells, plan.outline) == []
    assert len(np.unique(plan.area)) == len(precincts) == 59
    assert plan.moved_m2 == pytest.approx(51.6, abs=0.2)
    holes = areas_m2(np.array(plan.holes, dtype=object))
    assert np.sort(holes) == pytest.approx([12_746, 85_230], rel=1e-3)


@pytest.mark.parametrize("name", ["blocks.zip", "new_precincts.zip", "districts.zip"])
def test_sound_areas_of_providence_move_no_land(real_data, name):
    areas = frame(real_data / f"maup_providence_precincts/{name}")
    plan = make_cells(areas=np.asarray(areas.geometry.values, dtype=object))
    assert check_tiling(plan.cells, plan.outline) == []
    assert plan.moved_m2 == pytest.approx(0.0, abs=0.5)
    assert plan.holes == ()


def test_counties_of_suqian_tile_the_city(real_data):
    counties = frame(real_data / "suqian_admin_codes_boundaries/suqian_5_counties_WGS84_converted.geojson")
    plan = make_cells(areas=np.asarray(counties.geometry.values, dtype=object))
    assert check_tiling(plan.cells, plan.outline) == []
    assert plan.outline.geom_type == "Polygon"
    assert plan.area.tolist() == [0, 1, 2, 3, 4]
    assert plan.moved_m2 == pytest.approx(0.0, abs=0.5)
