"""Bounds of reading: each is told in one sentence, before what is beyond it fills the memory."""

from __future__ import annotations

import json
import zipfile
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.importers.readers import csv_text, geojson, limits, vector
from data.importers.readers.files import read_table
from gisgrid.errors import InvalidInput

JSON = st.recursive(
    st.none() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
OLD = b"\xd0\xcf\x11\xe0" + bytes(600)


def told(path):
    with pytest.raises(InvalidInput) as caught:
        read_table(path)
    assert len(caught.value.faults) == 1
    fault = caught.value.faults[0]
    assert fault.file == path.name
    return str(fault.message)


def geojson_file(path, *geometries, **properties):
    features = [{"type": "Feature", "properties": properties, "geometry": one} for one in geometries]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def ring(count):
    turn = np.linspace(0, 2 * np.pi, count - 1, endpoint=False)
    xy = np.column_stack((121 + 0.01 * np.cos(turn), 31 + 0.01 * np.sin(turn)))
    return shapely.Polygon(xy)


def nested(depth):
    return "[" * depth + "]" * depth


def test_a_file_that_is_too_large_is_not_opened(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 600_000)
    monkeypatch.setattr(csv_text, "check_bytes", partial(limits.check_bytes, most=2**20))
    assert told(tmp_path / "a.csv") == "the file has 3 MB; at most 1 MB are read: split it"


def test_a_sparse_file_of_many_gigabytes_is_not_opened(tmp_path):
    for name in ("a.csv", "a.geojson", "a.gpkg", "a.parquet"):
        with (tmp_path / name).open("wb") as file:
            file.write(b"a")
            file.truncate(3 * 2**30)
        assert told(tmp_path / name).startswith("the file has 3072 MB; at most")


def test_rows_columns_and_values_are_bounded(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{n}" for n in range(501)) + "\n")
    assert told(path) == "501 columns; at most 500 are read"
    path.write_text("a,b\n" + "1,2\n" * 10)
    monkeypatch.setattr(limits, "MOST_CELLS", 19)
    assert told(path) == "more than 19 values (rows times columns): split the file"
    monkeypatch.setattr(limits, "MOST_ROWS", 9)
    assert told(path) == "more than 9 rows: split the file"


def test_a_first_line_without_end_is_no_header(tmp_path):
    (tmp_path / "a.csv").write_text("x" * (2**20 + 5))
    assert told(tmp_path / "a.csv") == "the first line is too long to hold names of columns"


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "parquet"])
def test_a_geometry_with_too_many_vertices_is_named_by_its_row(tmp_path, monkeypatch, ending):
    shapes = [ring(50), ring(120)]
    path = tmp_path / f"a.{ending}"
    frame = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=shapes, crs=4326)
    frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
    monkeypatch.setattr(limits, "MOST_VERTICES_OF_ONE", 119)
    with pytest.raises(InvalidInput) as caught:
        read_table(path)
    assert str(caught.value) == (
        f"a.{ending}, feature 2, field geometry: the geometry has 120 vertices; at most 119 are taken"
    )
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MOST_VERTICES", 160)
    assert told(path).endswith("vertices in all; at most 160 are read")
    monkeypatch.undo()
    assert len(read_table(path).frame) == 2


def test_a_geometry_with_too_many_vertices_is_told_before_the_file_is_parsed(tmp_path, monkeypatch):
    rings = [json.loads(shapely.to_geojson(ring(count))) for count in (50, 120)]
    rows = [
        {"type": "Feature", "properties": {"note": {"x": ["[{"]}}, "geometry": None},
        *({"type": "Feature", "properties": {}, "geometry": one} for one in rings),
    ]
    crs = {"type": "name", "properties": {"name": "EPSG:4326", "more": {}}}
    path = tmp_path / "a.geojson"
    # Cut off at the end: who parses it says so.
    path.write_text(json.dumps({"crs": crs, "bbox": [1, 2, 3, 4], "features": rows})[:-3])
    assert "it may be cut off" in told(path)
    monkeypatch.setattr(geojson, "MOST_VERTICES_OF_ONE", 119)
    with pytest.raises(InvalidInput, match="feature 3, field geometry: the geometry has 120 vertices"):
        read_table(path)


