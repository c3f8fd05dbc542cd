"""Exports are read by ranges, all of the same file and for the same rights; GDAL reads one by its URL."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.serving import make_server

from data.exporters import kept_files
from data.exporters.kept_files import KeptFiles
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.intake.service import ReportCase, report
from tests import world
from tests.browser.serving import Quiet, answering_whole
from tests.conftest import KEYS, NOW
from tests.web.browsing import add_account, add_token, services_of

CASES = 60


class House:
    """The application on a free port with some hundred cases in it, and who may export them."""

    def __init__(self, app: OpenAPI, url: str) -> None:
        self.app, self.root = app, f"{url}/api/v1/exports"
        with services_of(app).database.write() as session:
            made = world.found(session)
            for place in range(CASES):
                spot = world.middle(place % 4, place // 4 % 4)
                command = ReportCase(
                    lon=spot.x, lat=spot.y, category="garbage", description=f"第{place}件" * 40
                )
                report(session, made.actor, command, caches=made.caches, now=NOW, tz=world.TZ)
        for name, role in (("head", Role.HEAD), ("staff", Role.STAFF)):
            add_account(app, name, role, area_id=made.community)
        self.headers = {name: add_token(app, name) for name in ("head", "staff")}

    def ask(self, file: str, *, name: str = "head", method: str = "GET", **headers: str) -> requests.Response:
        sent = {**self.headers[name], "Accept-Encoding": "identity", **headers}
        return requests.request(method, f"{self.root}/{file}", headers=sent, timeout=60)

    def exports(self) -> int:
        with services_of(self.app).database.read() as session:
            entries = select(func.count()).where(AuditEntry.action.like("export:%"))
            return session.scalar(entries) or 0

    def kept_files(self) -> list[Path]:
        return sorted(services_of(self.app).settings.kept_exports.glob("*"))


@pytest.fixture
def house(lite_app: OpenAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = make_server("127.0.0.1", 0, answering_whole(lite_app), threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield House(lite_app, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("form", ["gpkg", "geojson", "zip", "csv", "xlsx"])
def test_ranges_are_of_one_file_and_make_one_entry(house: House, form: str) -> None:
    file = f"cases.{form}"
    head = house.ask(file, method="HEAD")
    assert (head.status_code, head.headers["Accept-Ranges"], head.content) == (200, "bytes", b"")
    size, tag = int(head.headers["Content-Length"]), head.headers["ETag"]
    found = b""
    for start in range(0, size, 50_000):
        answer = house.ask(file, Range=f"bytes={start}-{start + 49_999}")
        assert (answer.status_code, answer.headers["ETag"]) == (206, tag)
        assert answer.headers["Content-Range"] == f"bytes {start}-{min(start + 49_999, size - 1)}/{size}"
        found += answer.content
    assert len(found) == size
    assert house.ask(file, Range="bytes=-10").content == found[-10:]
    assert house.ask(file, Range=f"bytes={size - 7}-").content == found[-7:]
    assert house.ask(file, Range="bytes=0-3,9-12").content == found
    assert house.ask(file, Range=f"bytes={size}-").status_code == 416
    assert house.ask(file, Range="bytes=0-9", **{"If-Range": '"other"'}).content == found
    assert house.exports() == 1
    whole = house.ask(file)
    assert (whole.status_code, whole.headers["Accept-Ranges"]) == (200, "bytes")
    assert house.exports() == 2  # who asks for all of it gets what is true now


def test_what_is_kept_is_sealed_for_its_owner_alone_and_goes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = house.ask("cases.csv", Range="bytes=0-")
    house.ask("cases.csv", name="staff", Range="bytes=0-")
    assert house.exports() == 2
    files = house.kept_files()
    assert len(files) == 2
    for file in files:
        content = file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
        assert "第7件".encode() not in content
        assert b"20261124-" not in content
    again = house.ask("cases.csv", Range="bytes=0-")
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    monkeypatch.setattr(kept_files, "SILENT_S", 0.0)
    anew = house.ask("cases.csv", Range="bytes=0-")
    assert anew.headers["ETag"] != first.headers["ETag"]
    assert len(house.kept_files()) == 1


def test_a_thousand_ranges_are_one_export_for_the_limit(house: House) -> None:
    statuses = {house.ask("cases.gpkg", Range=f"bytes={at}-{at}").status_code for at in range(90)}
    assert statuses == {206}


_READ = """
import json, sys, pyogrio
url, token = sys.argv[1], sys.stdin.read()
pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADERS": f"Authorization: {token}"})
frame = pyogrio.read_dataframe(url)
told = {"rows": len(frame), "layer": pyogrio.list_layers(url)[0][0], "kinds": sorted(set(frame.geom_type))}
print(json.dumps({**told, "categories": sorted(set(frame["category"]))}))
"""


@pytest.mark.parametrize("form", ["gpkg", "geojson"])
def test_gdal_and_pyogrio_read_an_export_by_its_url(house: House, form: str) -> None:
    """In a process of its own: while GDAL waits for an answer, no other thread of its process can give it."""
    command = [sys.executable, "-c", _READ, f"/vsicurl/{house.root}/cases.{form}"]
    token = house.headers["head"]["Authorization"]
    done = subprocess.run(command, input=token, capture_output=True, text=True, timeout=200, check=True)
    assert json.loads(done.stdout) == {
        "rows": CASES,
        "layer": "cases",
        "categories": ["garbage"],
        "kinds": ["Point"],
    }
    assert house.exports() == 1


@given(content=st.binary(max_size=300_000), data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_kept_file_is_the_file_at_every_place(tmp_path: Path, content: bytes, data: Any) -> None:
    source = tmp_path / "source"
    source.write_bytes(content)
    store = KeptFiles(tmp_path / "kept", KEYS)
    with store.keep("asked", source, name="a.csv").content as file:
        assert file.read() == content
    found = store.find("asked")
    assert found is not None
    with found.content as file:
        for _ in range(5):
            start = data.draw(st.integers(0, len(content) + 5))
            length = data.draw(st.integers(0, 140_000))
            file.seek(start)
            assert file.read(length) == content[start : start + length]
    assert store.find("other") is None
