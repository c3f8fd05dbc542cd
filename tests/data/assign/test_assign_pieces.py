"""``assign`` in pieces: many give what one gives, odd files are read as by pandas, memory is bounded."""

from __future__ import annotations

import csv
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from data.assign import AssignOptions, assign, pieces
from gisgrid.errors import InvalidInput
from tests.bench.areas import homes, tiling

LONLAT = AssignOptions(x="lon", y="lat", crs="EPSG:4326")


@pytest.fixture
def areas(tmp_path):
    path = tmp_path / "areas.gpkg"
    shapes = tiling(40)
    gpd.GeoDataFrame({"code": [str(n) for n in range(40)]}, geometry=shapes, crs="EPSG:4326").to_file(path)
    return path


def points_frame(count=5_000):
    x, y = homes(count)
    x[::97] = np.nan
    names = [f'n{n}, "so"\n' if n % 50 == 0 else f"号{n}" for n in range(count)]
    return pd.DataFrame({"name": names, "lon": x, "lat": y, "floor": np.arange(count) % 30})


def small_pieces(monkeypatch, rows=700):
    monkeypatch.setattr(pieces, "_PIECE_ROWS", rows)
    monkeypatch.setattr(pieces, "_BLOCK_BYTES", 20_000)


@pytest.mark.parametrize("source", ["csv", "parquet", "geoparquet"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_many_pieces_give_what_one_gives(tmp_path, areas, monkeypatch, source, ending):
    frame, options = points_frame(), LONLAT
    path = tmp_path / f"points.{source}"
    if source == "csv":
        frame.to_csv(path, index=False)
    elif source == "parquet":
        frame.to_parquet(path)
    else:
        there = frame.lon.notna()
        shapes = gpd.GeoSeries(gpd.points_from_xy(frame.lon.where(there, 0), frame.lat)).where(there)
        gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326").to_parquet(path)
        options = AssignOptions()
    whole = assign(path, areas, out=tmp_path / f"whole.{ending}", options=options)
    small_pieces(monkeypatch)
    several = assign(path, areas, out=tmp_path / f"several.{ending}", options=options)
    assert (several.points, several.assigned, several.outside, several.no_position) == (
        whole.points, whole.assigned, whole.outside, whole.no_position,
    )  # fmt: skip
    assert whole.points == len(frame)
    assert whole.no_position == int(frame.lon.isna().sum())
    if ending == "csv":
        one, other = ((tmp_path / f"{name}.csv").read_bytes() for name in ("whole", "several"))
        assert one == other
    else:
        one, other = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("whole", "several"))
        pd.testing.assert_frame_equal(one, other)


def test_a_csv_comes_back_as_it_was_with_two_columns_more(tmp_path, areas):
    frame = points_frame(300)
    frame.to_csv(tmp_path / "p.csv", index=False)
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
    with (tmp_path / "p.csv").open(newline="") as given, (tmp_path / "out.csv").open(newline="") as out:
        before, after = list(csv.reader(given)), list(csv.reader(out))
    assert [row[:4] for row in after] == before
    assert after[0][4:] == ["area_code", "on_border"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,lon,lat\n1,121.1,31.1\n2,121.2\n3,121.3,31.3\n", [["1"], ["2"], ["3"]]),
        ("a,lon,lat\n\n1,121.1,31.1\n   \n3,121.3,31.3\n", [["1"], ["3"]]),
        ('a,lon,lat\nx"y,121.1,31.1\n"x""y",121.3,31.3\n', [['x"y'], ['x"y']]),
        ("a;lon;lat\n1,5;121.1;31.1\n", [["1,5"]]),
        ("a\tlon\tlat\r\n1\t121.1\t31.1\r\n", [["1"]]),
    ],
    ids=["a short row", "blank lines", "quotes", "semicolons", "tabs"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_odd_csv_is_read_row_by_row_as_it_stands(tmp_path, areas, text, rows, encoding):
    (tmp_path / "p.csv").write_bytes(text.replace("a", "甲", 1).encode(encoding))
    assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as out:
        written = list(csv.reader(out))
    assert written[0][0] == "甲"
    assert [row[:1] for row in written[1:]] == rows
    assert {len(row) for row in written} == {5}


def test_a_row_too_long_in_a_later_piece_is_named_and_nothing_is_left(tmp_path, areas, monkeypatch):
    small_pieces(monkeypatch)
    lines = ["lon,lat,a", *["121.1,31.1,x"] * 4_000, "121.1,31.1,x,y"]
    (tmp_path / "p.csv").write_text("\n".join(lines))
    with pytest.raises(InvalidInput, match=r"p\.csv, line 4002: 4 values where 3 are expected"):
        assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["areas.gpkg", "p.csv"]


def test_a_quote_left_open_is_a_fault_even_in_the_last_column(tmp_path, areas):
    (tmp_path / "p.csv").write_text('lon,lat,a\n121.1,31.1,"x\n')
    with pytest.raises(InvalidInput, match="a quote is never closed"):
        assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)


def test_a_geometry_that_is_no_point_is_named_by_its_row_in_the_file(tmp_path, areas, monkeypatch):
    small_pieces(monkeypatch)
    shapes = [shapely.Point(121.1, 31.1)] * 1_500
    shapes[1_234] = shapely.box(121, 31, 121.1, 31.1)
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_parquet(tmp_path / "p.parquet")
    with pytest.raises(InvalidInput, match="row 1235: a point is needed"):
        assign(tmp_path / "p.parquet", areas, out=tmp_path / "out.parquet", options=AssignOptions())


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_swapped_degrees_are_judged_by_the_whole_file(tmp_path, areas, monkeypatch, share):
    """Those of the first pieces alone say nothing of the others."""
    small_pieces(monkeypatch)
    frame = points_frame().dropna()
    swapped = np.arange(len(frame)) < share * len(frame)
    lon = np.where(swapped, frame.lat, frame.lon)
    lat = np.where(swapped, frame.lon, frame.lat)
    frame.assign(lon=lon, lat=lat).to_csv(tmp_path / "p.csv", index=False)
    if share > 0.5:
        with pytest.raises(InvalidInput, match="seem to be swapped"):
            assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
        assert not (tmp_path / "out.csv").exists()
    else:
        result = assign(tmp_path / "p.csv", areas, out=tmp_path / "out.csv", options=LONLAT)
        assert result.no_position == int(swapped.sum())


def test_types_of_a_parquet_file_stay_and_the_index_of_pandas_is_no_column(tmp_path, areas):
    frame = points_frame(50).set_index("name")
    frame["kind"] = pd.Categorical(["a", "b"] * 25)
    frame["day"] = pd.Timestamp("2026-11-24")
    frame.to_parquet(tmp_path / "p.parquet")
    assign(tmp_path / "p.parquet", areas, out=tmp_path / "out.parquet", options=LONLAT)
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert list(out) == ["lon", "lat", "floor", "kind", "day", "area_code", "on_border"]
    pd.testing.assert_frame_equal(out[list(frame)], frame.reset_index(drop=True))
    assert pq.read_schema(tmp_path / "out.parquet").field("area_code").type == "string"


_MEASURED = """
import sys
from pathlib import Path
from data.assign import AssignOptions, assign
from gisgrid.processes import most_memory_mb
points, areas, out = map(Path, sys.argv[1:])
result = assign(points, areas, out=out, options=AssignOptions(x="lon", y="lat", crs="EPSG:4326"))
print(result.points, most_memory_mb())
"""


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_twenty_million_rows_stay_within_800_megabytes(tmp_path, areas, ending, record_property):
    million, path = points_frame(1_000_000), tmp_path / f"points.{ending}"
    million["name"] = "n"
    if ending == "csv":
        for turn in range(20):
            million.to_csv(path, mode="a", header=turn == 0, index=False)
    else:
        pd.concat([million] * 20).to_parquet(path, index=False)
    command = [sys.executable, "-c", _MEASURED, str(path), str(areas), str(tmp_path / f"out.{ending}")]
    points, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    record_property(f"MB for 20 million rows of {ending}", megabytes)
    assert int(points) == 20_000_000
    assert int(megabytes) <= 800
