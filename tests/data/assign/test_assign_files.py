"""``assign`` from file to file: rows kept, ties, codes, datums, every form of output, and real data."""

from __future__ import annotations

import csv
import gzip
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from data.assign import AssignOptions, assign
from data.importers.readers.files import read_table
from gisgrid.crs import Datum, parse_crs, reproject, shift_datum, stored_crs
from gisgrid.errors import InvalidInput, MissingCrs

LONLAT = AssignOptions(x="lon", y="lat", crs="EPSG:4326")
POINTS = """id,lon,lat,备注
0001,121.5,31.5,第一
0002,122.0,31.5,on the border
0003,122.5,31.5,
0004,130,31.5,outside
0005,,31.5,no position
0006,abc,31.5,NULL
0007,31.5,121.5,swapped
0008,121.1,31.10,
"""


def squares(*codes, crs="EPSG:4326", west=121.0, column="code"):
    """Squares of one degree side by side, one per code."""
    shapes = [shapely.box(west + n, 31, west + n + 1, 32) for n in range(len(codes))]
    return gpd.GeoDataFrame({column: list(codes)}, geometry=shapes, crs=crs)


def saved(frame, path):
    frame.to_file(path)
    return path


@pytest.fixture
def points(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(POINTS, encoding="utf-8")
    return path


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def codes_of(path):
    return [row["area_code"] for row in rows_of(path)]


def test_all_rows_and_columns_are_kept_in_order_and_counted(tmp_path, points):
    areas = saved(squares("10", "9"), tmp_path / "areas.geojson")
    result = assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
    rows = rows_of(tmp_path / "out.csv")
    assert list(rows[0]) == ["id", "lon", "lat", "备注", "area_code", "on_border"]
    given = list(csv.DictReader(POINTS.splitlines()))
    assert [{name: row[name] for name in given[0]} for row in rows] == given
    assert [row["area_code"] for row in rows] == ["10", "9", "9", "", "", "", "", "10"]
    assert [row["on_border"] for row in rows] == ["False", "True"] + ["False"] * 6
    counts = (result.points, result.assigned, result.outside, result.on_border, result.no_position)
    assert counts == (8, 4, 1, 1, 3)
    assert 0 <= result.seconds < 10


def test_a_tie_goes_to_the_lowest_code_by_length_then_text(tmp_path, points):
    for codes, winner in (
        (("10", "9"), "9"),
        (("b", "a"), "a"),
        (("a1", "b"), "b"),
        (("0113", "113"), "113"),
    ):
        areas = saved(squares(*codes), tmp_path / "areas.geojson")
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
        assert codes_of(tmp_path / "out.csv")[1] == winner


def test_areas_of_one_code_are_one_area_without_a_border_between(tmp_path, points):
    areas = saved(squares("0113", "0113"), tmp_path / "areas.geojson")
    result = assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
    assert codes_of(tmp_path / "out.csv")[:3] == ["0113"] * 3
    assert result.on_border == 0


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        (["0113", "x"], "0113"),
        ([113, 7], "113"),
        ([310101001001001, 7], "310101001001001"),
        ([1.5, 2.0], "1.5"),
    ],
)
@pytest.mark.parametrize("ending", ["geojson", "gpkg"])
def test_codes_are_text_as_in_the_file(tmp_path, points, codes, text, ending):
    areas = saved(squares(*codes, column="nr"), tmp_path / f"areas.{ending}")
    options = AssignOptions(x="lon", y="lat", crs="4326", code="nr")
    assign(points, areas, out=tmp_path / "out.csv", options=options)
    assert codes_of(tmp_path / "out.csv")[0] == text


def test_points_are_brought_to_the_crs_of_the_areas(tmp_path, points):
    areas = saved(squares("10", "9").to_crs("EPSG:4549"), tmp_path / "areas.gpkg")
    assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
    found = codes_of(tmp_path / "out.csv")
    assert (found[0], found[2], found[3]) == ("10", "9", "")


def test_projected_columns_are_read_in_the_crs_said(tmp_path):
    x, y = reproject([121.5], [31.5], stored_crs(), parse_crs("EPSG:4549")[0])
    (tmp_path / "p.csv").write_text(f"east,north\n{float(x[0])!r},{float(y[0])!r}\n", encoding="utf-8")
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    options = AssignOptions(x="east", y="north", crs="EPSG:4549")
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=options)
    assert codes_of(tmp_path / "out.csv") == ["1"]


