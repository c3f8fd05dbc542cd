"""A client of the standard (georeport) at the running server: JSON and XML; no, one and many requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from defusedxml import ElementTree as SafeXml
from flask_openapi3.openapi import OpenAPI
from georeport import GeoReport
from sqlalchemy import select
from werkzeug.serving import make_server

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.storage.engine import Database
from tests import world
from tests.browser.serving import Quiet, answering_whole
from tests.conftest import NOW
from tests.stepping import start
from tests.web.browsing import add_account, add_token, services_of


class Running:
    """The application on a free port, and clients of both forms for it."""

    def __init__(self, app: OpenAPI, url: str) -> None:
        self.app, self.root = app, f"{url}/open311/v2"
        with services_of(app).database.write() as session:
            self.world = world.found(session)
        add_account(app, "head", Role.HEAD, area_id=self.world.community)
        self.key = add_token(app, "head")["Authorization"].removeprefix("Bearer ")

    def client(self, form: str) -> GeoReport:
        return GeoReport(self.root, jurisdiction="example.org", output_format=form)

    def send(self, form: str, **more: str) -> requests.Response:
        place = world.middle(1, 1)
        sent = {
            "service_code": "garbage",
            "lat": str(place.y),
            "long": str(place.x),
            "description": "垃圾未清",
        }
        return requests.post(f"{self.root}/requests.{form}", data={**sent, **more}, timeout=20)

    def take(self) -> None:
        """Somebody takes all cases in hand."""
        with services_of(self.app).database.write() as session:
            view = self.world.view(session, now=NOW)
            for case in session.scalars(select(Case.id).where(Case.state == "reported")).all():
                start(view, case, now=NOW + timedelta(minutes=1))


@pytest.fixture
def running(app: OpenAPI, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    assert database is not None
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = make_server("127.0.0.1", 0, answering_whole(app), threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Running(app, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_client_of_the_standard_reads_services_and_requests(running: Running, form: str) -> None:
    client = running.client(form)
    services = client.get_service_list()
    assert [one["service_code"] for one in services] == ["garbage", "dispute"]
    assert client.get_service_definition("garbage")["service_code"] == "garbage"
    none = requests.get(f"{running.root}/requests.{form}", timeout=20)
    assert none.status_code == 200
    assert not client.get_service_requests()
    if form == "xml":
        root = SafeXml.fromstring(none.content)
        assert (root.tag, [one.tag for one in root]) == ("service_requests", ["request"])
        assert not list(root[0])
        assert not root[0].text
    assert none.headers["X-Total-Count"] == "0"
    first = running.send(form)
    assert first.status_code == 201
    running.take()
    one = client.get_service_requests()
    one = one if isinstance(one, list) else [one]
    assert [(row["status"], row["service_name"]) for row in one] == [("open", "garbage")]
    number = one[0]["service_request_id"]
    assert number in first.text
    assert client.get_service_request(number)["service_request_id"] == number
    for _ in range(3):
        assert running.send(form).status_code == 201
    running.take()
    assert len(client.get_service_requests(status="open", service_code="garbage")) == 4
    two = client.get_service_requests(service_request_id=f"{number},20200101-0001,{number}")
    two = two if isinstance(two, list) else [two]
    assert [row["service_request_id"] for row in two] == [number]
    with pytest.raises(requests.HTTPError, match="404"):
        client.get_service_request("20200101-0001")


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_key_in_the_form_reports_as_its_account(running: Running, form: str) -> None:
    sent = running.send(form, api_key=running.key)
    assert sent.status_code == 201
    with services_of(running.app).database.read() as session:
        assert session.scalars(select(Case.reporter_id)).one() is not None
    wrong = running.send(form, api_key="wrong")
    assert wrong.status_code == 403
    assert wrong.headers["Content-Type"].startswith("text/xml" if form == "xml" else "application/json")
