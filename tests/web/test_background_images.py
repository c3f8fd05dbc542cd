"""Background images through pages and the interface: sent, looked at, made, shown to whom, removed, kept."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask_openapi3.openapi import OpenAPI
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from gisgrid.access.models import AuditEntry, Role
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.storage.engine import Database
from tests import world
from tests.data.backgrounds.ground import middle, write_ground
from tests.data.backgrounds.images import quarters, tile_at, tiles_about, write_mbtiles, write_world_image
from tests.web.browsing import Browser, add_account, add_token, services_of

PATIENCE_S = 90.0


class Office:
    """A community, its administrator at a browser, and files to send."""

    def __init__(self, app: OpenAPI, folder: Path) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app, self.files = app, folder
        with services_of(app).database.write() as session:
            self.community = world.found(session).community
        add_account(app, "admin", Role.ADMIN)
        self.browser = Browser(app)
        assert self.browser.log_in("admin").status_code == 303

    @property
    def database(self) -> Database:
        return services_of(self.app).database

    def send(self, *files: Path, **said: str) -> TestResponse:
        sent = [(io.BytesIO(file.read_bytes()), file.name) for file in files]
        said = {"name": "航拍", **said}
        return self.browser.post("/backgrounds", {**said, "file": sent}, content_type="multipart/form-data")

    def ended(self, place: str) -> str:
        """The stage in which a work ends."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            answer = self.browser.get(f"{place}/state.json").json
            assert answer
            if answer["stage"] not in {"running", "stopping"}:
                return str(answer["stage"])
            time.sleep(0.1)
        raise TimeoutError(place)

    def added(self, *files: Path, **said: str) -> str:
        """The id of an image that was sent, looked at and made."""
        place = self.send(*files, **said).headers["Location"]
        assert self.ended(place) == "done", self.browser.get(place).text
        assert "检查通过" in self.browser.get(place).text
        assert self.browser.post(f"{place}/start").status_code == 303
        assert self.ended(place) == "done"
        assert "背景图已添加" in self.browser.get(place).text
        return place.rpartition("/")[2]

    def bearer(self, role: Role, **more: Any) -> dict[str, str]:
        add_account(self.app, role.value, role, **more)
        return add_token(self.app, role.value)


@pytest.fixture
def office(app: OpenAPI, tmp_path: Path) -> Office:
    return Office(app, tmp_path)


@pytest.fixture
def lite_office(lite_app: OpenAPI, tmp_path: Path) -> Office:
    return Office(lite_app, tmp_path)


def place_of_middle(zoom: int) -> str:
    return "/".join(map(str, (zoom, *tile_at(*middle(), zoom))))