@pytest.mark.parametrize(("said", "code"), [(None, "west"), ("GCJ-02", "east")])
def test_areas_in_gcj_get_points_that_were_shifted(tmp_path, said, code):
    lon, _ = shift_datum([121.5], [31.2], Datum.WGS84, Datum.GCJ02)
    between = (121.5 + lon[0]) / 2
    shapes = [shapely.box(121, 31, between, 32), shapely.box(between, 31, 122, 32)]
    areas = saved(
        gpd.GeoDataFrame({"code": ["west", "east"]}, geometry=shapes, crs="EPSG:4326"), tmp_path / "a.geojson"
    )
    (tmp_path / "p.csv").write_text("lon,lat\n121.5,31.2\n", encoding="utf-8")
    options = AssignOptions(x="lon", y="lat", crs="WGS-84", areas_crs=said)
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=options)
    assert codes_of(tmp_path / "out.csv") == [code]


def test_columns_of_a_file_with_geometry_are_in_its_crs_unless_said(tmp_path):
    frame = gpd.GeoDataFrame({"e": [121.5], "n": [31.5]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    options = AssignOptions(x="e", y="n")
    assign(saved(frame, tmp_path / "p.gpkg"), areas, out=tmp_path / "out.csv", options=options)
    assert codes_of(tmp_path / "out.csv") == ["1"]


def test_a_mark_in_the_points_is_kept_in_the_output(tmp_path):
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    for encoding, mark in (("utf-8", b"id"), ("utf-8-sig", b"\xef\xbb\xbf"), ("gb18030", b"\xef\xbb\xbf")):
        (tmp_path / "p.csv").write_bytes(POINTS.encode(encoding))
        assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
        assert (tmp_path / "out.csv").read_bytes().startswith(mark)
        assert rows_of(tmp_path / "out.csv")[0]["备注"] == "第一"


@pytest.mark.parametrize("ending", ["csv", "parquet", "gpkg", "geojson"])
def test_each_form_of_output_holds_the_same_rows(tmp_path, points, ending):
    areas = saved(squares("10", "9"), tmp_path / "areas.geojson")
    out = tmp_path / f"out.{ending}"
    assign(points, areas, out=out, options=LONLAT)
    frame = read_table(out).frame
    assert list(frame.columns)[:6] == ["id", "lon", "lat", "备注", "area_code", "on_border"]
    assert frame["id"].tolist() == [f"000{n}" for n in range(1, 9)]
    assert frame["area_code"].tolist() == ["10", "9", "9", "", "", "", "", "10"]
    assert [str(value) for value in frame["on_border"]] == ["False", "True"] + ["False"] * 6
    if ending in {"gpkg", "geojson"}:
        assert (frame.geometry[0].x, frame.geometry[0].y) == (121.5, 31.5)
        assert frame.geometry[4] is None


@pytest.mark.parametrize("source", ["gpkg", "geojson", "parquet"])
@pytest.mark.parametrize("ending", ["csv", "parquet", "gpkg", "geojson"])
def test_points_of_each_kind_of_file_keep_their_columns_and_places(tmp_path, source, ending):
    shapes = [shapely.Point(121.12345678901235, 31.30000000000001), None]
    frame = gpd.GeoDataFrame({"code": ["0113", "7"], "n": [1, 2]}, geometry=shapes, crs="EPSG:4326")
    path = tmp_path / f"points.{source}"
    if source == "geojson":  # GDAL's own writer keeps fifteen digits only
        path.write_text(frame.to_json(drop_id=True), encoding="utf-8")
    else:
        frame.to_parquet(path) if source == "parquet" else frame.to_file(path)
    areas = saved(squares("10", "9"), tmp_path / "areas.geojson")
    result = assign(path, areas, out=tmp_path / f"out.{ending}", options=AssignOptions())
    assert (result.assigned, result.no_position) == (1, 1)
    found = read_table(tmp_path / f"out.{ending}").frame
    assert [name for name in found.columns if name != "geometry"] == ["code", "n", "area_code", "on_border"]
    assert found["code"].tolist() == ["0113", "7"]
    assert [str(value) for value in found["n"]] == ["1", "2"]
    place = found["geometry"][0] if ending != "csv" else shapely.from_wkt(found["geometry"][0])
    assert (place.x, place.y) == (121.12345678901235, 31.30000000000001)


def test_geojson_in_metres_names_its_crs_and_keeps_its_numbers(tmp_path):
    x, y = reproject([121.5], [31.5], stored_crs(), parse_crs("EPSG:4549")[0])
    (tmp_path / "p.csv").write_text(f"x,y\n{float(x[0])!r},{float(y[0])!r}\n", encoding="utf-8")
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    options = AssignOptions(x="x", y="y", crs="4549")
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.geojson", options=options)
    document = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))
    assert document["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4549"
    assert document["features"][0]["geometry"]["coordinates"] == [x[0], y[0]]


def test_odd_columns_survive_in_a_geopackage(tmp_path):
    (tmp_path / "p.csv").write_text("fid,geom,geometry,lon,lat\na,b,c,121.5,31.5\n", encoding="utf-8")
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.gpkg", options=LONLAT)
    frame = read_table(tmp_path / "out.gpkg").frame
    assert frame[["fid", "geom", "lon", "area_code"]].iloc[0].tolist() == ["a", "b", "121.5", "1"]


def test_values_of_several_kinds_in_one_column_are_written_everywhere(tmp_path):
    features = [
        {
            "type": "Feature",
            "properties": {"a": value},
            "geometry": {"type": "Point", "coordinates": [121.5, 31.5]},
        }
        for value in (1, "t", None, [1, 2], {"b": 1})
    ]
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    for ending in ("csv", "parquet", "gpkg", "geojson"):
        assign(tmp_path / "p.geojson", areas, out=tmp_path / f"out.{ending}", options=AssignOptions())
        assert len(read_table(tmp_path / f"out.{ending}").frame) == 5
    document = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"]["a"] for feature in document["features"]] == [
        1,
        "t",
        None,
        [1, 2],
        {"b": 1},
    ]


