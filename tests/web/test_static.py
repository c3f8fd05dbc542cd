"""Files of the front end travel compressed, once."""

from __future__ import annotations

import gzip

from tests.web.browsing import Browser


def test_a_file_is_sent_compressed_and_not_sent_again(lite_browser: Browser) -> None:
    path = "/static/js/fetch.js"
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
    with lite_browser.get("/static/js/fetch.js", headers=headers) as part:
        assert "Content-Encoding" not in part.headers
