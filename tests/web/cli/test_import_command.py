"""``gisgrid import``, ``cells`` and ``check`` on a database: exit codes, JSON, the report, dry runs."""

from __future__ import annotations

import io
import json
import re
import shutil

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import func, make_url, select

from gisgrid.access.keys.encryption import load_keys, open_database
from gisgrid.areas.models import Area, UnitCell
from gisgrid.cases.core.models import Case
from tests import world
from tests.world import square
from web.cli.root import gisgrid, run


class Office:
    """Runs commands on one database; ``result`` is the JSON object of the last line, if any."""

    def __init__(self, capsys, url, keys):
        self._capsys, self._url, self._keys = capsys, url, keys
        self.out = self.err = ""
        self.result = None

    def __call__(self, *arguments):
        code = run(gisgrid, [str(argument) for argument in arguments])
        self.out, self.err = self._capsys.readouterr()
        lines = self.out.strip().splitlines()
        self.result = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None
        return code

    def count(self, column, *where):
        """How many rows the table of a column has."""
        database = open_database(make_url(self._url), load_keys(self._keys))
        try:
            with database.read() as session:
                return session.scalar(select(func.count(column)).where(*where))
        finally:
            database.close()


@pytest.fixture(params=["spatialite", "postgis"])
def office(request, spatialite_template, tmp_path, monkeypatch, capsys):
    """A migrated, empty database that the command line works on."""
    url = f"sqlite:///{shutil.copy(spatialite_template, tmp_path / 'new.sqlite')}"
    if request.param == "postgis":
        request.getfixturevalue("postgis")
        url = request.getfixturevalue("postgis_url").render_as_string(hide_password=False)
    monkeypatch.setenv("GISGRID_DATABASE_URL", url)
    monkeypatch.setenv("GISGRID_KEY_FILE", str(tmp_path / "keys.json"))
    made = Office(capsys, url, tmp_path / "keys.json")
    assert made("db", "upgrade") == 0
    return made


def areas_file(path, *, names=("甲", "乙")):
    shapes = [square(0, 0, 2), square(2, 0, 2)]
    frame = gpd.GeoDataFrame({"WARD": ["01", "02"], "name": list(names)}, geometry=shapes, crs=4326)
    frame.to_file(path, engine="pyogrio")
    return path


def cases_file(path, *lines):
    head = "number,category,reported_at,lon,lat,recorded_area\n"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def good_case(number, column, recorded):
    point = world.middle(column, 0)
    return f"{number},路灯,2025-03-01 08:00,{point.x},{point.y},{recorded}"


@pytest.fixture
def wards(office, tmp_path):
    """Two areas in the database."""
    path = areas_file(tmp_path / "a.gpkg")
    assert office("import", "areas", path, "--community", "C9", "--column", "code=WARD", "--json") == 0
    return office


def test_areas_come_in_and_the_second_time_nothing_changes(wards, tmp_path):
    assert (wards.result["new"], wards.result["revision"], wards.result["dry_run"]) == (2, 1, False)
    again = ("import", "areas", tmp_path / "a.gpkg", "--community", "C9", "--column", "code=WARD", "--json")
    assert wards(*again) == 0
    assert (wards.result["unchanged"], wards.result["revision"]) == (2, None)
    assert "nothing has changed" in wards.out


def test_a_changed_name_is_listed(wards, tmp_path):
    path = areas_file(tmp_path / "b.gpkg", names=("丙", "乙"))
    assert wards("import", "areas", path, "--community", "C9", "--column", "code=WARD") == 0
    assert "feature 1, 01: name: name, parent or type changed" in wards.out


def test_a_dry_run_tells_everything_and_keeps_nothing(office, tmp_path):
    path = areas_file(tmp_path / "a.gpkg")
    dry = ("import", "areas", path, "--community", "C9", "--column", "code=WARD", "--dry-run", "--json")
    assert office(*dry) == 0
    assert (office.result["new"], office.result["dry_run"]) == (2, True)
    assert office.count(Area.id) == 0


def test_faults_of_areas_exit_1_with_row_and_column_and_fill_the_report(office, tmp_path):
    shapes = [square(0, 0, 2), square(1, 0, 2)]
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=shapes, crs=4326).to_file(tmp_path / "a.geojson")
    report = tmp_path / "r.csv"
    assert office("import", "areas", tmp_path / "a.geojson", "--community", "C9", "--report", report) == 1
    assert office.err.startswith("gisgrid: a.geojson, feature 1, field geometry: 1 and 2 overlap by")
    assert 'geometry,"1 and 2 overlap by' in report.read_text(encoding="utf-8-sig")
    assert office.count(Area.id) == 0


def test_one_code_on_several_polygons_is_joined_where_that_is_said(office, tmp_path):
    path = tmp_path / "a.geojson"
    gpd.GeoDataFrame({"code": ["1", "1"]}, geometry=[square(0, 0), square(2, 0)], crs=4326).to_file(path)
    command = ("import", "areas", path, "--community", "C9", "--json")
    assert office(*command) == 1
    assert "feature 2, field code: feature 1 has the code 1 too (--merge-same-code" in office.err
    assert office(*command, "--merge-same-code") == 0
    assert (office.result["areas"], office.result["joined_codes"]) == (1, ["1"])


def test_a_repair_of_much_land_is_accepted_by_its_size(office, tmp_path):
    path = tmp_path / "a.geojson"
    shapes = [square(0, 0, 2), square(1, 0, 2)]
    gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=shapes, crs=4326).to_file(path)
    command = ("import", "areas", path, "--community", "C9", "--fix", "--json")
    assert office(*command) == 1
    needed = re.search(r"--accept-moved (\d+)", office.err)[1]
    assert office(*command, "--accept-moved", str(int(needed) - 2)) == 1
    assert office.count(Area.id) == 0
    assert office(*command, "--accept-moved", needed) == 0
    assert "moved_by_area: " in office.out
    assert sum(office.result["moved_by_area"].values()) == pytest.approx(float(needed), abs=1.5)