def written(path, kind):
    """An empty file of one kind: heads, and no rows."""
    if kind == "csv":
        path.write_text("lon,lat,code\n", encoding="utf-8")
    elif kind == "geojson":
        path.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    else:
        squares().astype({"code": str}).to_file(path, geometry_type="Polygon")
    return path


@pytest.mark.parametrize("kind", ["csv", "geojson", "gpkg"])
def test_a_file_without_points_is_a_fault_and_nothing_is_written(tmp_path, kind):
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    points = written(tmp_path / f"p.{kind}", kind)
    with pytest.raises(InvalidInput, match=rf"p\.{kind}: the file holds no points"):
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("kind", ["csv", "geojson", "gpkg"])
def test_a_file_without_areas_is_a_fault_and_nothing_is_written(tmp_path, points, kind):
    areas = written(tmp_path / f"a.{kind}", kind)
    with pytest.raises(InvalidInput, match=rf"a\.{kind}: the file holds no areas"):
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
    assert not (tmp_path / "out.csv").exists()


def test_joined_codes_are_told_with_how_many_areas_bear_each(tmp_path, points):
    areas = saved(squares("0113", "7", "0113", "8", "7", "0113"), tmp_path / "areas.geojson")
    result = assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)
    assert result.joined == {"0113": 3, "7": 2}
    areas = saved(squares("0113", "7"), tmp_path / "areas.geojson")
    assert assign(points, areas, out=tmp_path / "out.csv", options=LONLAT).joined == {}


def test_an_area_across_the_antimeridian_is_named_instead_of_covering_the_rest_of_the_world(tmp_path):
    (tmp_path / "p.csv").write_text("lon,lat\n121.5,31.5\n", encoding="utf-8")
    frame = squares("1", "2")
    frame.loc[1, "geometry"] = shapely.box(-179, 30, 179, 33)
    areas = saved(frame, tmp_path / "a.geojson")
    with pytest.raises(InvalidInput, match=r"a\.geojson, row 2, field geometry: .*antimeridian"):
        assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
    frame.loc[1, "geometry"] = shapely.box(179, 30, 181, 33)
    with pytest.raises(InvalidInput, match=r"row 2, field geometry: a longitude lies beyond 180"):
        assign(
            tmp_path / "p.csv",
            saved(frame, tmp_path / "a.geojson"),
            out=tmp_path / "out.csv",
            options=LONLAT,
        )


