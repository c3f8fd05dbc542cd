"""Files of the front end travel compressed, once."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.web.browsing import Browser
from web.assets import _version, static_root

KEPT = "public, max-age=31536000, immutable"


def test_files_have_an_address_of_their_version_and_are_kept_for_good(lite_browser: Browser) -> None:
    links = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', lite_browser.get("/report").text))
    assert len(links) > 6
    assert {link.split("/")[2] for link in links} == {static_root().split("/")[2]}
    for link in links:
        with lite_browser.get(link) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, KEPT)
        with lite_browser.get(link, headers={"If-None-Match": answer.headers["ETag"]}) as again:
            assert (again.status_code, again.headers["Cache-Control"]) == (304, KEPT)


def test_a_page_of_another_version_gets_todays_files_and_keeps_none(lite_browser: Browser) -> None:
    with lite_browser.get("/static/0123456789/static/js/fetch.js") as answer:
        assert answer.status_code == 200
        assert "immutable" not in answer.headers["Cache-Control"]
        assert "no-cache" in answer.headers["Cache-Control"]
    assert lite_browser.get("/static/0123456789/static/js/none.js").status_code == 404
    assert (
        lite_browser.get(f"{static_root()}/static/js/none.js").headers["Cache-Control"] == "private, no-store"
    )


@pytest.mark.parametrize(
    "path",
    [
        "app.py",
        "cases/pages.py",
        "cases/templates/cases/list.html",
        "../pyproject.toml",
        "translations/static/x",
        "cases/static/../pages.py",
    ],
)
def test_nothing_but_files_of_the_front_end_is_served(lite_browser: Browser, path: str) -> None:
    for root in (static_root(), "/static/0123456789"):
        assert lite_browser.get(f"{root}/{path}").status_code == 404


def test_the_version_changes_with_every_file(tmp_path: Path) -> None:
    def version() -> str:
        _version.cache_clear()
        return _version(tmp_path)

    known = {version()}
    for name, text in [
        ("static/a.js", "1"),
        ("static/a.js", "2"),
        ("static/b.js", "2"),
        ("cases/static/a.js", "2"),
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        known.add(version())
    (tmp_path / "static/b.js").rename(tmp_path / "static/d.js")
    known.add(version())
    assert len(known) == 6
    _version.cache_clear()


def test_a_file_is_sent_compressed_and_not_sent_again(lite_browser: Browser) -> None:
    path = f"{static_root()}/static/js/fetch.js"
    with lite_browser.get(path) as plain:
        whole = plain.data
    for _ in range(2):
        with lite_browser.get(path, headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(packed.data) == whole
            assert len(packed.data) == packed.content_length
            tag = packed.headers["ETag"]
    with lite_browser.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_pages_are_not_compressed(lite_browser: Browser) -> None:
    assert "Content-Encoding" not in lite_browser.get("/report", headers={"Accept-Encoding": "gzip"}).headers


def test_a_part_of_a_file_stays_as_it_is(lite_browser: Browser) -> None:
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-99"}
    with lite_browser.get(f"{static_root()}/static/js/fetch.js", headers=headers) as part:
        assert "Content-Encoding" not in part.headers
