"""A grid goes to another community: what is written there, and the objects that go along.

What lay in the grid until now lay in the community it comes from: placements keep both, so that no answer
for an earlier day changes on either side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update

from gisgrid.access.audit import record
from gisgrid.access.models import AccountScope, Duty
from gisgrid.areas.communities import touch
from gisgrid.areas.models import Area, AreaLineage, CellLineage, PlacedKind, Placement, Revision, UnitCell
from gisgrid.areas.publication import add_revision
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, say
from gisgrid.geometry.edits import assigned
from gisgrid.places.models import Building, Household
from gisgrid.positions.objects import TABLES, Objects, read_objects
from gisgrid.redraw.ground.plan_ground import points_of
from gisgrid.redraw.impact.duties import INHERITED
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.publication.areas import open_areas
from gisgrid.redraw.publication.belongings import bring_belongings
from gisgrid.redraw.publication.cells import draw_outlines, move_cells
from gisgrid.redraw.publication.touched import area_ids
from gisgrid.redraw.transfer.recipient import Reception
from gisgrid.storage.base import new_id, valid_at

_MOST: Final = 500


def take_over(view: View, opened: OpenPlan, taken: Reception, *, now: datetime) -> dict[str, str]:
    """Write the grid as the other community takes it in, and bring all that lies in it there.

    Gives the ids of the new areas by those of the old ones, the grid first.

    To be done before the community that gives it closes its cells.

    Raises
    ------
    Conflict
        The other community has a building or an address of the same name.
    """
    there, drawn = taken.view, taken.opened
    ids, ids_there = area_ids(view), area_ids(there)
    open_areas(there, drawn, ids_there, now=now, parent=taken.parent)
    move_cells(there, drawn, ids_there, now=now)
    areas = {ids[old]: ids_there[new] for old, new in taken.codes.items()}
    _keep_types(view, areas)
    _inherit_duties(view, areas, now=now)
    _follow(view, areas)
    draw_outlines(there, drawn, ids_there, at=now)
    cells = _new_cells(view, opened, taken)
    view.session.execute(
        insert(CellLineage), [{"old_id": old, "new_id": new, "share": 1.0} for old, new in cells.items()]
    )
    bring_belongings(view, opened, there.community.id)
    _bring_objects(view, taken, cells, now=now)
    return areas


def _keep_types(view: View, areas: Mapping[str, str]) -> None:
    """A grid of its own kind stays one."""
    rows = view.session.execute(select(Area.id, Area.grid_type).where(Area.id.in_(areas))).all()
    for area_id, kind in rows:
        view.session.execute(update(Area).where(Area.id == areas[area_id]).values(grid_type=kind))


def _inherit_duties(view: View, areas: Mapping[str, str], *, now: datetime) -> None:
    """Who served the grid serves it there; the old duties end with the areas that close."""
    rows = view.session.scalars(
        select(Duty).where(Duty.area_id.in_(areas), Duty.kind.in_(INHERITED), valid_at(Duty, now))
    ).all()
    for row in rows:
        view.session.add(
            Duty(
                worker_id=row.worker_id,
                area_id=areas[str(row.area_id)],
                kind=row.kind,
                is_primary=row.is_primary,
                valid_from=now,
                valid_to=row.valid_to,
            )
        )
    view.session.flush()


def _follow(view: View, areas: Mapping[str, str]) -> None:
    """Accounts limited to the grid are limited to it there: its old area gives nobody a right any more."""
    for old, new in areas.items():
        view.session.execute(update(AccountScope).where(AccountScope.area_id == old).values(area_id=new))


def _new_cells(view: View, opened: OpenPlan, taken: Reception) -> dict[str, str]:
    """Ids of the cells there by those they had here."""
    rows = view.session.execute(
        select(UnitCell.number, UnitCell.id).where(
            UnitCell.community_id == taken.view.community.id,
            UnitCell.valid_to.is_(None),
            UnitCell.number.in_(taken.numbers.values()),
        )
    )
    fresh = {row.number: row.id for row in rows}
    return {opened.base.ids[old]: fresh[new] for old, new in taken.numbers.items()}


def _bring_objects(view: View, taken: Reception, cells: Mapping[str, str], *, now: datetime) -> None:
    """All that lies in the grid's cells goes along, placed there by the one tie rule."""
    objects = read_objects(view.session, view.community.id, when=view.when, among=list(cells))
    moved = [index for index, cell in enumerate(objects.cells) if cell in cells]
    _refuse_same_names(view, taken, objects, moved)
    wanted = _wanted(view, taken, objects, cells)
    rows = [
        {
            "id": new_id(),
            "kind": objects.kinds[index],
            "object_id": objects.ids[index],
            "cell_id": objects.cells[index],
            "community_id": view.community.id,
            "until": now,
        }
        for index in moved
    ]
    if rows:
        view.session.execute(insert(Placement), rows)
    groups: dict[tuple[PlacedKind, str], list[int]] = {}
    for index in moved:
        groups.setdefault((objects.kinds[index], wanted[index]), []).append(objects.fids[index])
    for (kind, cell), fids in groups.items():
        _move(view, kind, fids, {"cell_id": cell, "community_id": taken.view.community.id})


