"""``gisgrid export``: files by their ending, one sentence where it can't, whole or not at all."""

from __future__ import annotations

import geopandas as gpd
import pytest

from gisgrid.access.models import AuditEntry
from tests.web.cli.test_import_command import office  # noqa: F401 - the fixture
from tests.world import square


@pytest.fixture
def town(office, tmp_path):  # noqa: F811 - the fixture
    """A community of two grids."""
    areas = gpd.GeoDataFrame({"code": ["G1", "G2"]}, geometry=[square(0, 0, 2), square(2, 0, 2)], crs=4326)
    areas.to_file(tmp_path / "a.gpkg")
    assert office("import", "areas", tmp_path / "a.gpkg", "--community", "C9") == 0
    return office


def test_a_layer_is_written_by_its_ending_and_audited(town, tmp_path):
    out, before = tmp_path / "grids.gpkg", town.count(AuditEntry.id)
    assert town("export", "areas", out, "--crs", "EPSG:4527", "--json") == 0
    assert (town.result["rows"], town.result["reference"]) == (2, "EPSG:4527")
    frame = gpd.read_file(out)
    assert (list(frame["code"]), frame.crs.to_epsg()) == (["G1", "G2"], 4527)
    assert town.count(AuditEntry.id) == before + 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing", "a.csv"), "no layer nothing"),
        (("areas", "a.docx"), "must end in"),
        (("residents", "a.gpkg"), "no shapes"),
        (("areas", "a.gpkg", "--crs", "EPSG:4978"), "no maps are drawn"),
        (("areas", "nowhere/a.csv"), "isn't there"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence(town, tmp_path, arguments, sentence):
    layer, name, *options = arguments
    before = sorted(tmp_path.iterdir())
    assert town("export", layer, tmp_path / name, *options) == 1
    assert sentence in town.err
    assert "Traceback" not in town.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_is_there_is_replaced_only_by_a_whole_one(town, tmp_path):
    out = tmp_path / "grids.csv"
    out.write_text("old")
    assert town("export", "areas", out, "--crs", "nowhere") == 1
    assert out.read_text() == "old"
    assert town("export", "areas", out) == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