def test_dates_of_another_form_and_ends_that_nobody_wrote_down_are_said(wards, tmp_path):
    head = "number,category,reported_at,lon,lat"
    place = f"{world.LON + world.STEP / 2!r},{world.LAT + world.STEP / 2!r}"
    path = tmp_path / "c.csv"
    path.write_text(f"{head}\nA,x,03/04/2020 02:05 PM,{place}\n", encoding="utf-8")
    command = ("import", "cases", path, "--crs", "4326", "--new-categories", "--json")
    assert wards(*command) == 1
    assert "line 2, field reported_at: this is month 3, day 4, or the other way round" in wards.err
    assert wards(*command, "--date-format", "american") == 1
    assert "the form of dates is one of ymd, mdy, dmy" in wards.err
    assert wards(*command, "--date-format", "mdy", "--as-closed") == 0
    assert wards.result["as_closed"] == 1
    assert wards.count(Case.fid, Case.state == "closed") == 1


def test_a_missing_code_column_names_the_option(office, tmp_path):
    assert office("import", "areas", areas_file(tmp_path / "a.gpkg"), "--community", "C9") == 1
    assert "--column code=THEIRS; there are: WARD, name" in office.err


def test_a_community_must_be_named_for_areas_and_places(office, tmp_path):
    assert office("import", "areas", areas_file(tmp_path / "a.gpkg"), "--column", "code=WARD") == 2
    assert office("import", "buildings", tmp_path / "gone.gpkg", "--community", "C9") == 1
    assert office.err == "gisgrid: gone.gpkg: there is no such file\n"


def test_cases_are_kept_listed_and_counted(wards, tmp_path):
    path = cases_file(tmp_path / "c.csv", good_case("A-1", 0, "01"), good_case("A-2", 1, "02"))
    command = ("import", "cases", path, "--crs", "4326", "--json", "--report", tmp_path / "r.csv")
    assert wards(*command) == 1
    assert wards.result["new_categories"] == ["路灯"]
    assert "'路灯' is not known (--new-categories makes such categories) (and in 1 more)" in wards.err
    assert wards(*command, "--new-categories") == 0
    assert (wards.result["new"], wards.result["recorded_same"], wards.result["recorded_differs"]) == (2, 1, 1)
    assert (wards.result["times_without_offset"], wards.result["zone_of_those"]) == (2, "Asia/Shanghai")
    report = (tmp_path / "r.csv").read_text(encoding="utf-8-sig").splitlines()
    assert report[1:] == ['note,3,A-2,recorded_area,"recorded in 02, lies in 01",line']
    assert wards(*command) == 0
    assert wards.result["unchanged"] == 2
    assert wards.count(Case.fid) == 2


def test_good_rows_are_kept_beside_bad_ones_and_the_exit_code_is_1(wards, tmp_path):
    path = cases_file(tmp_path / "c.csv", good_case("A-1", 0, "01"), "A-2,路灯,soon,1,2,01")
    assert wards("import", "cases", path, "--crs", "4326", "--new-categories=open", "--json") == 1
    assert (wards.result["new"], wards.result["refused"]) == (1, 1)
    assert "c.csv, line 3, field reported_at: this is no date and time" in wards.err
    assert wards.count(Case.fid) == 1


def test_an_account_without_the_right_may_not(wards, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough one\n"))
    assert wards("user", "add", "zhang", "--role", "head", "--area", "C9") == 0
    path = areas_file(tmp_path / "b.gpkg", names=("丙", "乙"))
    command = ("import", "areas", path, "--community", "C9", "--column", "code=WARD", "--as", "zhang")
    assert wards(*command) == 1
    assert wards.err == "gisgrid: this account may not do that\n"


def test_cells_are_made_of_what_was_imported_and_the_database_checks_sound(office, tmp_path):
    houses = [square(x, y, 0.3) for x, y in [(0, 0), (2, 0), (0, 2), (2, 2)]]
    frame = gpd.GeoDataFrame({"code": ["1", "2", "3", "4"]}, geometry=houses, crs=4326)
    frame.to_file(tmp_path / "b.gpkg", engine="pyogrio")
    x = world.LON + 1.2 * world.STEP
    street = shapely.LineString([(x, world.LAT - 0.01), (x, world.LAT + 0.01)])
    gpd.GeoDataFrame(
        {"kind": ["residential", "footway"]}, geometry=[street, street.reverse()], crs=4326
    ).to_file(tmp_path / "s.gpkg", engine="pyogrio")
    assert office("import", "buildings", tmp_path / "b.gpkg", "--community", "C9") == 0
    assert office("import", "streets", tmp_path / "s.gpkg", "--community", "C9") == 0
    assert office("cells", "--community", "C9", "--json") == 0
    assert (office.result["cells"], office.result["buildings_in_a_cell"]) == (4, 4)
    assert {"what": "street", "why": "a footpath or cycle path divides no block", "count": 1} in (
        office.result["left_out"]
    )
    assert office("check", "--json") == 0
    assert set(office.result["faults"].values()) == {0}
    assert (office.result["cells"], office.result["objects"]) == (4, 4)
    assert office("cells", "--json") == 0
    assert office.result["revision"] is None
    assert office.count(UnitCell.fid) == 4


def test_check_of_a_database_takes_no_options_of_files(office):
    assert office("check", "--code", "x") == 2
    assert office("check", "--json") == 0
    assert office.result["communities"] == 0
