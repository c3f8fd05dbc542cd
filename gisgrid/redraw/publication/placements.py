"""Objects whose cell a plan changes: they go to the new one, and the former one is not forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np
from sqlalchemy import insert, update

from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.areas.view import View
from gisgrid.geometry.edits.placement import replaced_points
from gisgrid.geometry.lattice import as_array
from gisgrid.positions.objects import TABLES, Objects, read_objects
from gisgrid.redraw.ground.plan_ground import points_of
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.storage.base import new_id


def move_objects(view: View, opened: OpenPlan, fresh: Mapping[int, str], *, now: datetime) -> int:
    """Put what lies in closed cells, or exactly on their borders, into its cell by the one tie rule.

    Looked at are the objects of the closed cells, of those that touch them or the new ones, and those
    outside all; read from the database, where others may have written since the plan was opened. Gives how
    many went to another cell.

    Parameters
    ----------
    fresh
        Ids of the new cells by number.
    """
    base, delta = opened.base, opened.drawing.delta
    if not (delta.removed or delta.added):
        return 0
    near = base.ground.land.near(as_array([*delta.removed.values(), *delta.added.values()]))
    among = [base.ids[number] for number in near]
    objects = read_objects(view.session, view.community.id, when=view.when, among=among)
    ground = replace(base.ground, points=points_of(objects, base.numbers))
    number = ground.points.cell.copy()
    for index, (_before, after) in replaced_points(ground, removed=delta.removed, added=delta.added).items():
        number[index] = after
    wanted = [fresh.get(cell, base.ids.get(cell)) for cell in number.tolist()]
    changed = [index for index, cell in enumerate(wanted) if cell != objects.cells[index]]
    _remember(view, objects, changed, now=now)
    _move(view, objects, changed, wanted)
    return len(changed)


def _remember(view: View, objects: Objects, changed: list[int], *, now: datetime) -> None:
    rows = [
        {
            "id": new_id(),
            "kind": objects.kinds[index],
            "object_id": objects.ids[index],
            "cell_id": objects.cells[index],
            "until": now,
        }
        for index in changed
    ]
    if rows:
        view.session.execute(insert(Placement), rows)


def _move(view: View, objects: Objects, changed: list[int], wanted: list[str | None]) -> None:
    """Write the new cells, one statement for all of a kind that go to the same one."""
    groups: dict[tuple[PlacedKind, str | None], list[int]] = {}
    for index in changed:
        groups.setdefault((objects.kinds[index], wanted[index]), []).append(objects.fids[index])
    for (kind, cell), fids in groups.items():
        table = TABLES[kind]
        view.session.execute(
            update(table)
            .where(table.fid.in_(np.sort(fids).tolist()))
            .values(cell_id=cell)
            .execution_options(synchronize_session=False)
        )
