"""Micro grids that nobody sees: a grid that isn't divided has one, and its code must be in nobody's way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from gisgrid.access.imports import ImportNotes
from gisgrid.areas.models import Area, AreaName, AreaParent, Level

HIDDEN: Final = "00"
"""The sequence of a micro grid that nobody sees."""


def codes_below(session: Session, codes: Sequence[str], sequence: str, *, beside: Sequence[str]) -> list[str]:
    """A code for the first area below each of some areas: theirs and a sequence, ``1`` and ``00`` as ``100``.

    Where that is the code of an area ``beside``, or is in use, it gets a dash: ``1-00``.
    """
    taken = {*beside, *codes_in_use(session, [f"{code}{sequence}" for code in codes])}
    return [f"{code}-{sequence}" if f"{code}{sequence}" in taken else f"{code}{sequence}" for code in codes]


def codes_in_use(session: Session, codes: Iterable[str]) -> set[str]:
    """Those of some codes that an area has or ever had."""
    return set(session.scalars(select(AreaName.code).where(AreaName.code.in_(list(codes)))))


def make_room(
    session: Session, wanted: Mapping[str, str | None], *, notes: ImportNotes | None = None
) -> None:
    """Give hidden micro grids another code where an area that people see is to have theirs.

    ``wanted``: each code with that of the area's parent, where it is known: a micro grid of a file means the
    hidden one of its own grid. The code is changed for all times, since nobody ever read it; so no rule about
    codes that were used once is broken.
    """
    rows = [row for row in _hidden(session, list(wanted)) if wanted[row["code"]] != row["parent"]]
    if not rows:
        return
    for row in rows:
        code = _free(session, row["parent"])
        session.execute(update(AreaName).where(AreaName.id == row["id"]).values(code=code))
        if notes:
            stored = {name: row[name] for name in ("area_id", "code", "name", "valid_from", "valid_to")}
            notes.changed(AreaName, [(row["id"], stored, {"code": code})])
    session.flush()


def _free(session: Session, parent: str) -> str:
    """A code for the hidden micro grid of a grid that nobody has or had."""
    base, count = f"{parent}-{HIDDEN}", 1
    code = base
    while codes_in_use(session, [code]):
        count += 1
        code = f"{base}-{count}"
    return code


def _hidden(session: Session, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Names of micro grids without any sibling that have or had some codes, with the code of their grid."""
    above, other, name = aliased(AreaParent), aliased(AreaParent), aliased(AreaName)
    beside = select(other.id).where(
        other.parent_id == above.parent_id,
        other.area_id != above.area_id,
        or_(other.valid_to.is_(None), other.valid_to > above.valid_from),
        or_(above.valid_to.is_(None), above.valid_to > other.valid_from),
    )
    statement = (
        select(*AreaName.__table__.columns, name.code.label("parent"))
        .join(Area, Area.id == AreaName.area_id)
        .join(above, above.area_id == Area.id)
        .join(name, name.area_id == above.parent_id)
        .where(AreaName.code.in_(codes), Area.level == Level.MICRO_GRID, ~beside.exists())
        .order_by(AreaName.id, name.valid_from)
    )
    rows = session.execute(statement).mappings()
    return list({row["id"]: dict(row) for row in rows if row["code"] == row["parent"] + HIDDEN}.values())
