"""``gisgrid check``: exit codes, the JSON line, and the figures of real files."""

import json

import geopandas as gpd
import pytest
import shapely

from web.cli.root import gisgrid, run


def box(x, width):
    return shapely.box(500_000 + x, 3_450_000, 500_000 + x + width, 3_450_100)


def areas_file(path, *shapes, codes=None):
    columns = {"code": codes or [str(number) for number in range(len(shapes))]}
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4549).to_file(path, engine="pyogrio")
    return str(path)


def check(capsys, *arguments):
    """Exit code, the JSON object of the last line (or None), and all printed text."""
    code = run(gisgrid, ["check", *map(str, arguments)])
    printed = capsys.readouterr()
    lines = printed.out.strip().splitlines()
    result = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None
    return code, result, printed.out + printed.err


def test_sound_areas_exit_0(tmp_path, capsys):
    code, result, _text = check(capsys, areas_file(tmp_path / "a.gpkg", box(0, 100), box(100, 50)), "--json")
    assert code == 0
    assert result["areas"] == 2
    assert set(result["faults"].values()) == {0}
    assert list(result["faults"]) == ["invalid", "overlap", "gap", "vertex", "multipart", "duplicate_code"]


def test_fault_exits_1_and_still_prints_the_json_line(tmp_path, capsys):
    path = areas_file(tmp_path / "a.gpkg", box(0, 101), box(100, 50), codes=["7", "7"])
    code, result, text = check(capsys, path, "--json", "--faults", tmp_path / "f.geojson")
    assert code == 1
    assert (result["faults"]["overlap"], result["faults"]["duplicate_code"]) == (1, 1)
    assert "7 + 7: two areas cover the same land" in text
    features = json.loads((tmp_path / "f.geojson").read_text())["features"]
    assert {feature["properties"]["rule"] for feature in features} == {"overlap", "vertex", "duplicate_code"}


def test_parts_are_a_fault_only_with_single(tmp_path, capsys):
    path = areas_file(tmp_path / "a.gpkg", shapely.MultiPolygon([box(0, 10), box(20, 10)]))
    code, result, _text = check(capsys, path, "--json")
    assert (code, result["faults"]["multipart"]) == (0, 1)
    assert check(capsys, path, "--single")[0] == 1


def test_repair_exits_0_where_nothing_is_left(tmp_path, capsys):
    path = areas_file(tmp_path / "a.gpkg", box(0, 101), box(100, 50))
    code, result, text = check(capsys, path, "--fix", "-o", tmp_path / "out.geojson", "--json")
    assert code == 0
    assert result["faults"]["overlap"] == 1
    assert result["left"]["overlap"] == 0
    assert result["moved_m2"] == pytest.approx(100, rel=1e-3)
    assert "lost 100" in text
    assert check(capsys, tmp_path / "out.geojson")[0] == 0


def test_long_lists_are_cut_for_people_and_whole_for_programs(tmp_path, capsys):
    path = areas_file(tmp_path / "a.gpkg", *(box(100 * k, 101) for k in range(30)))
    _code, result, text = check(capsys, path, "--json")
    assert "… and 9 more" in text
    assert len([place for place in result["places"] if place["rule"] == "overlap"]) == 29


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.gpkg"], "nothing.gpkg: there is no such file"),
        (["A", "--code", "grid"], "no column 'grid'"),
        (["A", "--crs", "nonsense"], "unknown CRS"),
        (["A", "--fix", "-o", "out.docx"], "end the name in"),
    ],
)
def test_bad_input_exits_1_with_one_sentence_and_no_json(tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    areas_file(tmp_path / "A.gpkg", box(0, 10))
    code, result, text = check(capsys, *(["A.gpkg" if word == "A" else word for word in arguments]), "--json")
    assert code == 1
    assert result is None
    assert words in text
    assert "Traceback" not in text


@pytest.mark.parametrize("arguments", [["A", "--fix"], ["A", "-o", "out.gpkg"], ["--nonsense"]])
def test_wrong_usage_exits_2(capsys, arguments):
    assert check(capsys, *arguments)[0] == 2


def test_help_has_an_example(capsys):
    code, _result, text = check(capsys, "--help")
    assert code == 0
    assert "Example: gisgrid check" in text


@pytest.mark.real_data
def test_providence_precincts_show_their_overlaps_and_holes(real_data, capsys, tmp_path):
    path = real_data / "maup_providence_precincts" / "precincts.zip"
    fixed = tmp_path / "fixed.gpkg"
    code, result, _text = check(capsys, path, "--code", "NAME", "--json", "--fix", "-o", fixed)
    assert code == 1
    assert result["areas"] == 59
    assert result["faults"] == {
        "invalid": 0,
        "overlap": 2,
        "gap": 3,
        "vertex": 0,
        "multipart": 3,
        "duplicate_code": 0,
    }
    sizes = {
        rule: sorted(p["m2"] for p in result["places"] if p["rule"] == rule) for rule in ("overlap", "gap")
    }
    assert sum(sizes["overlap"]) == pytest.approx(3.95, abs=0.05)
    assert sizes["gap"] == pytest.approx([47.66, 12_746, 85_230], rel=1e-3)
    assert (result["left"]["overlap"], result["left"]["gap"]) == (0, 2)
    assert result["moved_m2"] == pytest.approx(51.6, abs=0.1)


@pytest.mark.real_data
def test_one_area_of_chicago_is_invalid(real_data, capsys):
    folder = real_data / "chicago_community_areas_age"
    code, result, _text = check(capsys, next(folder.glob("*.geojson")), "--json")
    assert code == 1
    assert (result["areas"], result["faults"]["invalid"]) == (77, 1)


@pytest.mark.real_data
def test_counties_of_suqian_tile_exactly(real_data, capsys):
    path = real_data / "suqian_admin_codes_boundaries" / "suqian_5_counties_WGS84_converted.geojson"
    code, result, _text = check(capsys, path, "--json", "--code", "adcode", "--single")
    assert code == 0
    assert set(result["faults"].values()) == {0}
