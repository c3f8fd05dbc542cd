"""What was sent and nobody came back for is forgotten, whoever comes next; how much is kept is seen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI

from data.uploads.store import FILE_KEPT_S, KEPT_S, Held, Uploads, Work
from gisgrid.access.models import Role
from gisgrid.storage.engine import Database
from tests.conftest import KEYS
from tests.web.browsing import Browser, add_account, services_of
from tests.web.test_uploads import GOOD, Desk


@pytest.fixture
def lite_desk(lite_app: OpenAPI) -> Desk:
    return Desk(lite_app)


def grown_old(desk: Desk, path: str, seconds: float) -> Path:
    """The folder of a file that was sent, as if nothing had been done with it for so long."""
    place = desk.folder / path.rpartition("/")[2]
    then = time.time() - seconds
    for one in (*place.glob("*"), place):
        os.utime(one, (then, then))
    return place


def test_the_next_file_sweeps_what_nobody_came_back_for(lite_desk: Desk) -> None:
    late = grown_old(lite_desk, lite_desk.sent("households", GOOD, "a.xlsx"), FILE_KEPT_S + 60)
    gone = grown_old(lite_desk, lite_desk.sent("households", GOOD, "b.xlsx"), KEPT_S + 60)
    fresh = lite_desk.folder / lite_desk.sent("households", GOOD, "c.xlsx").rpartition("/")[2]
    assert not gone.exists()
    assert late.exists()
    assert list(late.glob("file.*")) == []
    assert len(list(fresh.glob("file.*"))) == 1


def test_a_server_that_starts_sweeps_too(
    lite_desk: Desk, spatialite: Database, make_app: Callable[..., OpenAPI]
) -> None:
    path = lite_desk.sent("households", GOOD, "a.xlsx")
    kept = lite_desk.folder / lite_desk.sent("households", GOOD, "b.xlsx").rpartition("/")[2]
    gone = grown_old(lite_desk, path, KEPT_S + 60)
    make_app(spatialite)
    assert not gone.exists()
    assert kept.exists()


def test_an_administrator_sees_how_many_files_are_kept_and_worked_on(lite_desk: Desk) -> None:
    lite_desk.sent("households", GOOD, "a.xlsx")
    path = lite_desk.sent("households", GOOD, "b.xlsx")
    add_account(lite_desk.app, "boss", Role.ADMIN)
    boss = Browser(lite_desk.app)
    boss.log_in("boss")
    page = boss.get("/health").text
    assert "保存 2 个" in page
    assert "检查或导入进行中 0 个" in page
    assert "b.xlsx" not in page
    uploads = Uploads(services_of(lite_desk.app).settings.uploads, KEYS)
    upload = uploads.find(path.rpartition("/")[2], None)
    uploads.begin(upload, Work.IMPORT, at=upload.at)
    assert uploads.held() == Held(files=2, size=2 * len(GOOD), running=1)
    assert "检查或导入进行中 1 个" in boss.get("/health").text


def test_an_installation_that_was_never_sent_anything_holds_nothing(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads", KEYS)
    uploads.sweep()
    assert uploads.held() == Held(files=0, size=0, running=0)
