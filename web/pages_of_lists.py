"""Pages of a list: which one is asked for, and which ones there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import request

_LAST: Final = 10_000


def page_number() -> int:
    """The number in the address, from 1; anything else is the first page."""
    text = request.args.get("page", "1")
    return min(max(int(text[:9]), 1), _LAST) if text.isascii() and text.isdigit() else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """A page of a list, of how many entries, and the addresses of those beside it."""

    page: int
    total: int
    size: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))

    def to(self, page: int) -> str:
        """The address of another page of the same list."""
        asked: dict[str, Any] = {key: value for key, value in request.args.items() if value}
        return f"{request.path}?{urlencode(asked | {'page': page})}"
