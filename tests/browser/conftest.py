"""A real Chromium at a real server: one for the demo community, one for a community of hostile names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.serving import Site, serve
from tests.browser.visiting import PATIENCE_MS, Visitors

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
        "host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
    )
    return {"executable_path": str(CHROMIUM), "args": [f"--{switch}" for switch in switches]}


@pytest.fixture(scope="session")
def demo_site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo community, served; one copy for the whole run."""
    folder = tmp_path_factory.mktemp("site")
    for name in (demo_template.name, "keys.json"):
        shutil.copy(demo_template.with_name(name), folder / name)
    with serve(folder / demo_template.name) as site:
        yield site


@pytest.fixture(scope="session")
def demo_visitors(browser: Browser, demo_site: Site) -> Iterator[Visitors]:
    """Who visits the demo; logins are kept for the run."""
    expect.set_options(timeout=PATIENCE_MS)
    visitors = Visitors(browser, demo_site)
    yield visitors
    visitors.close()


@pytest.fixture
def visit(demo_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with demo_visitors.watched() as visitors:
        yield visitors


@pytest.fixture(scope="module")
def redraw_visitors(
    browser: Browser, demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """Visitors of a demo of a module's own: what is published there must not change other tests."""
    folder = tmp_path_factory.mktemp("redraw")
    for name in (demo_template.name, "keys.json"):
        shutil.copy(demo_template.with_name(name), folder / name)
    expect.set_options(timeout=PATIENCE_MS)
    with serve(folder / demo_template.name) as site:
        visitors = Visitors(browser, site)
        yield visitors
        visitors.close()
