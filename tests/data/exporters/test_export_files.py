"""What stands in the files: CRS and datum, names and texts, who and when, and what is withheld."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl
import pyogrio
import pyproj
import pytest
import shapely
import sqlalchemy as sa

from data.exporters.files import FORMS
from data.exporters.frame import sheet_of
from data.exporters.layer import Geometry
from data.exporters.layers import LAYERS
from data.exporters.origin import Origin
from data.exporters.texts import safe_text
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.crs import Datum, parse_crs, reproject, shift_datum, stored_crs
from gisgrid.errors import InvalidInput
from gisgrid.figures.area_figures import area_figures
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests import world
from tests.exporting import FORMULA, Depot, actor_of, read_csv, stocked
from tests.stepping import close, start
from tests.world import LAT, LON, STEP

SHAPED: Final = [name for name, layer in LAYERS.items() if layer.geometry is not None]
VECTOR: Final = ("geojson", "gpkg", "shp")


@pytest.fixture
def depot(database: Database, tmp_path: Path, now: datetime) -> Depot:
    return stocked(database, tmp_path / "out", now)


@pytest.fixture
def lite_depot(spatialite: Database, tmp_path: Path, now: datetime) -> Depot:
    return stocked(spatialite, tmp_path / "out", now)


def test_names_of_dbf_are_short_and_unlike() -> None:
    for layer in (one for one in LAYERS.values() if one.geometry):
        names = [column.dbf for column in layer.columns]
        trace = {"exportedby", "exportedat", "as_of", "crs_datum"}
        assert all(0 < len(name) <= 10 and name.isascii() for name in names), layer.name
        assert len({*names, *trace}) == len(names) + len(trace), layer.name


def test_every_layer_opens_with_the_same_rows_in_every_form(depot: Depot) -> None:
    for name in SHAPED:
        counts = {form: len(pyogrio.read_dataframe(depot.take(name, form))) for form in VECTOR}
        counts["csv"] = len(depot.rows(name))
        assert len(set(counts.values())) == 1, (name, counts)
        assert counts["csv"] > 0, name


def crs_in(path: Path) -> str | None:
    found: str | None = pyogrio.read_info(path)["crs"]
    return found


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:32650", "EPSG:4527", "4548"])
def test_a_crs_is_named_in_the_file_and_its_numbers_are_in_it(lite_depot: Depot, crs: str) -> None:
    target, _datum = parse_crs(crs)
    xs, ys = reproject([LON, LON + 4 * STEP], [LAT, LAT + 4 * STEP], stored_crs(), target)
    for form in VECTOR:
        file = lite_depot.take("areas", form, crs=crs)
        assert crs_in(file) == f"EPSG:{target.to_epsg()}", form
        bounds = pyogrio.read_bounds(file)[1]
        assert bounds[0].min() == pytest.approx(min(xs), abs=20 if target.is_projected else 1e-9)
        assert bounds[3].max() == pytest.approx(max(ys), abs=20 if target.is_projected else 1e-9)
    [row, *_others] = lite_depot.rows("facilities", crs=crs)
    named = ("x", "y") if target.is_projected else ("lon", "lat")
    spot = world.middle(0, 0)
    x, y = reproject([spot.x], [spot.y], stored_crs(), target)
    assert (float(row[named[0]]), float(row[named[1]])) == (x[0], y[0])
    assert row["crs"] == f"EPSG:{target.to_epsg()}"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_shifted_datum_is_named_and_no_crs_is_written(lite_depot: Depot, datum: Datum) -> None:
    spot = world.middle(0, 0)
    lon, lat = shift_datum([spot.x], [spot.y], Datum.WGS84, datum)
    for form in VECTOR:
        file = lite_depot.take("facilities", form, crs=datum.value)
        frame = pyogrio.read_dataframe(file)
        # Whatever a GeoJSON says, programs believe that it is WGS-84.
        assert form == "geojson" or not crs_in(file) or "ndefined" in str(crs_in(file)), form
        assert (frame.geometry[0].x, frame.geometry[0].y) == pytest.approx((lon[0], lat[0]), abs=1e-12)
    assert json.loads(lite_depot.take("facilities", "geojson", crs=datum.value).read_bytes())["crs"] is None
    assert datum.value in whole_text(lite_depot.take("facilities", "geojson", crs=datum.value))
    assert set(frame["crs_datum"]) == {datum.value}
    assert not file.with_suffix(".prj").exists()
    assert pyogrio.read_info(lite_depot.take("areas", "gpkg", crs=datum.value))["layer_metadata"][
        "datum"
    ] == (datum.value)
    assert lite_depot.rows("facilities", crs=datum.value)[0]["crs"] == datum.value


@pytest.mark.parametrize("crs", ["EPSG:4978", "EPSG:5703", "EPSG:4979", "EPSG:99999", "here"])
def test_a_crs_that_is_none_of_maps_is_refused(lite_depot: Depot, crs: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lite_depot.take("areas", "gpkg", crs=crs)
    assert refused.value.faults[0].field == "crs"
    assert list(lite_depot.folder.iterdir()) == []


def test_a_crs_that_does_not_reach_there_is_refused(lite_depot: Depot) -> None:
    other_half = pyproj.CRS("+proj=gnom +lat_0=-33 +lon_0=-60 +datum=WGS84 +type=crs").to_wkt()
    with pytest.raises(InvalidInput, match="doesn't reach"):
        lite_depot.take("areas", "geojson", crs=other_half)


def whole_text(path: Path) -> str:
    """All text in a file, whatever its form."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
    if path.suffix == ".gpkg":
        info, frame = pyogrio.read_info(path), pyogrio.read_dataframe(path)
        return f"{info['layer_metadata']} {frame.to_csv()}"
    if path.suffix == ".shp":
        return str(pyogrio.read_dataframe(path).to_csv())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".dbf"))
            return archive.read(name)[32:].decode(errors="ignore")  # after the numbers of its head
    return path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("form", [form.removeprefix(".") for form in FORMS])
