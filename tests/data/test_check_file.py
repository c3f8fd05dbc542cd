"""Areas of a file are checked as they stand, and what is written can be read back without a new fault."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data.check import (
    check_areas,
    fix_file,
    parent_shape,
    read_areas,
    write_areas,
    write_faults,
)
from gisgrid.errors import InvalidInput, MissingCrs

METRIC = 4549


def metric_box(x, y, width, height):
    return shapely.box(500_000 + x, 3_450_000 + y, 500_000 + x + width, 3_450_000 + y + height)


def written(path, shapes, crs=METRIC, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    frame.to_file(path, engine="pyogrio")
    return path


SOUND = [metric_box(0, 0, 100, 100), metric_box(100, 0, 100, 100)]
OVERLAPPING = [metric_box(0, 0, 101, 100), metric_box(100, 0, 100, 100)]


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.shp"])
def test_sound_file_has_no_fault(tmp_path, name):
    checked = check_areas(read_areas(written(tmp_path / name, SOUND, code=["0101", "0102"])))
    assert checked.counts() == {
        "invalid": 0,
        "overlap": 0,
        "gap": 0,
        "vertex": 0,
        "multipart": 0,
        "duplicate_code": 0,
    }


def test_without_codes_duplicates_are_not_counted_and_rows_name_the_areas(tmp_path):
    checked = check_areas(read_areas(written(tmp_path / "a.gpkg", OVERLAPPING, title=["x", "y"])))
    assert "duplicate_code" not in checked.counts()
    assert checked.places()[0]["areas"] == ["row 1", "row 2"]


def test_places_name_areas_by_code_with_a_position_and_true_size(tmp_path):
    path = written(tmp_path / "a.gpkg", OVERLAPPING, code=["0101", "0102"])
    places = check_areas(read_areas(path)).places()
    # The corners of the overlap also lie on edges that lack them.
    assert [place["rule"] for place in places] == ["overlap"] + ["vertex"] * 4
    place = places[0]
    assert place["areas"] == ["0101", "0102"]
    assert place["m2"] == pytest.approx(100, rel=1e-3)
    assert (round(place["lon"]), round(place["lat"])) == (120, 31)


def test_named_column_must_be_there(tmp_path):
    path = written(tmp_path / "a.gpkg", SOUND, nr=[1, 2])
    with pytest.raises(InvalidInput, match="no column 'grid'; there are: nr"):
        read_areas(path, code="grid")
    assert read_areas(path, code="nr").codes == ("1", "2")


def test_missing_crs_is_asked_for_and_taken(tmp_path):
    path = tmp_path / "a.shp"
    written(path, SOUND)
    path.with_suffix(".prj").unlink()
    with pytest.raises(MissingCrs, match="--crs"):
        read_areas(path)
    assert read_areas(path, crs="EPSG:4549").crs.to_epsg() == METRIC


def test_gcj02_coordinates_are_turned_to_wgs84(tmp_path):
    path = written(tmp_path / "a.gpkg", [shapely.box(121.5, 31.2, 121.6, 31.3)], crs=4326)
    moved = read_areas(path, crs="GCJ-02").shapes[0]
    assert 0.003 < moved.centroid.distance(shapely.Point(121.55, 31.25)) < 0.007


@pytest.mark.parametrize("name", ["fixed.geojson", "fixed.gpkg", "fixed.shp"])
def test_repaired_file_reads_back_without_a_fault_and_keeps_its_columns(tmp_path, name):
    shapes = [metric_box(0, 0, 101, 100), metric_box(100, 0, 100, 60.3), metric_box(100, 60.3, 100, 39.7)]
    source = read_areas(
        written(tmp_path / "a.gpkg", shapes, code=["1", "2", "3"], number_of_people=[5, 6, 7])
    )
    mended, fixed = fix_file(source)
    write_areas(mended, tmp_path / name)
    again = read_areas(tmp_path / name)
    assert sum(check_areas(again).counts().values()) == 0
    assert again.codes == ("1", "2", "3")
    assert again.frame.iloc[:, 1].tolist() == [5, 6, 7]
    assert fixed.moved_m2 == pytest.approx(100, rel=1e-3)


def test_unknown_ending_is_refused(tmp_path):
    source = read_areas(written(tmp_path / "a.gpkg", SOUND))
    with pytest.raises(InvalidInput, match=r"end the name in \.geojson"):
        write_areas(source, tmp_path / "out.txt")
    with pytest.raises(InvalidInput, match=r"\.geojson"):
        write_faults(check_areas(source), tmp_path / "out.gpkg")


def test_faults_are_written_as_geojson_in_degrees(tmp_path):
    checked = check_areas(read_areas(written(tmp_path / "a.gpkg", OVERLAPPING, code=["1", "2"])))
    write_faults(checked, tmp_path / "faults.geojson")
    feature = json.loads((tmp_path / "faults.geojson").read_text())["features"][0]
    assert feature["properties"]["rule"] == "overlap"
    assert shapely.from_geojson(json.dumps(feature["geometry"])).bounds[0] == pytest.approx(120, abs=0.01)


def test_parent_may_be_in_another_crs(tmp_path):
    parent = gpd.GeoSeries([metric_box(0, 0, 200, 130)], crs=METRIC).to_crs(4326)
    whole = parent_shape(written(tmp_path / "p.gpkg", list(parent), crs=4326), gpd.GeoSeries(crs=METRIC).crs)
    source = read_areas(written(tmp_path / "a.gpkg", SOUND))
    (place,) = check_areas(source, parent=whole).places()
    assert place["rule"] == "gap"
    assert place["m2"] == pytest.approx(6000, rel=2e-3)


def test_table_without_geometry_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code\n1\n")
    with pytest.raises(InvalidInput, match="no geometry"):
        read_areas(path)


def test_missing_values_are_null_in_geojson(tmp_path):
    source = read_areas(written(tmp_path / "a.gpkg", SOUND, code=["1", None], share=[0.5, np.nan]))
    write_areas(source, tmp_path / "out.geojson")
    features = json.loads((tmp_path / "out.geojson").read_text())["features"]
    assert features[1]["properties"] == {"code": None, "share": None}