@pytest.mark.usefixtures("slow_works")
def test_an_image_is_sent_looked_at_made_and_shown(office: Office) -> None:
    assert "还没有背景图" in office.browser.get("/backgrounds").text
    image_id = office.added(write_ground(office.files / "照片.tif", quarters()), attribution="测绘院")
    page = office.browser.get("/backgrounds").text
    for said in ("航拍", "测绘院", "照片.tif", "工作人员", f"/api/v1/backgrounds/{image_id}/"):
        assert said in page
    uploads = services_of(office.app).settings.background_uploads
    assert not list(uploads.glob("*/file.*"))  # what was sent goes when the tiles are there
    staff = office.bearer(Role.STAFF, area_id=office.community)
    client = office.app.test_client()
    rows = client.get("/api/v1/backgrounds", headers=staff).get_json()["rows"]
    assert [(row["id"], row["name"], row["attribution"]) for row in rows] == [(image_id, "航拍", "测绘院")]
    zoom = rows[0]["max_zoom"]
    found = client.get(f"/api/v1/backgrounds/{image_id}/{place_of_middle(zoom)}", headers=staff)
    assert found.status_code == 200
    assert found.content_type in {"image/jpeg", "image/webp"}
    assert Image.open(io.BytesIO(found.data)).size == (256, 256)
    assert found.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": found.headers["ETag"], **staff}
    again = client.get(f"/api/v1/backgrounds/{image_id}/{place_of_middle(zoom)}", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    empty = client.get(f"/api/v1/backgrounds/{image_id}/15/1/1", headers=staff)
    assert (empty.status_code, empty.data) == (204, b"")


def test_a_tile_that_one_may_not_see_any_more_is_not_told_to_be_fresh(lite_office: Office) -> None:
    image_id = lite_office.added(write_ground(lite_office.files / "a.tif", quarters()), is_public="1")
    path = f"/api/v1/backgrounds/{image_id}/{place_of_middle(16)}"
    client = lite_office.app.test_client()
    found = client.get(path)
    assert found.status_code in {200, 204}
    assert lite_office.browser.post(f"/backgrounds/{image_id}/publish", {"is_public": ""}).status_code == 303
    assert client.get(path, headers={"If-None-Match": found.headers["ETag"]}).status_code == 404
    assert client.get("/api/v1/backgrounds").get_json()["rows"] == []


SEEING = {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LEADER, Role.GRID_LEADER, Role.STEWARD, Role.ADMIN}


def test_who_sees_an_image_and_its_tiles(office: Office) -> None:
    image_id = office.added(write_ground(office.files / "a.tif", quarters()), community="C1")
    path = f"/api/v1/backgrounds/{image_id}/{place_of_middle(17)}"
    client = office.app.test_client()
    headers: dict[Role | None, dict[str, str]] = {None: {}}
    for role in set(Role) - {Role.LOCAL, Role.ADMIN}:
        headers[role] = office.bearer(role, area_id=office.community)
    headers[Role.ADMIN] = add_token(office.app, "admin")
    for is_public in (False, True):
        office.browser.post(f"/backgrounds/{image_id}/publish", {"is_public": "1" if is_public else ""})
        for role, proof in headers.items():
            is_seen = is_public or role in SEEING
            assert client.get(path, headers=proof).status_code == (200 if is_seen else 404), role
            rows = client.get("/api/v1/backgrounds", headers=proof).get_json()["rows"]
            assert [row["id"] for row in rows] == ([image_id] if is_seen else []), role
            if role in OPENING:
                assert (image_id in my_grid(office, role)) == is_seen, role


OPENING = {None, Role.RESIDENT, Role.HEAD, Role.STEWARD}


def my_grid(office: Office, role: Role | None) -> str:
    """A page with a map that everybody may open."""
    browser = Browser(office.app)
    if role is not None:
        assert browser.log_in(role.value).status_code == 303
    page = browser.get("/my-grid")
    assert page.status_code == 200
    return page.text


def test_a_page_without_images_offers_none(lite_office: Office) -> None:
    assert '"backgrounds":[]' in my_grid(lite_office, None)


def test_a_plan_with_a_world_file_is_asked_for_its_crs(lite_office: Office) -> None:
    file = write_world_image(lite_office.files / "规划图.png", quarters(), crs="EPSG:4527", about=middle())
    world_file = file.with_suffix(".pgw")
    place = lite_office.send(file, world_file).headers["Location"]
    assert lite_office.ended(place) == "failed"
    page = lite_office.browser.get(place).text
    assert "没有写明坐标系" in page
    lite_office.browser.post(f"{place}/check", {"crs": "other", "crs_other": "EPSG:4527"})
    assert lite_office.ended(place) == "done"
    lite_office.browser.post(f"{place}/start")
    assert lite_office.ended(place) == "done"
    with lite_office.database.read() as session:
        image = session.scalars(select(BackgroundImage)).one()
    assert image.west < middle()[0] < image.east


def test_what_can_not_be_taken_is_said_on_the_page_and_leaves_nothing(lite_office: Office) -> None:
    cut = lite_office.files / "a.tif"
    write_ground(cut, quarters())
    cut.write_bytes(cut.read_bytes()[:5000])
    vector = write_mbtiles(lite_office.files / "b.mbtiles", tiles_about(15), metadata={"format": "pbf"})
    far = write_mbtiles(lite_office.files / "c.mbtiles", tiles_about(15))
    for file, said in ((cut, "文件读不完整"), (vector, "矢量瓦片"), (far, "公里")):
        place = lite_office.send(file).headers["Location"]
        assert lite_office.ended(place) == "failed"
        assert said in lite_office.browser.get(place).text
        assert lite_office.browser.post(f"{place}/start").status_code == 409
        assert lite_office.browser.post(f"{place}/stop").status_code == 303
    settings = services_of(lite_office.app).settings
    assert not list(settings.background_uploads.glob("*/*"))
    assert not settings.backgrounds.exists() or not list(settings.backgrounds.iterdir())


@pytest.mark.parametrize(
    ("name", "said"), [("a.exe", "不支持这种文件"), ("a.gif", "不支持这种文件"), ("a.tif", "文件是空的")]
)
def test_a_file_of_another_kind_is_refused_at_once(lite_office: Office, name: str, said: str) -> None:
    file = lite_office.files / name
    file.write_bytes(b"")
    answer = lite_office.send(file)
    assert answer.status_code == 422
    alert = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    assert said in alert


def test_an_image_is_removed_and_brought_back_with_lines_in_the_trail(office: Office) -> None:
    image_id = office.added(write_ground(office.files / "a.tif", quarters()))
    path = f"/api/v1/backgrounds/{image_id}/{place_of_middle(17)}"
    assert office.browser.get(path).status_code == 200
    office.browser.post(f"/backgrounds/{image_id}/remove")
    assert office.browser.get(path).status_code == 404
    assert "已移除" in office.browser.get("/backgrounds").text
    office.browser.post(f"/backgrounds/{image_id}/restore")
    assert office.browser.get(path).status_code == 200
    with office.database.read() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == image_id)).all()
    assert sorted(told) == ["backgrounds:add", "backgrounds:remove", "backgrounds:restore"]


