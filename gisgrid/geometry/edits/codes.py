"""Codes for grids and micro grids that are opened: the next free number, never a used one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

_SEQUENCE: Final = 3
"""A grid's number in its parent has up to three digits."""
_MICRO_DIGITS: Final = 2


def next_grid_code(beside: str, *, grids: Iterable[str], used: Collection[str]) -> str:
    """A code for a grid that comes out of another one.

    The number at the end counts on from the highest of the open grids with the same beginning.

    >>> next_grid_code("321302001001007", grids=["321302001001007", "321302001001012"], used=())
    '321302001001013'
    """
    tail = re.search(rf"\d{{1,{_SEQUENCE}}}$", beside)
    digits = tail.group() if tail else ""
    stem = beside.removesuffix(digits)
    return _next_free(stem, width=max(len(digits), 1), first=1, known=grids, used=used)


def next_micro_code(grid: str, *, micros: Iterable[str], used: Collection[str]) -> str:
    """A code for a micro grid that is opened in a grid: the grid's code and two digits.

    The first of a grid has the number 00.

    >>> next_micro_code("321302001001007", micros=["32130200100100704"], used=["32130200100100705"])
    '32130200100100706'
    """
    return _next_free(grid, width=_MICRO_DIGITS, first=0, known=micros, used=used)


def _next_free(stem: str, *, width: int, first: int, known: Iterable[str], used: Collection[str]) -> str:
    tails = [code.removeprefix(stem) for code in known if code.startswith(stem)]
    number = max((int(tail) + 1 for tail in tails if re.fullmatch(r"\d{1,3}", tail)), default=first)
    while f"{stem}{number:0{width}d}" in used:
        number += 1
    return f"{stem}{number:0{width}d}"
