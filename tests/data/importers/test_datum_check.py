"""What datum places were measured in, by what they lie in: the figures, what is warned of and what not."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data.importers.readers.files import read_table
from data.importers.values.datum_check import LEAST_SURE, ComparedBy, KnownGround, check_datum, ground_of
from gisgrid.areas.division import load_division
from gisgrid.crs import Datum, shift_datum
from gisgrid.geometry.lattice import as_array
from tests import world

NONE = as_array([])
AREAS = [shapely.box(121.40 + 0.01 * n, 31.20, 121.41 + 0.01 * n, 31.21) for n in range(5)]
GROUND = KnownGround(outlines=as_array(AREAS), names={f"G{n}": (n,) for n in range(5)}, footprints=NONE)


def scattered(count, seed=1):
    """Points in the areas with the area of each."""
    rng = np.random.default_rng(seed)
    area = rng.integers(0, 5, count)
    lon = 121.40 + 0.01 * (area + rng.uniform(0.01, 0.99, count))
    return lon, rng.uniform(31.2001, 31.2099, count), [f"G{n}" for n in area]


@pytest.mark.parametrize("real", list(Datum))
@pytest.mark.parametrize("said", list(Datum))
def test_the_right_datum_agrees_wholly_and_a_wrong_one_is_warned_of(real, said):
    lon, lat, recorded = scattered(300)
    found = check_datum(
        *shift_datum(lon, lat, Datum.WGS84, real), said=said, ground=GROUND, recorded=recorded
    )
    assert (found.by, found.said, found.compared) == (ComparedBy.RECORDED, said, 300)
    assert found.agreement[real] == 1.0
    assert max(share for datum, share in found.agreement.items() if datum != real) < 0.8
    assert found.better == (None if real == said else real)
    assert not found.is_swapped
    assert len(found.sentences()) == (1 if real == said else 2)


@pytest.mark.parametrize("real", [Datum.GCJ02, Datum.BD09])
def test_areas_drawn_in_another_datum_are_told_apart_from_points_in_it(real):
    lon, lat, recorded = scattered(300)
    lon, lat = shift_datum(lon, lat, real, Datum.WGS84)
    found = check_datum(lon, lat, said=Datum.WGS84, ground=GROUND, recorded=recorded)
    assert (found.better, found.ground_better, found.ground_agreement[real]) == (None, real, 1.0)
    assert str(found.sentences()[1]).startswith(f"the stored areas look like {real.value}")


def test_swapped_positions_are_told():
    lon, lat, recorded = scattered(50)
    found = check_datum(lat, lon, said=Datum.WGS84, ground=GROUND, recorded=recorded)
    assert (found.is_swapped, found.swapped, found.better) == (True, 1.0, None)


def test_few_points_say_nothing_for_sure():
    lon, lat, recorded = scattered(300)
    lon, lat = shift_datum(lon, lat, Datum.WGS84, Datum.GCJ02)
    for count in range(1, int(LEAST_SURE**2)):
        found = check_datum(
            lon[:count], lat[:count], said=Datum.WGS84, ground=GROUND, recorded=recorded[:count]
        )
        assert (found.compared, found.better) == (count, None)


def test_some_points_with_a_wrong_area_are_no_wrong_datum():
    lon, lat, recorded = scattered(1000)
    recorded = [f"G{(int(name[1]) + 1) % 5}" if n % 20 == 0 else name for n, name in enumerate(recorded)]
    found = check_datum(lon, lat, said=Datum.WGS84, ground=GROUND, recorded=recorded)
    assert (found.agreement[Datum.WGS84], found.better, found.ground_better) == (0.95, None, None)


def test_points_without_position_or_known_area_are_not_compared():
    lon, lat, recorded = scattered(10)
    lon[0] = np.nan
    recorded[1:4] = ["NULL", "", "elsewhere"]
    found = check_datum(lon, lat, said=Datum.WGS84, ground=GROUND, recorded=recorded)
    assert (found.compared, found.agreement[Datum.WGS84]) == (6, 1.0)
    assert check_datum(lon, lat, said=Datum.WGS84, ground=GROUND) is None
    assert check_datum(np.array([]), np.array([]), said=Datum.WGS84, ground=GROUND) is None


def test_of_two_areas_with_one_name_either_will_do():
    twins = KnownGround(outlines=as_array(AREAS), names={"东区": (0, 4)}, footprints=NONE)
    lon, lat = np.array([121.405, 121.445, 121.425]), np.full(3, 31.205)
    assert check_datum(lon, lat, said=Datum.WGS84, ground=twins, recorded=["东区"] * 3).agreement[
        Datum.WGS84
    ] == pytest.approx(2 / 3)


def houses(seed=2):
    """Footprints of 12 m at every 40 m or so, as a quarter has them."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(40), np.arange(40)), axis=-1).reshape(-1, 2) * 0.0004
    west = np.array([121.40, 31.20]) + grid + rng.uniform(0, 0.0002, grid.shape)
    return shapely.box(west[:, 0], west[:, 1], west[:, 0] + 0.00013, west[:, 1] + 0.00011)