def test_every_form_carries_who_and_when_and_chinese_texts(lite_depot: Depot, form: str) -> None:
    text = whole_text(lite_depot.take("facilities", form, as_of=date(2026, 11, 1)))
    assert "tester" in text
    assert "2026-11-24" in text
    assert "2026-11-01" in text
    assert "示例站" in text


def test_a_shapefile_says_its_encoding_and_has_all_its_parts(lite_depot: Depot) -> None:
    file = lite_depot.take("streets", "shp")
    assert file.with_suffix(".cpg").read_text() == "UTF-8"
    with zipfile.ZipFile(lite_depot.take("streets", "zip")) as archive:
        assert {Path(name).suffix for name in archive.namelist()} >= {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    header = file.with_suffix(".dbf").read_bytes()
    assert struct.unpack("<I", header[4:8])[0] == 1


def test_long_texts_of_a_shapefile_are_cut_between_characters_and_counted(tmp_path: Path) -> None:
    rows = [(shapely.Point(1, 2), {"name": "长" * 100}), (None, {"name": "短"})]
    sheet = sheet_of(LAYERS["facilities"], rows, crs=None)
    assert FORMS[".shp"].write(tmp_path / "a.shp", sheet, ORIGIN) == 1
    assert list(pyogrio.read_dataframe(tmp_path / "a.shp")["name"]) == ["长" * 84, "短"]


ORIGIN: Final = Origin(by="tester", at=datetime.fromisoformat("2026-11-24T10:00:00+08:00"),
                       as_of=date(2026, 11, 24), community="C1")  # fmt: skip


@pytest.mark.parametrize("form", [form.removeprefix(".") for form in FORMS])
def test_many_parts_make_the_same_file_as_one(tmp_path: Path, form: str) -> None:
    places = [shapely.Point(at, at) if at % 3 else None for at in range(7)]
    rows = [(place, {"name": f"点{at}", "capacity": at or None}) for at, place in enumerate(places)]
    found = []
    for at_once in (2, 100):
        out = tmp_path / f"a{at_once}.{form}"
        sheet = sheet_of(LAYERS["facilities"], iter(rows), crs=None, at_once=at_once)
        FORMS[f".{form}"].write(out, sheet, ORIGIN)
        assert (sheet.count, sheet.without_place) == (7, 3)
        found.append(whole_text(out).replace(out.stem, "a"))
    assert found[0] == found[1]
    assert "点6" in found[0]


@pytest.mark.parametrize("form", [form.removeprefix(".") for form in FORMS])
def test_a_layer_without_rows_is_a_file_with_its_columns(tmp_path: Path, form: str) -> None:
    layer = LAYERS["cases"]
    out = tmp_path / f"empty.{form}"
    FORMS[f".{form}"].write(out, sheet_of(layer, [], crs=None), ORIGIN)
    if form in {"gpkg", "shp"}:
        info = pyogrio.read_info(out)
        assert (info["features"], info["crs"], info["geometry_type"]) == (0, "EPSG:4326", "Point")
        assert len(info["fields"]) >= len(layer.columns)
    elif form == "geojson":
        assert json.loads(out.read_bytes())["features"] == []
    elif form != "zip":
        assert "reported_at" in whole_text(out)


def test_csv_begins_with_a_byte_order_mark_and_quotes_texts(lite_depot: Depot) -> None:
    file = lite_depot.take("households", "csv")
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b'"0113"' in content
    assert b",2010-01-01," in content


def test_what_a_spreadsheet_would_run_is_told_as_text(lite_depot: Depot) -> None:
    [case] = [row for row in lite_depot.rows("cases") if row["grid"] == "G1"]
    assert case["description"] == f"'{FORMULA}"
    assert lite_depot.rows("facilities")[0]["office_phone"] == "'+86 527"
    book = openpyxl.load_workbook(lite_depot.take("cases", "xlsx"))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_sign_that_begins_a_formula_gets_an_apostrophe(sign: str) -> None:
    assert safe_text(f"{sign}1") == f"'{sign}1"
    assert safe_text(f"1{sign}") == f"1{sign}"


def test_a_workbook_has_dates_numbers_and_texts(lite_depot: Depot) -> None:
    book = openpyxl.load_workbook(lite_depot.take("residents", "xlsx", in_chinese=True))
    sheet = book["居民名册"]
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, sheet[2], strict=True))
    assert row["出生日期"].is_date
    assert (row["年龄"].value, row["性别"].value, row["居住状态"].value) == (76, "女", "户籍在册且常住")
    assert {dict(zip(heads, one, strict=True))["室号"].value for one in sheet.iter_rows(min_row=2)} == {
        "101",
        "0113",
    }