def _wanted(view: View, taken: Reception, objects: Objects, cells: Mapping[str, str]) -> list[str]:
    """The cell of each object there: by the tie rule, or the one of the same shape."""
    ground = taken.opened.drawing.ground
    rows = view.session.execute(
        select(UnitCell.number, UnitCell.id).where(
            UnitCell.community_id == taken.view.community.id, UnitCell.valid_to.is_(None)
        )
    )
    ids = {row.number: row.id for row in rows}
    numbers = assigned(points_of(objects, {}), ground.land).tolist()
    return [
        ids.get(number) or cells.get(known or "", "")
        for number, known in zip(numbers, objects.cells, strict=True)
    ]


def _move(view: View, kind: PlacedKind, fids: Sequence[int], values: Mapping[str, Any]) -> None:
    table = TABLES[kind]
    for first in range(0, len(fids), _MOST):
        view.session.execute(
            update(table)
            .where(table.fid.in_(fids[first : first + _MOST]))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _refuse_same_names(view: View, taken: Reception, objects: Objects, moved: Sequence[int]) -> None:
    """Codes of buildings and addresses of households are known by one name in a community."""
    there = taken.view.community.id
    same: list[str] = []
    for kind, table, name in (
        (PlacedKind.BUILDING, Building, Building.code),
        (PlacedKind.HOUSEHOLD, Household, Household.std_address),
    ):
        ids = [objects.ids[index] for index in moved if objects.kinds[index] == kind]
        known = select(name).where(table.community_id == there)
        for first in range(0, len(ids), _MOST):
            own = table.id.in_(ids[first : first + _MOST])
            same += view.session.scalars(select(name).where(own, name.in_(known)))
    if same:
        message = say(
            "community {code} has buildings or addresses of the same name: {names}",
            code=taken.view.community.code,
            names=", ".join(sorted(same)[:5]),
        )
        raise Conflict(message)


def add_revision_there(
    view: View, taken: Reception, areas: Mapping[str, str], *, revision: Revision, now: datetime
) -> Revision:
    """The revision of the community that takes the grid in; both tell where the grid came from and went."""
    there = taken.view.community.id
    made = add_revision(view.session, view.actor, there, at=now, reason=revision.reason)
    old, new = next(iter(areas.items()))
    for area, other, kind, of in ((new, old, "split_from", made), (old, new, "merged_into", revision)):
        view.session.add(AreaLineage(id=new_id(), area_id=area, other_id=other, kind=kind, revision_id=of.id))
    touch(view.session, [there])
    record(view.session, view.actor, "plan:take_in", "plan", now=now, object_id=taken.opened.plan.id)
    view.session.flush()
    return made
