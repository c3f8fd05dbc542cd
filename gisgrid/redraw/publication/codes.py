"""Codes that a plan gives anew: the areas stay the same, their old codes are never used again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update

from gisgrid.areas.models import AreaName
from gisgrid.areas.view import View
from gisgrid.geometry.edits.codes import next_micro_code
from gisgrid.redraw.plans.store import OpenPlan


def renumber(view: View, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> int:
    """Give grids their new codes, and their micro grids codes that begin with them; gives how many areas."""
    ground, drawing = opened.drawing.ground, opened.drawing
    count = 0
    for code, fresh in sorted(drawing.codes.items()):
        if code not in ground.grids:
            continue
        _recode(view, ids[code], fresh, now=now)
        given: list[str] = []
        for micro in ground.subdivision[code]:
            given.append(next_micro_code(fresh, micros=given, used=ground.used))
            _recode(view, ids[micro], given[-1], now=now)
        count += 1 + len(given)
    view.session.flush()
    return count


def _recode(view: View, area_id: str, code: str, *, now: datetime) -> None:
    """Close the area's open name and open it with another code; one opened just now only changes."""
    session = view.session
    session.flush()
    row = session.query(AreaName).filter(AreaName.area_id == area_id, AreaName.valid_to.is_(None)).one()
    if row.valid_from == now:
        row.code = code
        return
    session.execute(update(AreaName).where(AreaName.id == row.id).values(valid_to=now))
    session.add(AreaName(area_id=area_id, code=code, name=row.name, valid_from=now))
    session.flush()
