"""Work orders of the hotline: by which channels they come, and who may say their class."""

from __future__ import annotations

from typing import Final

from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.errors import InvalidInput

HOTLINES: Final = (CaseSource.HOTLINE, CaseSource.LINE_12345)
"""The community's own service line, and the one of the city, which sets the classes."""


def refuse_class(source: str, hotline: HotlineClass | None) -> None:
    """Refuse a class of the hotline for a case that came by another channel.

    Raises
    ------
    InvalidInput
        There is a class, and the case is none of the hotline.
    """
    if hotline is not None and source not in HOTLINES:
        message = "only a case that came by the hotline has a class of the hotline"
        raise InvalidInput(message, field="hotline_class")