def test_a_program_sends_an_image_and_waits_for_it(lite_office: Office) -> None:
    file = write_ground(lite_office.files / "a.tif", quarters())
    headers, client = add_token(lite_office.app, "admin"), lite_office.app.test_client()
    form = {"name": "航拍", "is_public": "true", "file": (io.BytesIO(file.read_bytes()), "a.tif")}
    answer = client.post("/api/v1/backgrounds", data=form, headers=headers)
    assert answer.status_code == 202, answer.text
    told = answer.get_json()
    until = time.monotonic() + PATIENCE_S
    while told["stage"] == "running" and time.monotonic() < until:
        time.sleep(0.1)
        told = client.get(f"/api/v1/backgrounds/{told['id']}/work", headers=headers).get_json()
    assert (told["stage"], told["faults"]) == ("done", [])
    assert [row["id"] for row in client.get("/api/v1/backgrounds").get_json()["rows"]] == [told["id"]]
    changed = client.patch(f"/api/v1/backgrounds/{told['id']}", json={"is_public": False}, headers=headers)
    assert changed.get_json()["is_public"] is False
    assert client.delete(f"/api/v1/backgrounds/{told['id']}", headers=headers).status_code == 200
    assert client.delete(f"/api/v1/backgrounds/{told['id']}", headers=headers).status_code == 404
    back = client.post(f"/api/v1/backgrounds/{told['id']}/restore", headers=headers)
    assert back.status_code == 200


def test_a_file_of_another_account_is_not_there(lite_office: Office) -> None:
    place = lite_office.send(write_ground(lite_office.files / "a.tif", quarters())).headers["Location"]
    lite_office.ended(place)
    add_account(lite_office.app, "other", Role.ADMIN)
    other = Browser(lite_office.app)
    assert other.log_in("other").status_code == 303
    assert other.get(place).status_code == 404


def test_tiles_without_their_file_are_told_to_the_administrator_and_offered_to_nobody(
    lite_office: Office,
) -> None:
    image_id = lite_office.added(write_ground(lite_office.files / "a.tif", quarters()), is_public="1")
    folder = services_of(lite_office.app).settings.backgrounds
    (folder / f"{image_id}.mbtiles").rename(lite_office.files / "elsewhere")
    assert "不在这台服务器上" in lite_office.browser.get("/backgrounds").text
    assert image_id not in my_grid(lite_office, None)
    assert lite_office.app.test_client().get("/api/v1/backgrounds").get_json()["rows"] == []


def test_a_damaged_file_of_tiles_shows_nothing(lite_office: Office) -> None:
    image_id = lite_office.added(write_ground(lite_office.files / "a.tif", quarters()), is_public="1")
    path = services_of(lite_office.app).settings.backgrounds / f"{image_id}.mbtiles"
    path.chmod(0o600)
    path.write_bytes(np.random.default_rng(1).bytes(50_000))
    answer = lite_office.app.test_client().get(f"/api/v1/backgrounds/{image_id}/{place_of_middle(17)}")
    assert answer.status_code == 204