def test_an_area_that_is_cut_at_the_antimeridian_has_its_points_on_both_sides(tmp_path):
    (tmp_path / "p.csv").write_text("lon,lat\n179.5,31.5\n-179.5,31.5\n121.5,31.5\n", encoding="utf-8")
    frame = squares("1", "2")
    frame.loc[1, "geometry"] = shapely.union(shapely.box(179, 30, 180, 33), shapely.box(-180, 30, -179, 33))
    areas = saved(frame, tmp_path / "a.geojson")
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
    assert codes_of(tmp_path / "out.csv") == ["2", "2", "1"]


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path, points):
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    for _ in range(2):
        assign(points, areas, out=tmp_path / "out.gpkg", options=LONLAT)
    assert {path.name for path in tmp_path.iterdir()} == {"areas.geojson", "out.gpkg", "points.csv"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (AssignOptions(), "not given: --x, --y, --crs"),
        (AssignOptions(x="lon", y="lat"), "not given: --crs"),
        (AssignOptions(x="lon", y="breite", crs="4326"), "breite: no such column; there are: id, lon, lat"),
        (AssignOptions(x="lon", y="lat", crs="EPSG:999999"), "unknown CRS"),
        (
            AssignOptions(x="lon", y="lat", crs="4326", code="nr"),
            "nr: no such column; there are: code, geometry",
        ),
    ],
)
def test_what_is_lacking_is_named(tmp_path, points, options, sentence):
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    with pytest.raises(InvalidInput, match=sentence):
        assign(points, areas, out=tmp_path / "out.csv", options=options)
    assert not (tmp_path / "out.csv").exists()


def test_without_a_column_named_code_the_code_must_be_said(tmp_path, points):
    areas = saved(squares("1", column="nr"), tmp_path / "areas.geojson")
    with pytest.raises(InvalidInput, match="give --code; there are: nr, geometry"):
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)


def test_areas_without_crs_are_asked_for_theirs(tmp_path, points):
    saved(squares("1"), tmp_path / "areas.shp")
    (tmp_path / "areas.prj").unlink()
    areas = tmp_path / "areas.shp"
    with pytest.raises(MissingCrs, match="--areas-crs"):
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)


@pytest.mark.parametrize("codes", [("1", None), ("1", "1", " ")])
def test_an_area_without_code_is_named(tmp_path, points, codes):
    areas = saved(squares(*codes), tmp_path / "areas.geojson")
    with pytest.raises(InvalidInput, match=f"row {len(codes)}, field code: an area without a code"):
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)


@pytest.mark.parametrize("codes", [("1", "2"), ("1", "1")])
def test_an_invalid_area_is_named_by_file_and_row(tmp_path, points, codes):
    frame = squares(*codes)
    frame.loc[1, "geometry"] = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    areas = saved(frame, tmp_path / "areas.geojson")
    with pytest.raises(InvalidInput, match=r"areas\.geojson, row 2: an invalid polygon: Self-intersection"):
        assign(points, areas, out=tmp_path / "out.csv", options=LONLAT)


def test_a_column_that_would_be_overwritten_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("lon,lat,area_code\n121.5,31.5,x\n", encoding="utf-8")
    areas = saved(squares("1"), tmp_path / "areas.geojson")
    with pytest.raises(InvalidInput, match="area_code: the points have such a column"):
        assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)


