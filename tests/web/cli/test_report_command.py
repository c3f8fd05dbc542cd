"""``gisgrid report``: a map and its table on paper, by right, with who printed it."""

from __future__ import annotations

import geopandas as gpd
import pytest
from pypdf import PdfReader

from gisgrid.access.models import AuditEntry
from tests.web.cli.test_import_command import office  # noqa: F401 - the fixture
from tests.world import square
from web.prints import REPORTS

pytest.importorskip("weasyprint", exc_type=OSError)


@pytest.fixture
def town(office, tmp_path):  # noqa: F811 - the fixture
    """A community of two grids with a building."""
    areas = gpd.GeoDataFrame({"code": ["G1", "G2"]}, geometry=[square(0, 0, 2), square(2, 0, 2)], crs=4326)
    areas.to_file(tmp_path / "a.gpkg")
    house = {"编码": ["B1"], "地址": ["幸福苑12幢"], "小区": ["幸福苑"], "层数": ["6"]}
    gpd.GeoDataFrame(house, geometry=[square(0.25, 0.25, 0.5)], crs=4326).to_file(tmp_path / "b.gpkg")
    assert office("import", "areas", tmp_path / "a.gpkg", "--community", "C9") == 0
    assert office("import", "buildings", tmp_path / "b.gpkg", "--community", "C9") == 0
    return office


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_report_is_a_sheet_with_its_figures(town, tmp_path, name):
    out, before = tmp_path / f"{name}.pdf", town.count(AuditEntry.id)
    assert town("report", name, "-o", out, "--json") == 0
    pages = PdfReader(out).pages
    text = "".join(page.extract_text() for page in pages)
    assert ("幸福苑" if name == "renovation" else "G1") in text
    assert "打印人" in "".join(text.split())
    assert town.result["rows"] >= 1
    assert town.count(AuditEntry.id) == before + 1


def test_a_report_speaks_english_too(town, tmp_path):
    assert town("report", "hotspots", "-o", tmp_path / "h.pdf", "--language", "en") == 0
    text = PdfReader(tmp_path / "h.pdf").pages[0].extract_text()
    assert "Printedby" in "".join(text.split())


def test_what_there_is_no_report_of_is_said(town, tmp_path):
    assert town("report", "weather", "-o", tmp_path / "i.pdf") == 1
    assert "no report weather" in town.err
    assert not (tmp_path / "i.pdf").exists()


def test_indicators_stand_with_their_definitions(town, tmp_path):
    assert town("report", "indicators", "-o", tmp_path / "i.pdf", "--language", "en") == 0
    text = " ".join("".join(page.extract_text() for page in PdfReader(tmp_path / "i.pdf").pages).split())
    assert "On-time closure rate" in text
    assert "fell due in the period" in text
    assert "0.00%" not in text  # nothing was due: shares of nothing
    assert "—" in text