@pytest.mark.parametrize("real", list(Datum))
def test_without_recorded_areas_footprints_decide(real):
    footprints = as_array(houses())
    centre = shapely.centroid(footprints)
    lon, lat = shift_datum(shapely.get_x(centre), shapely.get_y(centre), Datum.WGS84, real)
    ground = KnownGround(outlines=NONE, names={}, footprints=footprints)
    found = check_datum(lon, lat, said=Datum.WGS84, ground=ground, recorded=[""] * len(lon))
    assert (found.by, found.agreement[real]) == (ComparedBy.FOOTPRINTS, 1.0)
    assert found.better == (None if real == Datum.WGS84 else real)


@pytest.mark.parametrize("seed", range(5))
def test_lamps_between_houses_are_no_wrong_datum(seed):
    """They lie in a house more often wherever they are moved, and equally often."""
    footprints = as_array(houses(seed))
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(121.401, 121.415, 3000), rng.uniform(31.201, 31.215, 3000)
    tree = shapely.STRtree(footprints)
    beside = np.setdiff1d(np.arange(3000), tree.query(shapely.points(lon, lat), predicate="intersects")[0])
    ground = KnownGround(outlines=NONE, names={}, footprints=footprints)
    found = check_datum(lon[beside], lat[beside], said=Datum.WGS84, ground=ground)
    assert found.agreement[Datum.WGS84] == 0.0
    assert found.better is None


def test_the_ground_of_a_community_has_its_areas_by_code_and_name_and_its_footprints(database):
    with database.write() as session:
        made = world.found(session)
        world.add_building(session, made, 0, 0)
        ground = ground_of(session, load_division(session, made.community, at=world.START, revision=0))
    grid = [ground.outlines[at] for at in ground.names["G1"]]
    assert [shape.covers(world.middle(0, 0)) for shape in grid] == [True]
    assert set(ground.names["G1"]) <= set(ground.names["第1网格"])
    assert len(ground.footprints) == 1


def public_places(real_data):
    folder = real_data / "shanghai_poi_districts_gcj02"
    districts = gpd.read_file(folder / "shanghai_16_districts_GCJ02_labelled_4326.geojson")
    names = {name: (at,) for at, name in enumerate(districts["NAME"])}
    with (folder / "shanghai_poi_public_services.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    lon, lat = (np.array([float(row[f"{name}_wgs84"]) for row in rows]) for name in ("lon", "lat"))
    ground = KnownGround(outlines=as_array(districts.geometry.to_numpy()), names=names, footprints=NONE)
    return lon, lat, [row["adname"] for row in rows], ground


@pytest.mark.real_data
def test_public_places_of_shanghai_show_that_their_districts_are_gcj02(real_data):
    lon, lat, recorded, ground = public_places(real_data)
    found = check_datum(lon, lat, said=Datum.WGS84, ground=ground, recorded=recorded)
    assert found.compared == 14_866
    told = found.as_json()
    assert told["agreement"] == {"WGS-84": 0.9478, "GCJ-02": 0.88363, "BD-09": 0.80755}
    assert told["areas_agreement"]["GCJ-02"] == 0.99993
    assert (told["better"], told["areas_better"]) == (None, "GCJ-02")


@pytest.mark.real_data
@pytest.mark.parametrize("said", [Datum.WGS84, Datum.BD09])
def test_the_same_places_in_the_datum_of_their_districts_are_told_from_any_other(real_data, said):
    lon, lat, recorded, ground = public_places(real_data)
    right = KnownGround(
        outlines=as_array(
            [
                shapely.transform(
                    one, lambda xy: np.column_stack(shift_datum(*xy.T, Datum.GCJ02, Datum.WGS84))
                )
                for one in ground.outlines
            ]
        ),
        names=ground.names,
        footprints=NONE,
    )
    lon, lat = shift_datum(lon, lat, Datum.WGS84, Datum.GCJ02)
    found = check_datum(lon, lat, said=said, ground=right, recorded=recorded)
    assert (found.better, found.ground_better) == (Datum.GCJ02, None)
    assert found.agreement[Datum.GCJ02] > 0.9998
    assert check_datum(lon, lat, said=Datum.GCJ02, ground=right, recorded=recorded).better is None


@pytest.mark.real_data
@pytest.mark.parametrize("real", list(Datum))
def test_points_of_a_quarter_of_shanghai_show_their_datum_by_its_houses(real_data, real):
    folder = real_data / "osm_shanghai_lujiazui"
    houses_there = read_table(folder / "shanghai_buildings_wgs84.gpkg").frame.geometry.to_numpy()
    points = read_table(folder / "shanghai_pois_wgs84.geojson").frame.geometry.to_numpy()
    ground = KnownGround(outlines=NONE, names={}, footprints=as_array(houses_there))
    lon, lat = shift_datum(shapely.get_x(points), shapely.get_y(points), Datum.WGS84, real)
    found = check_datum(lon, lat, said=Datum.WGS84, ground=ground)
    assert found.compared == 493
    assert found.agreement[real] == pytest.approx(0.335, abs=0.003)
    assert max(share for datum, share in found.agreement.items() if datum != real) < 0.16
    assert found.better == (None if real == Datum.WGS84 else real)
