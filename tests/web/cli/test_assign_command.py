"""``gisgrid assign``: exit codes, what is printed, and the order in which libraries are loaded."""

from __future__ import annotations

import json
import subprocess
import sys

import geopandas as gpd
import pytest
import shapely

from tests import ROOT
from web.cli.root import gisgrid, run

FIELDS = ["points", "assigned", "outside", "on_border", "no_position", "seconds", "joined", "joined_codes"]


@pytest.fixture
def files(tmp_path):
    """Points in a table, areas, and where the output goes."""
    (tmp_path / "p.csv").write_text("lon,lat\n121.5,31.5\n122,31.5\n130,31.5\n,\n", encoding="utf-8")
    shapes = [shapely.box(121, 31, 122, 32), shapely.box(122, 31, 123, 32)]
    frame = gpd.GeoDataFrame({"code": ["10", "9"]}, geometry=shapes, crs="EPSG:4326")
    frame.to_file(tmp_path / "a.geojson")
    return [str(tmp_path / "p.csv"), str(tmp_path / "a.geojson"), "-o", str(tmp_path / "out.csv")]


def assign(capsys, *arguments):
    code = run(gisgrid, ["assign", *arguments])
    return code, capsys.readouterr()


def test_the_counts_are_printed_and_the_last_line_is_json(files, capsys):
    code, printed = assign(capsys, *files, "--x", "lon", "--y", "lat", "--crs", "EPSG:4326", "--json")
    assert code == 0
    assert printed.err == ""
    result = json.loads(printed.out.splitlines()[-1])
    assert list(result) == FIELDS
    assert [result[name] for name in FIELDS[:5]] == [4, 2, 1, 1, 1]
    assert (result["joined"], result["joined_codes"]) == (0, {})
    assert "joined_codes" not in "".join(printed.out.splitlines()[:-1])
    assert printed.out.startswith("points: 4\n")


def test_joined_codes_are_printed_and_stand_in_the_json(files, capsys, tmp_path):
    shapes = [shapely.box(120 + n, 31, 121 + n, 32) for n in range(5)]
    codes = ["0113", "7", "0113", "0113", "7"]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs="EPSG:4326").to_file(tmp_path / "a.geojson")
    code, printed = assign(capsys, *files, "--x", "lon", "--y", "lat", "--crs", "EPSG:4326", "--json")
    *lines, last = printed.out.splitlines()
    assert code == 0
    assert "joined_codes: 0113 (3 areas), 7 (2 areas)" in lines
    assert "joined: 2" in lines
    assert json.loads(last)["joined_codes"] == {"0113": 3, "7": 2}


def test_of_many_joined_codes_the_first_are_printed_and_all_stand_in_the_json(files, capsys, tmp_path):
    shapes = [shapely.box(100 + n, 31, 101 + n, 32) for n in range(50)]
    codes = [f"c{n // 2:02}" for n in range(50)]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs="EPSG:4326").to_file(tmp_path / "a.geojson")
    _code, printed = assign(capsys, *files, "--x", "lon", "--y", "lat", "--crs", "EPSG:4326", "--json")
    *lines, last = printed.out.splitlines()
    (line,) = [line for line in lines if line.startswith("joined_codes")]
    assert line.endswith("c19 (2 areas) and 5 more codes")
    assert len(json.loads(last)["joined_codes"]) == 25


def test_without_json_no_json_is_printed(files, capsys):
    _, printed = assign(capsys, *files, "--x", "lon", "--y", "lat", "--crs", "4326")
    assert "{" not in printed.out


def test_a_table_without_said_columns_exits_1_and_names_the_options(files, capsys):
    code, printed = assign(capsys, *files)
    assert code == 1
    assert printed.out == ""
    sentence = "p.csv: positions from columns need --x, --y and --crs; not given: --x, --y, --crs"
    assert printed.err == f"gisgrid: {sentence}\n"


def test_a_missing_file_exits_1(files, capsys):
    code, printed = assign(capsys, "gone.csv", *files[1:])
    assert (code, printed.err) == (1, "gisgrid: gone.csv: there is no such file\n")


@pytest.mark.parametrize("arguments", [["--nonsense"], ["only-one.csv"], []])
def test_wrong_usage_exits_2(arguments, capsys):
    code, printed = assign(capsys, *arguments)
    assert code == 2
    assert "Usage: gisgrid assign" in printed.err


def test_an_unknown_form_of_output_is_wrong_usage(files, capsys):
    code, printed = assign(capsys, *files[:3], "out.docx")
    assert code == 2
    assert ".csv, .parquet, .gpkg, .geojson" in printed.err


def test_help_shows_an_example(capsys):
    code, printed = assign(capsys, "--help")
    assert code == 0
    assert "gisgrid assign cases.csv grids.geojson" in printed.out
    assert "\\b" not in printed.out


def test_the_command_prints_no_warnings_of_the_libraries(files):
    command = [sys.executable, "-W", "always", "-c", "from web.cli import main; main()", "assign", *files]
    done = subprocess.run(
        [*command, "--x", "lon", "--y", "lat", "--crs", "4326"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
