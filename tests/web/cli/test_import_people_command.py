"""``gisgrid import`` of households and people, templates, ``imports`` and ``import undo``."""

from __future__ import annotations

import csv
import io

import geopandas as gpd
import openpyxl
import pytest

from data.importers.kinds.fields import KINDS, SHAPED
from data.importers.prepare import ImportRequest
from data.importers.preview import preview
from data.importers.readers.files import read_table
from data.importers.templates import DATA_SHEET, HELP_SHEET, template
from data.importers.values.field import EXAMPLE
from gisgrid.access.models import ImportRun
from gisgrid.areas.models import Area, UnitCell
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Household
from tests.web.cli.test_import_command import office  # noqa: F401 - the fixture
from tests.world import TZ, square


@pytest.fixture
def town(office, tmp_path):  # noqa: F811 - the fixture
    """A community of two grids with one building."""
    areas = gpd.GeoDataFrame({"code": ["G1", "G2"]}, geometry=[square(0, 0, 2), square(2, 0, 2)], crs=4326)
    areas.to_file(tmp_path / "a.gpkg")
    house = {"编码": ["B1"], "地址": ["幸福苑12幢"], "小区": ["幸福苑"], "层数": ["6"]}
    gpd.GeoDataFrame(house, geometry=[square(0.25, 0.25, 0.5)], crs=4326).to_file(tmp_path / "b.gpkg")
    assert office("import", "areas", tmp_path / "a.gpkg", "--community", "C9") == 0
    assert office("import", "buildings", tmp_path / "b.gpkg", "--community", "C9") == 0
    return office


def workbook(path, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def test_a_workbook_of_households_and_residents_comes_in_and_goes_back(town, tmp_path):
    homes = workbook(
        tmp_path / "h.xlsx", ["住址", "电话"], ["幸福苑12幢2单元301室", "199-1"], ["别处1幢1室", ""]
    )
    assert town("import", "households", homes, "--json", "--report", tmp_path / "r.csv") == 1
    assert (town.result["new"], town.result["refused"]) == (1, 1)
    assert "no building here has this address" in town.err
    report = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert report.splitlines()[1].startswith("refused,3,,address,")
    homes_import = town.result["import"]
    people = workbook(
        tmp_path / "p.xlsx",
        ["姓名", "生日", "家庭住址", "居住状态", "身份证号码"],
        ["示例甲", "1950-3-7", "幸福苑12-2-301", "常住,户籍在外", "11010519491231002X"],
    )
    assert town("import", "residents", people, "--json") == 0
    assert "was left out and not stored" in town.err
    people_import = town.result["import"]
    assert town("import", "undo", homes_import) == 1
    assert town.err == ("gisgrid: nothing is undone: since this import residents hang on it (1)\n")
    assert town("imports", "--json") == 0
    listed = town.result["imports"]
    assert [(one["kind"], one["can_undo"]) for one in listed] == [
        ("residents", True),
        ("households", True),
        ("buildings", True),
        ("areas", True),
    ]
    assert "示例甲" not in town.out
    assert town("import", "undo", people_import, "--json") == 0
    assert (town.result["removed"], town.count(Resident.id)) == (1, 0)
    assert town("import", "undo", homes_import) == 0
    assert town.count(Household.id) == 0
    assert town("import", "undo", listed[3]["id"], "--json") == 0
    assert (town.result["removed"], town.count(UnitCell.id)) == (2, 0)
    assert town("import", "undo", listed[2]["id"]) == 0
    assert (town.count(Building.id), town.count(Area.id)) == (0, 0)


def test_a_dry_run_keeps_neither_rows_nor_record(town, tmp_path):
    homes = workbook(tmp_path / "h.xlsx", ["住址"], ["幸福苑12幢2单元301室"])
    before = town.count(ImportRun.id)
    assert town("import", "households", homes, "--dry-run") == 0
    assert (town.count(Household.id), town.count(ImportRun.id)) == (0, before)


def test_positions_without_a_crs_are_asked_for(town, tmp_path):
    homes = workbook(tmp_path / "h.xlsx", ["住址", "经度", "纬度"], ["幸福苑12幢", "118.25", "33.5"])
    assert town("import", "households", homes) == 1
    assert "CRS" in town.err


def test_templates_are_written_without_a_database(tmp_path, office):  # noqa: F811 - the fixture
    out = tmp_path / "t.xlsx"
    assert office("import", "members", "--template", out) == 0
    assert openpyxl.load_workbook(out).sheetnames == [DATA_SHEET, HELP_SHEET]
    assert office("import", "members", "--template", tmp_path / "t.doc") == 2
    assert office("import", "members") == 2


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_header_of_a_template_is_understood(tmp_path, kind, form):
    path = tmp_path / f"t.{form}"
    path.write_bytes(template(kind, form))
    if kind in SHAPED:
        assert list(read_table(path).frame.columns) == [field.titles[0] for field in KINDS[kind]]
        return
    options = {"crs": "4326"} if kind in {"cases", "facilities"} else {}
    shown = preview(ImportRequest(kind=kind, file=path, **options), tz=TZ)
    assert shown.mapping == {field.name: field.titles[0] for field in KINDS[kind] if field.is_offered}
    assert (shown.unused, shown.faults, shown.total) == ([], (), 1) or not list(shown.faults)
    assert shown.rows[0]["note"] == EXAMPLE


def test_no_header_means_two_fields_of_a_kind():
    for kind, fields in KINDS.items():
        names = [name.casefold() for field in fields for name in field.names]
        assert len(names) == len(set(names)), kind


def test_the_csv_template_opens_in_a_spreadsheet():
    raw = template("residents", "csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    head, example = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert head[0] == "外部编号"
    assert example[-1] == EXAMPLE
