"""Files sent through pages: looked at, imported, stopped, taken back; by right, and gone afterwards."""

from __future__ import annotations

import io
import re
import stat
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from gisgrid.access.models import Duty, DutyKind, ImportColumns, ImportRun, Role, Worker
from gisgrid.areas.models import AreaName
from gisgrid.cases.core.models import Case
from gisgrid.places.models import Household
from tests import world
from tests.web.browsing import Browser, add_account, services_of

HEADS = ("地址", "联系电话", "登记同意")
PATIENCE_S = 60.0


def workbook(*rows: tuple[str, ...], heads: tuple[str, ...] = HEADS) -> bytes:
    book = openpyxl.Workbook()
    for row in (heads, *rows):
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Desk:
    """A community with a few buildings, and somebody at a browser who sends files."""

    def __init__(self, app: OpenAPI, *, role: Role = Role.HEAD) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            for column, number in [(0, "1"), (1, "2"), (3, "3")]:
                world.add_building(session, made, column, 0, number=number)
            self.community = made.community
        add_account(app, "sender", role, **({} if role == Role.ADMIN else {"area_id": made.community}))
        self.browser = Browser(app)
        assert self.browser.log_in("sender").status_code == 303

    @property
    def folder(self) -> Path:
        return services_of(self.app).settings.uploads

    def send(self, kind: str, content: bytes, name: str, **more: str) -> TestResponse:
        data = {"kind": kind, "file": (io.BytesIO(content), name), **more}
        return self.browser.post("/imports", data, content_type="multipart/form-data")

    def sent(self, kind: str, content: bytes, name: str, **more: str) -> str:
        """The address of a file that was taken, once it was looked at."""
        answer = self.send(kind, content, name, **more)
        assert answer.status_code == 303, answer.text
        return self.wait(answer.headers["Location"])

    def press(self, path: str, **form: str) -> str:
        answer = self.browser.post(path, form)
        assert answer.status_code == 303, answer.text
        return self.wait(answer.headers["Location"])

    def wait(self, path: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            state = self.browser.get(f"{path}/state.json").get_json()
            if state["stage"] not in {"running", "stopping"}:
                return path
            time.sleep(0.1)
        raise AssertionError("the work has not ended")

    def page(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200
        return answer.text.partition("<main")[2].partition("</main>")[0]

    def count(self, table: Any) -> int:
        with services_of(self.app).database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*/file.*"))


@pytest.fixture
def desk(app: OpenAPI) -> Desk:
    return Desk(app)


@pytest.fixture
def lite_desk(lite_app: OpenAPI) -> Desk:
    return Desk(lite_app)


GOOD = workbook(
    ("柳岸新村1幢1单元101室", "199-0000-0001", "同意"),
    ("柳岸新村2幢1单元101室", "", ""),
    ("不存在的地方9号", "", ""),
)


@pytest.mark.usefixtures("slow_works")
def test_households_are_looked_at_then_imported_then_taken_back(desk: Desk) -> None:
    before = desk.count(Household)
    path = desk.sent("households", GOOD, "住户.xlsx")
    page = desk.page(path)
    assert "检查完成,共 3 行,还没有导入" in page
    assert "199-0000-0001" not in page
    assert desk.count(Household) == before
    assert [stat.S_IMODE(one.stat().st_mode) for one in desk.files()] == [0o600]
    desk.press(f"{path}/start")
    page = desk.page(path)
    assert "导入完成" in page
    assert "1 行有错误" in page
    assert desk.files() == []
    assert desk.count(Household) == before + 2
    past = desk.page("/imports")
    assert "住户.xlsx" in past
    answer = desk.browser.post(f"{path}/undo", {})
    assert answer.status_code == 303
    undone = desk.wait(answer.headers["Location"])
    assert "已撤销这次导入" in desk.page(undone)
    assert desk.count(Household) == before


def test_a_division_is_taken_back_on_a_page_or_it_says_what_hangs_on_it(app: OpenAPI) -> None:
    desk = Desk(app, role=Role.ADMIN)
    wards = squares(code=["W1", "W2"], name=["一网格", "二网格"])
    path = desk.sent("areas", wards, "网格.geojson", community="N1")
    desk.press(f"{path}/start")
    page = desk.page(path)
    assert "社区的第一次划分会整个删去" in page
    with services_of(app).database.write() as session:
        worker = Worker(name="示例丁")
        session.add(worker)
        session.flush()
        area = session.scalars(select(AreaName.area_id).where(AreaName.code == "W1")).one()
        day = world.START
        session.add(Duty(worker_id=worker.id, area_id=area, kind=DutyKind.GRID_MEMBER, valid_from=day))
    answer = desk.browser.post(f"{path}/undo", {})
    refused = desk.page(desk.wait(answer.headers["Location"]))
    assert "什么都没有撤销,因为这次导入之后有值守安排与它相关(1 条)" in refused
    with services_of(app).database.write() as session:
        session.execute(delete(Duty))
    before = desk.count(AreaName)
    answer = desk.browser.post(f"{path}/undo", {})
    assert "已撤销这次导入" in desk.page(desk.wait(answer.headers["Location"]))
    assert desk.count(AreaName) == before - 5  # two grids, their hidden micro grids, the community
    assert "已撤销" in desk.page("/imports")


def test_areas_are_imported_on_the_page_once_their_codes_are_joined_and_a_repair_is_accepted(
    lite_app: OpenAPI,
) -> None:
    desk = Desk(lite_app, role=Role.ADMIN)
    shapes = [world.square(10, 0, 2), world.square(11, 0, 2), world.square(20, 0, 1)]
    frame = gpd.GeoDataFrame({"code": ["W1", "W2", "W1"]}, geometry=shapes, crs=4326)
    path = desk.sent("areas", frame.to_json(to_wgs84=True).encode(), "网格.geojson", community="N1")
    page = desk.page(path)
    assert "第 3 个图形" in page
    assert "第 1 个图形的编码也是 W1" in page
    assert 'id="merge-same-code"' in page
    desk.press(f"{path}/check", merge="1")
    assert "重叠" in desk.page(path)
    desk.press(f"{path}/check", merge="1", fix="1")
    page = desk.page(path)
    assert 'id="asks-moved"' in page
    assert 'id="moved-areas"' in page
    assert page.count("import-map") == page.count('id="moved-map"') == 1
    drawn = desk.browser.get(f"{path}/shapes.json").json
    assert drawn is not None
    kinds = [one["properties"].get("kind") for one in drawn["features"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {None: 3, "after": 3, "moved": 1}
    (piece,) = [one for one in drawn["features"] if one["properties"].get("kind") == "moved"]
    assert {piece["properties"]["of"], piece["properties"]["to"]} == {"W1", "W2"}
    overlap = shapes[0].intersection(shapes[1])
    assert shapely.geometry.shape(piece["geometry"]).symmetric_difference(overlap).area < 1e-9
    assert 'id="start"' not in page
    assert desk.browser.post(f"{path}/start", {}).status_code == 409
    needed = re.search(r'name="accepted_m2" value="(\d+)"', page)
    assert needed
    assert int(needed[1]) > 100
    desk.press(f"{path}/check", merge="1", fix="1", accepted_m2=needed[1])
    page = desk.page(path)
    assert "检查完成" in page
    assert 'id="moved"' in page
    desk.press(f"{path}/start")
    with services_of(lite_app).database.read() as session:
        codes = session.scalars(select(AreaName.code).where(AreaName.code.like("W_"))).all()
    assert sorted(codes) == ["W1", "W2"]


def test_dates_of_another_form_and_cases_without_an_end_are_said_on_the_page(lite_desk: Desk) -> None:
    place = f"{world.LON + world.STEP / 2!r},{world.LAT + world.STEP / 2!r}"
    text = f"number,category,reported_at,lon,lat\n\n1,garbage,03/04/2020 2:05 PM,{place}\n"
    path = lite_desk.sent("cases", text.encode(), "历史.csv")
    lite_desk.press(f"{path}/check", crs="EPSG:4326")
    page = lite_desk.page(path)
    assert "第 3 行" in page
    assert "分不清是 3 月 4 日还是 4 月 3 日" in page
    assert "<td>3</td>" in page  # the first rows bear the numbers of their lines
    lite_desk.press(f"{path}/check", crs="EPSG:4326", dates="other", dates_other="%H")
    assert "日期写法可选 ymd, mdy, dmy" in lite_desk.page(path)
    lite_desk.press(f"{path}/check", crs="EPSG:4326", dates="mdy", as_closed="1")
    assert "按已结案导入" in lite_desk.page(path)
    lite_desk.press(f"{path}/start")
    with services_of(lite_desk.app).database.read() as session:
        case = session.scalars(select(Case)).one()
    assert (case.state, case.reported_at.month, case.escalates_at) == ("closed", 3, None)


def test_a_preview_with_a_row_at_0_0_opens_where_the_others_are(lite_desk: Desk) -> None:
    places = [(world.LON + n * 1e-4, world.LAT) for n in range(1, 6)] + [(0.0, 0.0)]
    lines = [f"站{n},home_care_station,{lon!r},{lat!r}" for n, (lon, lat) in enumerate(places)]
    text = "\n".join(["name,type,lon,lat", *lines])
    path = lite_desk.sent("facilities", text.encode(), "站.csv")
    lite_desk.press(f"{path}/check", crs="EPSG:4326")
    page = lite_desk.browser.get(path).text
    bounds = re.search(r"bounds: \[([^]]+)\]", page)
    assert bounds
    west, south, east, north = (float(one) for one in bounds[1].split(","))
    assert east - west < 0.01
    assert north - south < 0.01
    assert "第 7 行" in page


def squares(**columns: list[str]) -> bytes:
    """Two squares side by side as GeoJSON, beside the world's community."""
    shapes = [world.square(10, 0, 2), world.square(12, 0, 2)]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
    return frame.to_json(to_wgs84=True).encode()


def test_a_shape_with_a_coordinate_that_is_no_number_is_told_and_not_drawn(
    lite_desk: Desk, tmp_path: Path
) -> None:
    xy = [(118.3, 33.9), (np.nan, 33.9), (118.4, 34), (118.3, 33.9)]
    with np.errstate(invalid="ignore"):
        ring = shapely.linearrings(xy, handle_nan="allow")
    frame = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.Polygon(ring)], crs=4326)
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    page = lite_desk.page(lite_desk.sent("buildings", (tmp_path / "a.gpkg").read_bytes(), "a.gpkg"))
    assert "1 行" in page
    assert 'id="first-rows"' in page
    assert "处理时出错" not in page


def test_a_chosen_column_is_remembered_for_the_same_heads(lite_desk: Desk) -> None:
    heads = ("何处", "电话")
    content = workbook(("柳岸新村1幢1单元102室", "199-0000-0002"), heads=heads)
    path = lite_desk.sent("households", content, "a.xlsx")
    page = lite_desk.page(path)
    assert "这个文件现在不能导入" in page
    choice = {"column-address": "何处", "column-contact": "电话"}
    lite_desk.press(f"{path}/check", **choice)
    assert "检查完成" in lite_desk.page(path)
    lite_desk.press(f"{path}/start")
    assert lite_desk.count(ImportColumns) == 1
    again = lite_desk.sent("households", workbook(("柳岸新村1幢1单元103室", ""), heads=heads), "b.xlsx")
    page = lite_desk.page(again)
    assert "沿用您上次对同样列名的选择" in page
    assert "检查完成" in page
    lite_desk.press(f"{again}/start")
    assert lite_desk.count(Household) == 2


def test_a_file_that_was_put_away_is_gone(lite_desk: Desk) -> None:
    path = lite_desk.sent("households", GOOD, "a.xlsx")
    answer = lite_desk.browser.post(f"{path}/stop", {})
    assert answer.headers["Location"] == "/imports"
    assert list(lite_desk.folder.glob("*/")) == []
    assert lite_desk.browser.get(path).status_code == 404
    assert lite_desk.count(ImportRun) == 0


def test_a_missing_crs_is_asked_for(lite_desk: Desk) -> None:
    head = "编码,类型,名称,经度,纬度"
    content = f"{head}\nF1,党员服务站,示例站,{world.LON + 0.001},{world.LAT + 0.001}\n".encode()
    path = lite_desk.sent("facilities", content, "站点.csv")
    assert "文件没有说明坐标系" in lite_desk.page(path)
    lite_desk.press(f"{path}/check", crs="GCJ-02")
    assert "检查完成" in lite_desk.page(path)
    shapes = lite_desk.browser.get(f"{path}/shapes.json").get_json()
    assert len(shapes["features"]) == 1


def test_only_who_sent_a_file_sees_it(lite_desk: Desk) -> None:
    path = lite_desk.sent("households", GOOD, "a.xlsx")
    add_account(lite_desk.app, "other", Role.HEAD, area_id=lite_desk.community)
    other = Browser(lite_desk.app)
    other.log_in("other")
    for end in ("", "/state.json", "/shapes.json", "/report.csv"):
        assert other.get(path + end).status_code == 404
    for end in ("/check", "/start", "/stop"):
        assert other.post(path + end, {}).status_code == 404
    assert lite_desk.files()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LEADER, Role.RESIDENT, Role.EVALUATOR])
