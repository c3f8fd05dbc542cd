"""Every broken file, sent through the page: one clear sentence, nothing kept, nothing to be imported."""

from __future__ import annotations

import html
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_openapi3.openapi import OpenAPI

from data.uploads.store import MOST_MB, Upload, Uploads
from data.uploads.worker import work
from gisgrid.access.models import Role
from gisgrid.settings import Settings
from gisgrid.storage.base import Base
from tests.data.importers.broken import CONTENT, READING, Broken
from tests.web.browsing import Browser, add_account, services_of
from tests.web.test_uploads import Desk

pytestmark = pytest.mark.prove

_PLACE = re.compile(r"^(row \d+)?(, )?(field [\w, ]+)?(: |$)")
_MOST_MB = 500
_SETTINGS = {"--crs": "crs_other", "--sheet": "sheet"}
BIG = {"million.geojson", "million.gpkg", "deep.geojson", "bomb.zip", "bomb.xlsx", "laughs.xlsx", "liar.zip"}
"""Files that take long: they are sent in the proof below."""
TRAILS = {"audit_entry", "import_run", "account", "account_scope", "api_token"}


def packed(path: Path) -> Path:
    """The file, or the parts of a Shapefile in one archive."""
    if path.suffix != ".shp":
        return path
    archive = path.with_suffix(".packed.zip")
    with zipfile.ZipFile(archive, "w") as out:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            if part != archive:
                out.write(part, part.name)
    return archive


def answers(broken: Broken) -> dict[str, str]:
    """The settings of a command as those of the page."""
    given = dict(zip(broken.options[::2], broken.options[1::2], strict=True))
    form = {_SETTINGS[name]: value for name, value in given.items() if name in _SETTINGS}
    if "crs_other" in form:
        form["crs"] = "other"
    if "--column" in given:
        ours, _, theirs = given["--column"].partition("=")
        form[f"column-{ours}"] = theirs
    return form


class Counter:
    """Sends broken files as somebody who may import the kind, in English."""

    def __init__(self, app: OpenAPI) -> None:
        self.desk = Desk(app)
        add_account(app, "operator", Role.ADMIN)
        admin = Browser(app)
        assert admin.log_in("operator").status_code == 303
        self.browsers = {"areas": admin}
        for browser in (admin, self.desk.browser):
            browser.post("/language", {"lang": "en"})
        self.before = self.counts()
        self.used: dict[str, int] = {}
        self.refused = 0

    def counts(self) -> dict[str, int]:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in TRAILS]
        counted = [sa.select(sa.literal(one.name), sa.func.count()).select_from(one) for one in tables]
        with services_of(self.desk.app).database.read() as session:
            return {row[0]: row[1] for row in session.execute(sa.union_all(*counted))}

    def told(self, broken: Broken, kind: str, path: Path) -> str:
        """What the page says in the end, as text."""
        browser = self.browsers.get(kind, self.desk.browser)
        file = (io.BytesIO(path.read_bytes()), path.name)
        sent = browser.post(
            "/imports", {"kind": kind, "file": file, "community": "C1"}, content_type="multipart/form-data"
        )
        sent.request.environ["wsgi.input"].close()  # large ones lie in a file
        if sent.status_code == 422:
            self.refused += 1
            return html.unescape(sent.text)
        place = self.ended(browser, sent.headers["Location"])
        if answers(broken):
            place = self.ended(browser, browser.post(f"{place}/check", answers(broken)).headers["Location"])
        self.measure(broken, place)
        page = browser.get(place)
        assert page.status_code == 200
        browser.post(f"{place}/stop", {})
        return html.unescape(page.text.partition("<main")[2].partition("</main>")[0])

    def measure(self, broken: Broken, place: str) -> None:
        """Note how much memory the work took."""
        found = services_of(self.desk.app)
        uploads = Uploads(found.settings.uploads, found.keys)
        told = uploads.progress_of(uploads.find(place.rpartition("/")[2], None))
        assert told.result is not None, broken
        self.used[broken.name] = int(told.result["memory_mb"])

    def ended(self, browser: Browser, place: str) -> str:
        until = time.monotonic() + 120
        while browser.get(f"{place}/state.json").get_json()["stage"] in {"running", "stopping"}:
            assert time.monotonic() < until, "the work has not ended"
            time.sleep(0.1)
        return place

    def faults(self, broken: Broken, kind: str, path: Path) -> Iterator[str]:
        page = self.told(broken, kind, path)
        said = _PLACE.sub("", broken.said)
        asks = 'id="asks-crs"' in page and "CRS" in broken.said
        if not asks and said not in page and said.removeprefix(f"{broken.name}: ") not in page:
            yield f"{broken} as {kind}: not said"
        if 'id="start"' in page:
            yield f"{broken} as {kind}: could be imported"
        if "Traceback" in page or "went wrong" in page:
            yield f"{broken} as {kind}: not understood"
        if self.counts() != self.before:
            yield f"{broken} as {kind}: something was kept"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Broken], Path]:
    made: dict[str, Path] = {}

    def file(broken: Broken) -> Path:
        if broken.name not in made:
            made[broken.name] = tmp_path_factory.mktemp("sent") / broken.name
            broken.make(made[broken.name])
        return packed(made[broken.name])

    return file


def at_once(app: OpenAPI) -> Callable[[Upload, Settings], None]:
    """The work of the process, done before the page answers: starting a process for each takes long."""
    found = services_of(app)

    def start(upload: Upload, settings: Settings) -> None:
        work(Uploads(settings.uploads, found.keys), upload, found.database, tz=settings.tz)

    return start


def can_be_sent(broken: Broken) -> bool:
    """Whether there is a file, and its answers are such as the page offers: its fields have names of ours."""
    return broken.name not in {"gone.csv", "odd-field.gpkg"}


def test_what_cannot_be_read_is_told_in_one_sentence(
    lite_app: OpenAPI,
    files: Callable[[Broken], Path],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr("web.imports.pages.start", at_once(lite_app))
    counter = Counter(lite_app)
    tried = [one for one in READING if can_be_sent(one) and one.name not in BIG]
    found = [fault for one in tried for fault in counter.faults(one, "households", files(one))]
    record_property("files", len(tried))
    assert len(tried) >= 40
    assert not found


def test_what_cannot_be_taken_is_told_in_one_sentence(
    app: OpenAPI,
    files: Callable[[Broken], Path],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr("web.imports.pages.start", at_once(app))
    counter = Counter(app)
    tried = [one for one in CONTENT if can_be_sent(one)]
    found = [fault for one in tried for fault in counter.faults(one, one.kinds[0], files(one))]
    record_property("files", len(tried))
    assert len(tried) >= 30
    assert not found


@pytest.mark.timeout(3600)
def test_broken_files_through_the_process_take_no_more_memory_than_others(
    lite_app: OpenAPI, files: Callable[[Broken], Path], record_property: Callable[[str, object], None]
) -> None:
    counter = Counter(lite_app)
    tried = [(one, "households") for one in READING] + [(one, one.kinds[0]) for one in CONTENT]
    found = [
        fault for one, kind in tried if can_be_sent(one) for fault in counter.faults(one, kind, files(one))
    ]
    used = counter.used
    most = max(used, key=lambda name: used[name])
    record_property("files", len(used))
    record_property("refused when they were sent", counter.refused)
    record_property("not as they should be", len(found))
    record_property("most memory, MB", f"{used[most]} ({most})")
    record_property("least memory, MB", min(used.values()))
    assert not found
    assert len(used) >= 40
    assert used[most] <= _MOST_MB
    assert MOST_MB <= 100
