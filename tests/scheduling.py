"""Which tests of a run on several workers stay together."""

from __future__ import annotations

from xdist.scheduler import LoadGroupScheduling

BROWSER = "tests/browser/"
REDRAWING = ("tests/browser/test_redraw", "tests/browser/test_proposals")
TOGETHER = (
    "tests/data/demo/",
    "tests/data/importers/test_broken_files",
    "tests/gisgrid/geometry/test_real_cells",
    "tests/web/test_page_rights",
)
"""Tests that begin with something that takes long: the demo, great files, a site."""
EVERY_PAGE = tuple(
    f"tests/browser/test_{subject}"
    for subject in ("every_page", "map_", "finding", "background_images", "history", "case_steps")
)


class BrowserTogether(LoadGroupScheduling):
    """Groups as ever; browser tests in three of about the same length, tests of one beginning in one.

    Each group runs on one worker with one Chromium and one server.

    xdist 3.8 writes the group into an attribute that items have no more since pytest 9.2, so the mark
    ``xdist_group`` alone has no effect there.
    """

    def _split_scope(self, nodeid: str) -> str:
        """The name of the group a test runs with."""
        if nodeid.startswith(REDRAWING):
            return REDRAWING[0]
        if nodeid.startswith(EVERY_PAGE):
            return EVERY_PAGE[0]
        for beginning in TOGETHER:
            if nodeid.startswith(beginning):
                return beginning
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)