def test_brackets_in_texts_are_no_vertices(tmp_path, monkeypatch):
    path = geojson_file(tmp_path / "a.geojson", None, note='[[[["' * 1000, other="\\" * 9)
    monkeypatch.setattr(limits, "MOST_VERTICES", 100)
    assert read_table(path).frame["note"].tolist() == ['[[[["' * 1000]


@pytest.mark.parametrize("depth", [65, 1000, 200_000])
def test_json_nested_too_deep_is_refused_unparsed(tmp_path, depth):
    path = tmp_path / "a.geojson"
    path.write_text('{"type":"FeatureCollection","features":' + nested(depth) + "}")
    assert told(path) == "brackets are nested deeper than 64 levels"


@given(JSON)
def test_depth_is_counted_as_json_has_it(value):
    def depth(one):
        inside = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else None
        return 0 if inside is None else 1 + max(map(depth, inside), default=0)

    raw = json.dumps(value, ensure_ascii=False).encode()
    most = depth(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geojson, "MOST_NESTING", most)
        geojson._check_brackets(raw, source="a")
        patch.setattr(geojson, "MOST_NESTING", most - 1)
        if most:
            with pytest.raises(InvalidInput, match="nested deeper"):
                geojson._check_brackets(raw, source="a")


@pytest.mark.parametrize(("word", "said"), [("NaN", "NaN"), ("-Infinity", "Infinity")])
def test_json_that_says_no_number_is_told_by_its_word(tmp_path, word, said):
    path = tmp_path / "a.geojson"
    point = '{"type":"Feature","properties":{},\n"geometry":{"type":"Point","coordinates":[0,1]}}'
    path.write_text(point.replace("[0", f"[{word}"))
    assert told(path) == f"{said} in line 2 is no number in JSON"
    path.write_text('{"type":"Feature","properties":{"a":1e999},"geometry":null}')
    assert told(path) == "a number in line 1 is too large"


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in members.items():
            with archive.open(name.replace("_", "."), "w") as member:
                for _ in range(size // 2**20):
                    member.write(bytes(2**20))
    return path


@pytest.mark.parametrize("ending", ["zip", "xlsx"])
def test_archives_that_grow_too_much_are_not_unpacked(tmp_path, ending):
    path = zipped(tmp_path / f"a.{ending}", a_shp=64 * 2**20)
    assert told(path) == "a part grows more than 150 times when it is unpacked: the archive is not opened"
    path = zipped(tmp_path / f"b.{ending}", **{f"a{n}_shp": 8 * 2**20 for n in range(70)})
    assert told(path) == f"560 MB unpacked; at most {512 if ending == 'zip' else 160} MB are read"


def test_an_archive_of_very_many_files_is_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(5001):
            archive.writestr(str(number), b"")
    assert told(tmp_path / "a.zip") == "5001 files in the archive; at most 5000 are read"


def test_a_locked_archive_is_told(tmp_path):
    path = zipped(tmp_path / "a.zip", a_shp=2**20)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert told(path) == "the archive is locked by a password"


def test_a_parquet_that_grows_too_much_is_not_read(tmp_path, monkeypatch):
    pd.DataFrame({"a": ["x" * 1000] * 1000}).to_parquet(tmp_path / "a.parquet", use_dictionary=False)
    smaller = partial(limits.check_unpacked, most=2**19)
    monkeypatch.setattr(vector, "check_unpacked", smaller)
    assert told(tmp_path / "a.parquet") == "1 MB unpacked; at most 0 MB are read"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0" + bytes(600),
            "the file is an old workbook (.xls) or locked by a password",
        ),
        (
            "a.csv",
            b"\xd0\xcf\x11\xe0" + bytes(600),
            "the file is an old workbook (.xls) or locked by a password",
        ),
        ("a.csv", b"PK\x03\x04" + bytes(60), "the file is of another kind than its ending .csv says"),
        ("a.geojson", b"%PDF-1.7", "the file is of another kind than its ending .geojson says"),
        ("a.gpkg", b"PK\x03\x04" + bytes(60), "the file is of another kind than its ending .gpkg says"),
        ("a.zip", b"Rar!" + bytes(60), "the file is of another kind than its ending .zip says"),
    ],
)
def test_a_file_under_a_wrong_ending_is_told(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    assert told(tmp_path / name).startswith(sentence)