def test_roles_without_the_right_send_nothing(lite_app: OpenAPI, role: Role) -> None:
    desk = Desk(lite_app, role=role)
    assert desk.browser.get("/imports").status_code == 403
    assert desk.send("households", GOOD, "a.xlsx").status_code == 403
    assert not desk.folder.exists()


def test_nobody_is_asked_to_log_in(lite_app: OpenAPI) -> None:
    desk = Desk(lite_app)
    assert Browser(lite_app).get("/imports").status_code in {302, 303}
    assert Browser(lite_app).post("/imports", {}).status_code in {302, 303, 401, 403}
    assert not desk.folder.exists()


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("households", "a.docx", "不支持这种文件"),
        ("buildings", "a.shp", "zip"),
        ("areas", "a.geojson", "请选择文件里是什么"),
        ("", "a.csv", "请选择文件里是什么"),
        ("households", "", "没有选择文件"),
    ],
)
def test_what_cannot_be_taken_is_said_at_once(lite_desk: Desk, kind: str, name: str, said: str) -> None:
    answer = lite_desk.send(kind, b"x", name)
    assert answer.status_code == 422
    assert said in answer.text
    assert not list(lite_desk.folder.glob("*/"))


def test_a_file_that_is_too_large_is_refused_in_one_sentence(lite_desk: Desk) -> None:
    answer = lite_desk.browser.post(
        "/imports", {"kind": "households"}, headers={"Content-Length": str(200 * 2**20)}
    )
    assert answer.status_code == 422
    assert "100 MB" in answer.text