def test_titles_are_chinese_for_people_and_names_for_programs(lite_depot: Depot) -> None:
    assert list(read_csv(lite_depot.take("members", "csv", in_chinese=True))[0])[:4] == [
        "姓名", "工号", "办公电话", "岗位",
    ]  # fmt: skip
    assert list(lite_depot.rows("members")[0])[:4] == ["name", "code", "office_phone", "duty"]


def test_tables_have_no_form_for_maps(lite_depot: Depot) -> None:
    for name, layer in LAYERS.items():
        if layer.geometry is None:
            with pytest.raises(InvalidInput):
                lite_depot.take(name, "gpkg")


def test_a_geopackage_names_its_layer_in_both_languages(lite_depot: Depot) -> None:
    with sqlite3.connect(lite_depot.take("areas", "gpkg")) as file:
        [(name, title, told)] = file.execute("SELECT table_name, identifier, description FROM gpkg_contents")
    assert (name, title) == ("areas", "网格边界")
    assert "tester" in told


def live_in(depot: Depot, counts: dict[tuple[int, int], int]) -> None:
    """Elders in cells, each in a home of their own."""
    with depot.database.write() as session:
        for (column, row), count in counts.items():
            building = world.add_building(session, depot.world, column, row, number=f"9{column}{row}")
            for number in range(count):
                home = world.add_household(session, building, f"{300 + number}")
                world.add_resident(session, home, date(1945, 1, 1))


