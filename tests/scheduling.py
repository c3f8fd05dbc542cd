"""Which tests of a run on several workers stay together."""

from __future__ import annotations

from xdist.scheduler import LoadGroupScheduling

ONE_CHROMIUM = "tests/browser/"


class BrowserTogether(LoadGroupScheduling):
    """Groups as ever, and all browser tests on one worker, so that one Chromium and one server run.

    xdist 3.8 writes the group into an attribute that items have no more since pytest 9.2, so the mark
    ``xdist_group`` alone has no effect there.
    """

    def _split_scope(self, nodeid: str) -> str:
        """The name of the group a test runs with."""
        return ONE_CHROMIUM if nodeid.startswith(ONE_CHROMIUM) else super()._split_scope(nodeid)
