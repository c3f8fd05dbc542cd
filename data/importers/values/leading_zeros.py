"""Codes that differ only by leading zeros, as a spreadsheet makes them of one: told, never put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.importers.outcome import Remark
from gisgrid.access.models import Worker
from gisgrid.areas.models import AreaName
from gisgrid.errors import say, some_of
from gisgrid.places.models import Building, Facility

ZEROS: Final = "{other} differs from this code only by leading zeros: are both meant?"
_MOST: Final = 1_000
"""More such codes say nothing more."""


def _of_community(table: Any, community: str) -> Select[str]:
    here = select(AreaName.area_id).where(AreaName.code == community, AreaName.valid_to.is_(None))
    return select(table.code).where(table.community_id.in_(here), table.code.is_not(None))


_STORED: Final[Mapping[str, Callable[[str], Select[Any]]]] = {
    "areas": lambda _community: select(AreaName.code).where(AreaName.valid_to.is_(None)),
    "buildings": lambda community: _of_community(Building, community),
    "facilities": lambda community: _of_community(Facility, community),
    "members": lambda _community: select(Worker.code).where(Worker.code.is_not(None)),
}
KINDS_WITH_CODES: Final = tuple(_STORED)
"""Kinds of files whose rows are known by a code of their own."""


def leading_zero_twins(session: Session, kind: str, community: str, codes: Sequence[str]) -> list[Remark]:
    """A remark for each code of a file that another one, of the file or stored, equals but for zeros.

    ``codes`` are those of its rows in their order, empty without one.
    """
    if kind not in _STORED:
        return []
    first = {code: row for row, code in reversed(list(enumerate(codes, 1))) if code}
    stored = session.scalars(_STORED[kind](community))
    return leading_zero_remarks(first, stored)[:_MOST]


def leading_zero_remarks(first: Mapping[str, int], stored: Iterable[str | None]) -> list[Remark]:
    """The remarks; ``first`` gives the first row of each code of the file."""
    groups: dict[str, set[str]] = {}
    for code in (*first, *stored):
        if code:
            groups.setdefault(code.lstrip("0"), set()).add(code)
    remarks = []
    for code, row in first.items():
        others = sorted(groups[code.lstrip("0")] - {code})
        if others:
            said = say(ZEROS, other=some_of(others))
            remarks.append(Remark(row=row, key=code, field="code", message=said))
    return sorted(remarks, key=lambda remark: remark.row)