SIGN = "not shown"
"""What stands in a table with the names of programs; one with Chinese words has 不显示."""


def small(depot: Depot) -> None:
    """G1 and G3 have few elders, G2 and G4 many."""
    live_in(depot, {(2, 1): 20, (3, 2): 30, (0, 2): 2})


def test_what_is_withheld_is_withheld_in_every_form(depot: Depot) -> None:
    small(depot)
    leader = actor_of(depot.world, Role.LEADER)
    with depot.database.read() as session:
        view = depot.world.view(session, leader, now=depot.now)
        told = area_figures(view, Level.GRID).set_index("code")["elders"]
    hidden = set(told.index[told.isna()])
    assert {"G1", "G3"} <= hidden
    for name in ("areas", "elderly", "territories"):
        key = "grids" if name == "territories" else "code"
        rows = depot.rows(name, actor=leader)
        assert {row[key] for row in rows if row["elders"] == SIGN} == hidden, name
        for form in VECTOR:
            frame = pyogrio.read_dataframe(depot.take(name, form, actor=leader))
            assert set(frame.loc[frame["elders"].isna(), key]) == hidden, (name, form)
            assert set(frame.loc[frame["elders"].isna(), "reason"]) == {"不显示"}, (name, form)
            assert frame.loc[frame["elders"].notna() & (frame["suppressed"] == ""), "reason"].isna().all()
        book = openpyxl.load_workbook(depot.take(name, "xlsx", actor=leader)).worksheets[0]
        heads = [cell.value for cell in book[1]]
        at = heads.index("elders")
        assert {row[heads.index(key)] for row in book.iter_rows(min_row=2, values_only=True)
                if row[at] == SIGN} == hidden  # fmt: skip


def test_what_is_small_and_what_protects_it_bear_the_same_sign(depot: Depot) -> None:
    """2 elders and 22 elders are both hidden: no cell, column or word tells which is which."""
    small(depot)
    leader = actor_of(depot.world, Role.LEADER)
    for name in ("areas", "elderly"):
        rows = {row["编码"]: row for row in depot.rows(name, actor=leader, in_chinese=True)}
        hidden = {code for code, row in rows.items() if row["老人数"] == "不显示"}
        assert {"G1", "G3"} <= hidden
        assert not any("5" in str(value) for row in rows.values() for value in row if "未列" in str(value))


def test_what_is_withheld_cannot_be_counted_out_of_all_that_a_leader_may_take(depot: Depot) -> None:
    """No sum of shown numbers gives a hidden one: not level by level, not by lists of persons or cells."""
    small(depot)
    leader = actor_of(depot.world, Role.LEADER)
    levels = {level: depot.rows("areas", actor=leader, level=level) for level in Level}
    totals = [row for row in levels[Level.COMMUNITY] if row["code"] == "C1"]
    grids = [row["elders"] for row in levels[Level.GRID]]
    assert grids.count(SIGN) >= 2 or totals[0]["elders"] == SIGN
    assert {row["elders"] for row in levels[Level.MICRO_GRID]} >= {SIGN}
    for layer, columns in told_to(leader, depot).items():
        assert not columns & {"birth_date", "age", "residents_by_age", "sex"}, layer
    assert set(depot.rows("cells", actor=leader)[0]) == {
        "id", "grid", "micro_grid", "households", "exported_by", "exported_at", "as_of",
    }  # fmt: skip


