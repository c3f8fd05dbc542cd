"""A real Chromium at a real server: one for the demo community, one for a community of hostile names."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.redrawing import Board, open_board, start_anew
from tests.browser.serving import Site, open_door, serve
from tests.browser.visiting import PATIENCE_MS, Seats, Visitors

CHROMIUM = Path("/usr/bin/chromium-headless-shell")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium without windows; nothing is downloaded, and it fetches nothing by itself."""
    if not CHROMIUM.exists():
        pytest.fail(f"the browser tests need {CHROMIUM}: apt-get install chromium-headless-shell")
    switches = (
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "disable-component-update",
        "no-first-run",
        "process-per-site",
        "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    )
    return {"executable_path": str(CHROMIUM), "args": [f"--{switch}" for switch in switches]}


Receive = Callable[[Path], AbstractContextManager[Visitors]]


@pytest.fixture(scope="session")
def receive(browser: Browser) -> Iterator[Receive]:
    """How a database gets visitors: all by one address, so that a browser keeps what it has read of it."""
    expect.set_options(timeout=PATIENCE_MS)
    seats = Seats(browser)

    @contextmanager
    def at(file: Path) -> Iterator[Visitors]:
        with serve(file, door) as site:
            yield Visitors(seats, site)

    with open_door() as door:
        yield at
        seats.close()


def copied(template: Path, folder: Path) -> Path:
    """A demo of one's own, with its keys."""
    for name in (template.name, "keys.json"):
        shutil.copy(template.with_name(name), folder / name)
    return folder / template.name


@pytest.fixture(scope="session")
def demo_visitors(
    receive: Receive, demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """Who visits the demo, one copy for the whole run; logins are kept as long."""
    with receive(copied(demo_template, tmp_path_factory.mktemp("site"))) as visitors:
        yield visitors


@pytest.fixture(scope="session")
def demo_site(demo_visitors: Visitors) -> Site:
    """The demo community, served."""
    return demo_visitors.site


@pytest.fixture
def visit(demo_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with demo_visitors.watched() as visitors:
        yield visitors


@pytest.fixture(scope="module")
def own_visitors(
    receive: Receive, demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """Visitors of a demo of a module's own: what is done there must not change other tests."""
    with receive(copied(demo_template, tmp_path_factory.mktemp("own"))) as visitors:
        yield visitors


@pytest.fixture(scope="module")
def opened_board(own_visitors: Visitors) -> Iterator[Board]:
    """The redraw page of staff at a desk, one for all tests of a module that draw on it."""
    with own_visitors.watched() as visitors:
        yield open_board(visitors)


@pytest.fixture
def board(opened_board: Board) -> Iterator[Board]:
    """That page for one test, with nothing drawn; it fails at the end on what went wrong in the browser."""
    start_anew(opened_board)
    yield opened_board
    opened_board.visit.judge(opened_board.page)