def test_the_answer_equals_a_join_by_geopandas_where_that_finds_one_area(tmp_path):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"lon": rng.uniform(120.9, 124.1, 2000), "lat": rng.uniform(30.9, 32.1, 2000)})
    frame.to_csv(tmp_path / "p.csv", index=False)
    areas = squares("1", "2", "3")
    assign(tmp_path / "p.csv", saved(areas, tmp_path / "a.gpkg"), out=tmp_path / "out.csv", options=LONLAT)
    shapes = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame.lon, frame.lat), crs="EPSG:4326")
    joined = gpd.sjoin(shapes, areas, how="left", predicate="within")
    assert codes_of(tmp_path / "out.csv") == joined["code"].fillna("").tolist()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("x", "y", "right"), [("LONGITUDE", "LATITUDE", 14_461), ("geom_lon", "geom_lat", 14_460)]
)
def test_requests_of_washington_lie_in_their_ward(tmp_path, real_data, x, y, right):
    folder = real_data / "dc_311_requests_wards"
    result = assign(
        folder / "dc_311_requests_2016_07_08.csv",
        folder / "ward_2012.geojson",
        out=tmp_path / "out.csv",
        options=AssignOptions(x=x, y=y, crs="EPSG:4326", code="WARD_ID"),
    )
    assert (result.points, result.no_position) == (14_562, 1)
    rows = rows_of(tmp_path / "out.csv")
    assert sum(row["WARD"] == "NULL" for row in rows) == 92
    known = [row for row in rows if row["WARD"] != "NULL" and row[x]]
    assert len(known) == 14_469
    assert sum(row["WARD"] == row["area_code"] for row in known) == right
    with gzip.open(folder / "ground_truth_flags.csv.gz", "rt", encoding="utf-8") as lines:
        flags = {row["record_id"]: row for row in csv.DictReader(lines) if row["layer"] == "WARD 311"}
    far = [row for row in known if is_far(flags[row["SERVICEREQUESTID"]])]
    assert len(far) > 14_000
    assert all(row["WARD"] == row["area_code"] for row in far)


def is_far(flag):
    """More than a metre from every border but that of the ward it lies in."""
    return flag["agree"] == "True" and flag["n_areas_within_1m"] == "1"


@pytest.mark.real_data
@pytest.mark.parametrize(("said", "least", "most"), [(None, 0.9478, 0.9481), ("GCJ-02", 0.9995, 1.0)])
def test_places_of_shanghai_lie_in_their_district_once_the_datum_is_said(
    tmp_path, real_data, said, least, most
):
    folder = real_data / "shanghai_poi_districts_gcj02"
    assign(
        folder / "shanghai_poi_public_services.csv",
        folder / "shanghai_16_districts_GCJ02_labelled_4326.geojson",
        out=tmp_path / "out.csv",
        options=AssignOptions(x="lon_wgs84", y="lat_wgs84", crs="WGS-84", areas_crs=said, code="NAME"),
    )
    rows = rows_of(tmp_path / "out.csv")
    assert len(rows) == 14_866
    assert least <= sum(row["adname"] == row["area_code"] for row in rows) / len(rows) <= most


@pytest.mark.real_data
@pytest.mark.parametrize("ending", ["csv", "geojson"])
def test_blocks_of_providence_lie_in_themselves_and_in_their_ward(tmp_path, real_data, ending):
    folder, inner = real_data / "maup_providence_precincts", {"x": "INTPTLON10", "y": "INTPTLAT10"}
    for areas, code, own in (("blocks.zip", "GEOID10", "GEOID10"), ("districts.zip", "id", "WARD")):
        options = AssignOptions(**inner, code=code)
        out = tmp_path / f"out.{ending}"
        result = assign(folder / "blocks.zip", folder / areas, out=out, options=options)
        assert (result.points, result.assigned) == (3014, 3014)
        frame = read_table(out).frame
        recorded = frame[own].astype(str).str.removesuffix(".0")
        assert (recorded == frame["area_code"]).all()


@pytest.mark.real_data
def test_trips_of_shenzhen_start_in_no_district_twelve_times_and_need_a_crs(tmp_path, real_data):
    folder = real_data / "shenzhen_taxi_events_districts"
    trips, said = folder / "shenzhen_taxi_od_2020_01_20_wgs84.csv", {"x": "Lng", "y": "Lat", "crs": "4326"}
    with pytest.raises(MissingCrs):
        assign(trips, folder / "sz.shp", out=tmp_path / "o.csv", options=AssignOptions(**said, code="qh"))
    options = AssignOptions(**said, code="qh", areas_crs="EPSG:4326")
    result = assign(trips, folder / "sz.shp", out=tmp_path / "o.csv", options=options)
    assert (result.points, result.outside) == (10_619, 12)


@pytest.mark.real_data
def test_the_invalid_area_of_chicago_is_named(tmp_path, real_data, points):
    folder = real_data / "chicago_community_areas_age"
    areas = folder / "chicago_77_community_areas_age_households_2020.geojson"
    options = AssignOptions(x="lon", y="lat", crs="4326", code="community")
    with pytest.raises(InvalidInput, match=r"row \d+: an invalid polygon"):
        assign(points, areas, out=tmp_path / "o.csv", options=options)
