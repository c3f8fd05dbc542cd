"""Where a request to be erased stands."""

from __future__ import annotations

from enum import StrEnum


class ErasureState(StrEnum):
    """Asked for, carried out, taken back by who asked, or declined with a reason."""

    ASKED = "asked"
    DONE = "done"
    TAKEN_BACK = "taken_back"
    DECLINED = "declined"
