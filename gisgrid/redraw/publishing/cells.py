"""Cells of a plan and whom they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from gisgrid.areas.look import Look
from gisgrid.areas.models import CellMembership
from gisgrid.redraw.plans import OpenPlan
from gisgrid.storage.base import new_id


def move_cells(look: Look, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> int:
    """Memberships of the cells whose micro grid changes; of no others."""
    changes = {
        opened.base.ids[cell]: after
        for cell, (_before, after) in opened.drawing.delta.owners.items()
        if after is not None
    }
    if not changes:
        return 0
    look.session.execute(
        update(CellMembership)
        .where(CellMembership.cell_id.in_(changes), CellMembership.valid_to.is_(None))
        .values(valid_to=now)
        .execution_options(synchronize_session=False)
    )
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "cell_id": cell, "area_id": ids[code], "valid_from": now}
        for cell, code in changes.items()
    ]
    look.session.execute(insert(CellMembership), rows)
    return len(rows)