def told_to(actor: Any, depot: Depot) -> dict[str, set[str]]:
    found = {}
    for name, layer in LAYERS.items():
        if name not in {"households", "records", "residents"}:
            rows = depot.rows(name, actor=actor)
            found[name] = set(rows[0]) if rows else {column.name for column in layer.columns}
    return found


def test_shapes_are_of_one_type_in_a_file(depot: Depot) -> None:
    for name in SHAPED:
        features = json.loads(depot.take(name, "geojson").read_bytes())["features"]
        found = {one["geometry"]["type"] for one in features if one["geometry"]}
        geometry = LAYERS[name].geometry
        assert found == {geometry.value if geometry else Geometry.POINT}, name


def test_cases_are_told_by_the_grids_of_the_day(depot: Depot) -> None:
    day = date(2026, 11, 13)
    assert len(depot.rows("cases", as_of=day)) == 2
    assert {row["as_of"] for row in depot.rows("cases", as_of=day)} == {"2026-11-13"}


def test_cases_stand_as_they_stood_on_the_day(depot: Depot) -> None:
    """One was closed five days ago; on the day before it is open and without what followed."""
    [first, *_others] = sorted(depot.rows("cases"), key=lambda row: row["reported_at"], reverse=True)
    at = depot.now - timedelta(days=5)
    with depot.database.write() as session:
        case = session.scalars(sa.select(Case).where(Case.number == first["number"])).one()
        view = depot.world.view(session, now=at)
        start(view, case.id, now=at - timedelta(minutes=5))
        close(view, case.id, "已清理", now=at)
    own = {"state", "closed_at", "result", "handler", "due_at", "number"}
    before = depot.rows("cases", as_of=(at - timedelta(days=1)).date())
    [then] = [row for row in before if row["number"] == first["number"]]
    assert {name: then[name] for name in own} == {name: first[name] for name in own}
    assert (then["state"], then["overdue"]) == ("reported", "yes")
    [now_] = [row for row in depot.rows("cases") if row["number"] == first["number"]]
    assert (now_["state"], now_["result"]) == ("closed", "已清理")
    [later] = [
        row
        for row in depot.rows("cases", as_of=(at + timedelta(days=1)).date())
        if row["number"] == first["number"]
    ]
    assert {name: later[name] for name in own} == {name: now_[name] for name in own}


def test_cases_that_came_later_from_another_system_are_open_until_they_were_closed(depot: Depot) -> None:
    """Nothing is known of their steps, so nothing of what came after the day is told."""
    reported, closed = depot.now - timedelta(days=8), depot.now - timedelta(days=2)
    with depot.database.write() as session:
        case = session.scalars(sa.select(Case).order_by(Case.reported_at)).first()
        assert case is not None
        number = case.number
        case.reported_at, case.closed_at, case.state, case.result = reported, closed, "closed", "已清理"
        case.feedback_channel, case.feedback_at = "imported", closed
        imported = {"at": depot.now, "action": "import"}
        session.execute(sa.update(CaseLog).where(CaseLog.case_id == case.id).values(**imported))
    told = [depot.rows("cases", as_of=(closed + timedelta(days=days)).date()) for days in (-1, 1)]
    found = [[row for row in rows if row["number"] == number] for rows in told]
    assert [[(row["state"], row["result"], bool(row["closed_at"])) for row in rows] for rows in found] == [
        [("reported", "", False)],
        [("closed", "已清理", True)],
    ]


def test_a_household_is_not_verified_before_it_was(depot: Depot) -> None:
    at = depot.now - timedelta(days=5)
    with depot.database.write() as session:
        session.execute(sa.update(Household).values(last_verified_at=at))
    told = [depot.rows("households", as_of=(at + timedelta(days=days)).date()) for days in (-1, 0)]
    assert [{bool(row["verified_at"]) for row in rows} for rows in told] == [{False}, {True}]
