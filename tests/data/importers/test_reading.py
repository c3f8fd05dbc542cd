"""Files as people save them: encodings, text that looks like numbers, cut-off files, CRS said or not."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.importers.readers.csv_text import decoded
from data.importers.readers.files import read_table
from gisgrid.errors import InvalidInput

CHINESE = "code,name,note\n0113,幸福里,\n007,崂山二村,NULL\n"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members})


def feature(properties, coordinates=(121.5, 31.2), **members):
    geometry = None if coordinates is None else {"type": "Point", "coordinates": list(coordinates)}
    return {"type": "Feature", "properties": properties, "geometry": geometry, **members}


def squares(**columns):
    count = len(next(iter(columns.values())))
    shapes = [shapely.box(121 + n, 31, 122 + n, 32) for n in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("encoding", "marked"), [("utf-8", False), ("utf-8-sig", True), ("gb18030", True), ("utf-16", True)]
)
def test_csv_is_read_in_each_usual_encoding_as_text(tmp_path, encoding, marked):
    table = read_table(write(tmp_path / "a.csv", CHINESE.encode(encoding)))
    assert list(table.frame.columns) == ["code", "name", "note"]
    assert table.frame.values.tolist() == [["0113", "幸福里", ""], ["007", "崂山二村", "NULL"]]
    assert (table.has_geometry, table.crs, table.source, table.marked) == (False, None, "a.csv", marked)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_of_the_first_line(tmp_path, separator):
    text = CHINESE.replace(",", separator).replace("NULL", '"a, b; c"')
    table = read_table(write(tmp_path / "a.csv", text))
    assert table.frame["note"].tolist() == ["", "a, b; c"]


def test_a_csv_keeps_what_looks_like_numbers_dates_and_missing_values(tmp_path):
    row = "0113,1e5,NaN,None,2020-01-20,1.10,TRUE,  x "
    table = read_table(write(tmp_path / "a.csv", f"a,b,c,d,e,f,g,h\n{row}\n"))
    assert table.frame.iloc[0].tolist() == row.split(",")


def test_short_rows_end_in_empty_values_and_blank_lines_are_no_rows(tmp_path):
    table = read_table(write(tmp_path / "a.csv", "a,b\r\n1\r\n\r\n2,3\r\n"))
    assert table.frame.values.tolist() == [["1", ""], ["2", "3"]]


def test_two_columns_of_one_name_stay_two(tmp_path):
    table = read_table(write(tmp_path / "a.csv", "a,note,note\n1,2,3\n"))
    assert list(table.frame.columns) == ["a", "note", "note"]


def test_a_csv_with_only_its_names_has_no_rows(tmp_path):
    table = read_table(write(tmp_path / "a.csv", "a,b\n"))
    assert (list(table.frame.columns), len(table.frame)) == (["a", "b"], 0)


def test_a_row_too_long_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"a\.csv, line 3: 3 values where 2 are expected"):
        read_table(write(tmp_path / "a.csv", "a,b\n1,2\n1,2,3\n"))


@given(st.text(max_size=50), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_comes_back_from_its_encoding(text, encoding):
    text = text.removeprefix("\ufeff")
    assert decoded(text.encode(encoding), source="a.csv") == text


def test_geojson_values_stay_what_they_are(tmp_path):
    properties = {"code": "0113", "n": 12345678901234567, "half": 0.5, "when": "2016-07-01", "list": [1, 2]}
    text = collection(feature(properties), feature({"code": None, "more": True}, None))
    table = read_table(write(tmp_path / "a.geojson", text))
    assert list(table.frame.columns) == [*properties, "more", "geometry"]
    assert table.frame.iloc[0][:5].to_dict() == properties
    assert isinstance(table.frame["n"][0], int)
    assert table.frame["code"].tolist() == ["0113", None]
    assert table.frame.geometry[1] is None
    assert table.crs.to_epsg() == 4326


def test_geojson_coordinates_keep_every_digit(tmp_path):
    place = (121.12345678901235, 0.1 + 0.2)
    table = read_table(write(tmp_path / "a.geojson", collection(feature({}, place))))
    assert (table.frame.geometry[0].x, table.frame.geometry[0].y) == place


def test_geojson_ids_become_a_column(tmp_path):
    table = read_table(write(tmp_path / "a.geojson", collection(feature({"a": 1}, id="x7"))))
    assert table.frame["id"].tolist() == ["x7"]


def test_geojson_without_features_is_empty(tmp_path):
    table = read_table(write(tmp_path / "a.geojson", collection()))
    assert (len(table.frame), table.has_geometry) == (0, True)


@pytest.mark.parametrize(
    ("name", "epsg"),
    [("urn:ogc:def:crs:OGC:1.3:CRS84", 4326), ("urn:ogc:def:crs:EPSG::4548", 4548), ("EPSG:4490", 4490)],
)
def test_a_crs_member_of_geojson_is_believed(tmp_path, name, epsg):
    text = collection(feature({}), crs={"type": "name", "properties": {"name": name}})
    assert read_table(write(tmp_path / "a.json", text)).crs.to_epsg() == epsg


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", '{"type":"FeatureCollection","features":[{"type":'),
        ("a.geojson", "[1, 2]"),
        ("a.geojson", '{"type":"FeatureCollection","features":[7]}'),
        (
            "a.geojson",
            '{"type":"FeatureCollection","features":[],"crs":{"type":"name","properties":{"name":"x"}}}',
        ),
        ("a.geojson", ""),
        ("a.csv", ""),
        ("a.csv", "  \n "),
        ("a.csv", 'a,b\n1,"2\n'),
        ("a.csv", b"\xff\xff\xff"),
        ("a.gpkg", "no database"),
        ("a.parquet", "no columns"),
        ("a.zip", "PK no archive"),
        ("a.shp", "alone"),
        ("a.docx", "what"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_with_the_name_of_the_file(tmp_path, name, content):
    with pytest.raises(InvalidInput) as caught:
        read_table(write(tmp_path / name, content))
    assert caught.value.faults[0].file == name
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidInput, match=r"gone\.csv: there is no such file"):
        read_table(tmp_path / "gone.csv")


def test_geometries_that_cannot_be_built_are_named_by_row(tmp_path):
    bad = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
    }
    with pytest.raises(InvalidInput) as caught:
        read_table(write(tmp_path / "a.geojson", collection(feature({}), bad)))
    assert [fault.row for fault in caught.value.faults] == [2]


def test_geopackage_keeps_text_whole_numbers_and_crs(tmp_path):
    squares(code=["0113", "7"], n=pd.array([5, None], dtype="Int64")).to_file(tmp_path / "a.gpkg")
    table = read_table(tmp_path / "a.gpkg")
    assert table.frame["code"].tolist() == ["0113", "7"]
    assert str(table.frame["n"][0]) == "5"
    assert table.crs.to_epsg() == 4326


def test_of_several_layers_one_must_be_named(tmp_path):
    for name in ("grids", "cells"):
        squares(code=["1"]).to_file(tmp_path / "a.gpkg", layer=name)
    with pytest.raises(InvalidInput, match="grids, cells"):
        read_table(tmp_path / "a.gpkg")
    with pytest.raises(InvalidInput, match="no layer 'x'"):
        read_table(tmp_path / "a.gpkg", layer="x")
    assert len(read_table(tmp_path / "a.gpkg", layer="cells").frame) == 1


def test_a_cut_off_geopackage_is_refused(tmp_path):
    squares(code=["1"] * 300).to_file(tmp_path / "a.gpkg")
    write(tmp_path / "b.gpkg", (tmp_path / "a.gpkg").read_bytes()[:50_000])
    with pytest.raises(InvalidInput, match=r"b\.gpkg"):
        read_table(tmp_path / "b.gpkg")


def shapefile(folder, encoding, *, keep=(".shp", ".shx", ".dbf")):
    """A Shapefile whose texts are in ``encoding``, with only the parts named."""
    squares(名称=["幸福里社区", "崂山二村"], code=["0113", "7"]).to_file(
        folder / "网格.shp", encoding=encoding
    )
    for part in folder.glob("网格.*"):
        if part.suffix not in keep:
            part.unlink()
    return folder / "网格.shp"


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_shapefile_without_cpg_reads_chinese(tmp_path, encoding, zipped):
    path = shapefile(tmp_path, encoding)
    if zipped:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for part in tmp_path.glob("网格.*"):
                archive.write(part, f"数据/网格/{part.name}")
        path = tmp_path / "a.zip"
    table = read_table(path)
    assert table.frame["名称"].tolist() == ["幸福里社区", "崂山二村"]
    assert table.frame["code"].tolist() == ["0113", "7"]
    assert (table.crs, table.source) == (None, path.name)


def test_the_cpg_of_a_shapefile_is_believed(tmp_path):
    path = shapefile(tmp_path, "GB18030", keep=(".shp", ".shx", ".dbf", ".prj", ".cpg"))
    table = read_table(path)
    assert table.frame["名称"].tolist() == ["幸福里社区", "崂山二村"]
    assert table.crs.to_epsg() == 4326


def test_a_shapefile_that_lacks_a_part_is_told(tmp_path):
    path = shapefile(tmp_path, "UTF-8")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(InvalidInput, match=r"lacks its \.dbf"):
        read_table(path)


def test_an_archive_without_or_with_two_shapefiles_needs_a_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(InvalidInput, match="there is no layer in the file"):
        read_table(tmp_path / "none.zip")


def test_parquet_is_read_with_and_without_geometry(tmp_path):
    squares(code=["0113"]).to_parquet(tmp_path / "a.parquet")
    pd.DataFrame({"code": ["0113"]}).to_parquet(tmp_path / "b.parquet")
    spatial, plain = read_table(tmp_path / "a.parquet"), read_table(tmp_path / "b.parquet")
    assert (spatial.has_geometry, plain.has_geometry) == (True, False)
    assert spatial.crs.to_epsg() == 4326
    assert plain.frame["code"].tolist() == ["0113"]


def test_the_libraries_print_nothing(tmp_path):
    """In a process of its own: GDAL writes past Python's own streams."""
    write(tmp_path / "a.gpkg", b"SQLite format 3\x00" + b"\x00" * 500)
    mixed = collection(feature({"a": [1]}), feature({"a": "t"}))
    write(tmp_path / "a.geojson", mixed)
    code = (
        "import sys; from pathlib import Path; from data.importers.readers.files import read_table\n"
        "for name in sys.argv[1:]:\n"
        "    try: read_table(Path(name))\n"
        "    except Exception as error: assert type(error).__name__ == 'InvalidInput'"
    )
    names = [str(tmp_path / "a.gpkg"), str(tmp_path / "a.geojson")]
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""


@pytest.mark.real_data
def test_a_real_shapefile_in_gbk_reads_chinese(real_data):
    table = read_table(real_data / "gbk_shapefiles" / "a_ldid77_no_cpg.shp")
    assert table.frame["NAME"][0] == "奉节县"
    assert len(table.frame) == 38


@pytest.mark.real_data
def test_a_real_shapefile_without_prj_has_no_crs(real_data):
    table = read_table(real_data / "shenzhen_taxi_events_districts" / "sz.shp")
    assert table.crs is None
    assert "罗湖" in table.frame["qh"].tolist()


@pytest.mark.real_data
def test_real_zipped_blocks_keep_their_codes(real_data):
    table = read_table(real_data / "maup_providence_precincts" / "blocks.zip")
    assert len(table.frame) == 3014
    assert table.frame["COUNTYFP10"][0] == "007"
    assert table.crs.to_epsg() == 4269
