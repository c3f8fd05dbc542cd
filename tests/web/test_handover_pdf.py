"""Hand-over sheets as PDF: what stands on them and for whom, and that nothing is fetched for them."""

from __future__ import annotations

import io
import socket
import sys
import threading
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from pypdf import PdfReader
from sqlalchemy import select

from gisgrid.access.models import AuditEntry
from gisgrid.places.models import Building, Household
from tests import world
from tests.conftest import NOW
from tests.web.browsing import Browser, services_of
from tests.web.test_people_api import Site, add_password
from web.pdf import pdf_of

HOSTILE = "<img src=http://127.0.0.1:{port}/a.png>"


@pytest.fixture
def scene(lite_app: OpenAPI) -> Site:
    return Site(lite_app)


def read_pages(answer: Any) -> list[str]:
    """The text of each page, without spaces and breaks, which a PDF puts where its lines end."""
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    return texts_of(answer.data)


def texts_of(pdf: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def published(scene: Site) -> str:
    plan = scene.painted("并楼")
    assert scene.post(f"plans/{plan}/publish", {"reason": "就近"}, "judge").status_code == 200
    return plan


def test_each_member_has_a_numbered_page_with_the_grids_and_who_printed_it(scene: Site) -> None:
    pages = read_pages(scene.get(f"plans/{published(scene)}/handover.pdf", "judge"))
    assert len(pages) == 2
    for number, text in enumerate(pages, start=1):
        assert "第2网格→第1网格" in text
        assert f"{number}/2" in text
        assert "交接单·并楼" in text
        assert "打印人:judge" in text
        assert f"打印时间:{NOW.year}-" in text
        assert "交出人签字" in text


def test_a_member_gets_only_the_own_sheet_and_it_is_noted(scene: Site) -> None:
    plan = scene.painted()
    assert scene.get(f"plans/{plan}/handover.pdf", "first").status_code == 404
    scene.post(f"plans/{plan}/publish", {"reason": "就近"}, "judge")
    answer = scene.get(f"plans/{plan}/handover.pdf", "first")
    pages = read_pages(answer)
    assert len(pages) == 1
    assert "接收:第2网格→第1网格" in pages[0]
    assert "示例乙" in pages[0]
    assert "交出:" not in pages[0]
    assert "handover-" in answer.headers["Content-Disposition"]
    with services_of(scene.app).database.read() as session:
        kept = session.scalars(select(AuditEntry.action).where(AuditEntry.action.contains("handover"))).all()
    assert set(kept) == {"handover:view", "export:handover"}


def test_names_are_masked_as_on_the_page(scene: Site) -> None:
    pages = read_pages(scene.get(f"plans/{published(scene)}/handover.pdf", "judge"))
    assert "示例乙" not in "".join(pages)


def test_a_long_sheet_goes_on_over_more_pages(scene: Site) -> None:
    with services_of(scene.app).database.write() as session:
        building = session.scalars(select(Building)).one()
        for room in range(200, 260):
            world.add_household(session, building, str(room))
    pages = read_pages(scene.get(f"plans/{published(scene)}/handover.pdf", "first"))
    assert len(pages) > 1
    assert f"{len(pages)}/{len(pages)}" in pages[-1]


def test_a_plan_that_hands_nothing_over_is_one_page_that_says_so(scene: Site) -> None:
    plan = scene.post("plans", {"name": "空"}).json["id"]
    pages = read_pages(scene.get(f"plans/{plan}/handover.pdf"))
    assert len(pages) == 1
    assert "没有需要交接的住户和案件" in pages[0]


class Listener:
    """A port of this machine that counts who knocks."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            caller, _ = self._socket.accept()
            with caller:
                if caller.recv(4) == b"stop":
                    return
            self.calls += 1

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as caller:
            caller.sendall(b"stop")
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listener() -> Any:
    found = Listener()
    yield found
    found.close()


def test_an_address_that_is_markup_is_printed_as_text_and_loads_nothing(
    scene: Site, listener: Listener
) -> None:
    hostile = HOSTILE.format(port=listener.port)
    with services_of(scene.app).database.write() as session:
        for building in session.scalars(select(Building)):
            building.address = hostile
        for home in session.scalars(select(Household)):
            home.std_address = f"{hostile}{home.room}"
    pages = read_pages(scene.get(f"plans/{published(scene)}/handover.pdf", "first"))
    assert hostile.replace(" ", "") in "".join(pages)
    assert listener.calls == 0


@pytest.mark.parametrize("scheme", ["http://127.0.0.1:{port}/secret", "file://{file}"])
def test_a_document_full_of_addresses_fetches_none_of_them(
    listener: Listener, tmp_path: Any, scheme: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("body::before { content: 'leaked' }", encoding="utf-8")
    url = scheme.format(port=listener.port, file=secret)
    pdf = pdf_of(
        f"<link rel=stylesheet href='{url}'><link rel=attachment href='{url}'>"
        f"<style>@import '{url}'; @font-face {{ font-family: x; src: url({url}) }}"
        f"p {{ font-family: x; background: url({url}); content: url({url}) }}</style>"
        f"<p>kept</p><img src='{url}' alt=''><object data='{url}'></object><embed src='{url}'>"
        f"<svg><image href='{url}'/><use href='{url}#a'/></svg><a rel=attachment href='{url}'>there</a>"
    )
    text = "".join(texts_of(pdf))
    assert "leaked" not in text
    assert "there" in text
    assert not PdfReader(io.BytesIO(pdf)).attachments
    assert listener.calls == 0


def test_without_its_libraries_a_sentence_says_what_to_do(
    scene: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = published(scene)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = scene.get(f"plans/{plan}/handover.pdf", "first")
    assert answer.status_code == 503
    assert "请用打印页" in answer.json["detail"]


def test_more_than_a_document_holds_is_refused_in_a_sentence(
    scene: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.redraw.handover_api._MOST_ON_PAPER", 1)
    answer = scene.get(f"plans/{published(scene)}/handover.pdf", "first")
    assert answer.status_code == 422
    assert "请用打印页" in answer.json["detail"]


def test_the_page_has_a_button_for_it(scene: Site) -> None:
    plan = published(scene)
    browser = Browser(scene.app)
    add_password(scene.app, "first")
    browser.log_in("first")
    page = browser.get(f"/redraw/plans/{plan}/handover").text
    address = f"/api/v1/plans/{plan}/handover.pdf"
    assert f'href="{address}' in page
    assert len(read_pages(browser.get(address))) == 1


def test_nothing_of_it_is_loaded_before_somebody_prints() -> None:
    import subprocess

    code = "import sys, web.app; print('weasyprint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
