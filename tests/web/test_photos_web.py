"""Photos through the API and as pictures of pages: with a report, by handlers, to nobody else."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from PIL import Image
from sqlalchemy import func, select

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.photos.models import CasePhoto
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.world import LAT, LON, STEP

HERE = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}
GPS = 0x8825


def photo(shade: int = 0, kind: str = "JPEG") -> str:
    exif = Image.Exif()
    exif.get_ifd(GPS).update({1: "N", 2: (33.0, 57.0, 30.5), 3: "E", 4: (118.0, 17.0, 1.5)})
    out = BytesIO()
    Image.new("RGB", (800, 600), (shade, 90, 90)).save(out, kind, exif=exif)
    return base64.b64encode(out.getvalue()).decode()


def sent(app: OpenAPI, *photos: str, key: str = "a" * 32) -> Any:
    body = {**HERE, "photos": list(photos)}
    return app.test_client().post("/api/v1/cases", json=body, headers={"Idempotency-Key": key})


def count(app: OpenAPI, table: Any) -> int:
    with services_of(app).database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_report_with_photos_is_shown_without_its_place_in_the_file(app: OpenAPI, head: Browser) -> None:
    first = sent(app, photo(1), photo(2))
    assert first.status_code == 201
    assert sent(app, photo(1), photo(2)).json["id"] == first.json["id"]
    assert (count(app, Case), count(app, CasePhoto)) == (1, 2)
    assert sent(app, photo(3)).status_code == 409
    photos = head.get(f"/api/v1/cases/{first.json['id']}").json["photos"]
    assert [one["kind"] for one in photos] == ["report", "report"]
    path = f"/cases/{first.json['id']}/photos/{photos[0]['id']}"
    whole, small = head.get(path), head.get(f"{path}?size=small")
    for answer in (whole, small):
        assert answer.content_type == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Disposition"].startswith("inline; filename=")
        assert dict(Image.open(BytesIO(answer.data)).getexif()) == {}
    assert len(whole.data) > len(small.data)


def test_nobody_and_strangers_get_no_photo(app: OpenAPI, head: Browser) -> None:
    case = sent(app, photo()).json["id"]
    (one,) = head.get(f"/api/v1/cases/{case}").json["photos"]
    path = f"/cases/{case}/photos/{one['id']}"
    assert app.test_client().get(path).status_code == 302
    add_account(app, "neighbour", Role.RESIDENT)
    stranger = Browser(app)
    stranger.log_in("neighbour")
    foreign, missing = stranger.get(path), stranger.get(f"/cases/{case}x/photos/{one['id']}")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert stranger.get("/cases/none").status_code == 404
    body = {"kind": "after", "photo": photo()}
    assert stranger.post_json(f"/api/v1/cases/{case}/photos", body).status_code == 403


def test_photos_of_the_handling_stand_on_the_card(app: OpenAPI, head: Browser) -> None:
    case = sent(app).json["id"]
    for kind in ("before", "after", "after"):
        answer = head.post_json(f"/api/v1/cases/{case}/photos", {"kind": kind, "photo": photo(9, "PNG")})
        assert answer.status_code == 201, answer.json
    card = head.get(f"/api/v1/cases/{case}").json
    assert [one["kind"] for one in card["photos"]] == ["before", "after"]
    assert card["may_photograph"] is True
    assert [line["action"] for line in card["log"]] == ["report", "photo", "photo"]


@pytest.mark.parametrize(
    ("photos", "said"),
    [
        (["not base64!"], "JPEG"),
        (["照片"], "JPEG"),
        ([base64.b64encode(b"hello").decode()], "JPEG"),
        (["", ""], "JPEG"),
        ([photo()] * 4, "3"),
    ],
)
def test_what_is_no_photo_is_said_and_nothing_is_kept(app: OpenAPI, photos: list[str], said: str) -> None:
    with services_of(app).database.write() as session:
        world.found(session)
    answer = sent(app, *photos)
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json["faults"]} == {"photos"}
    assert said in answer.json["faults"][0]["message"]
    assert count(app, Case) == 0
