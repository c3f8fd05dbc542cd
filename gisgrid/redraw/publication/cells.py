"""Cells of a plan: those it makes and closes, whom they belong to, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import insert, select, update

from gisgrid.areas.lineage import cell_shares
from gisgrid.areas.models import CellKind, CellLineage, CellMembership, UnitCell
from gisgrid.areas.publication import write_outlines
from gisgrid.areas.tree import AreaTree, load_tree
from gisgrid.areas.view import View
from gisgrid.errors import Conflict
from gisgrid.geometry.chain import boundary_chain
from gisgrid.geometry.edits import Ground
from gisgrid.geometry.edits.soundness import is_oriented, is_precise
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.publication.placements import move_objects
from gisgrid.storage.base import new_id


def move_cells(view: View, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> int:
    """Close and open the cells and memberships that change, no others; objects go to their new cells.

    New cells have no past: they inherit no membership, and objects keep their former cell in a placement.
    Gives the number of memberships that were written.

    Parameters
    ----------
    ids
        The area behind each code that the plan uses.

    Raises
    ------
    Conflict
        The new cells would not cover the community exactly.
    """
    drawing, base = opened.drawing, opened.base
    _refuse_untrue(base.ground, drawing)
    removed = {number: base.ids[number] for number in drawing.delta.removed}
    moved = [
        number
        for number, (before, after) in drawing.delta.owners.items()
        if before is not None and after is not None and number not in removed
    ]
    _close(view, removed.values(), [base.ids[number] for number in moved], now=now)
    fresh = _open(view, opened, removed, now=now)
    cells = {**{number: base.ids[number] for number in moved}, **fresh}
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "cell_id": cell, "area_id": ids[drawing.ground.owner[number]], "valid_from": now}
        for number, cell in cells.items()
    ]
    if rows:
        view.session.execute(insert(CellMembership), rows)
    _write_lineage(view, drawing, removed, fresh)
    move_objects(view, opened, fresh, now=now)
    return len(rows)


def _refuse_untrue(before: Ground, drawing: Drawing) -> None:
    """The exact check: sound cells whose boundary chain is that of what they replace tile the same land."""
    delta = drawing.delta
    if not delta.removed and not delta.added:
        return
    old, new = (_shapes(cells.values()) for cells in (delta.removed, delta.added))
    is_sound = bool(shapely.is_valid(new).all()) and is_oriented(new) and is_precise(new)
    if delta.outline is None:
        covers = boundary_chain(old) == boundary_chain(new)
    else:
        covers = boundary_chain(drawing.ground.land.shapes) == boundary_chain(as_array(delta.outline[1]))
    stands = all(before.land.cells.get(number) == shape for number, shape in delta.removed.items())
    if not is_sound or not covers or not stands:
        raise Conflict("the cells would not cover the community exactly: take the last cut back")


def _shapes(shapes: Iterable[shapely.Polygon]) -> GeometryArray:
    polygons = list(shapes)
    return as_array(polygons) if polygons else np.empty(0, dtype=np.object_)


def _close(view: View, cells: Iterable[str], moved: Iterable[str], *, now: datetime) -> None:
    gone = list(cells)
    for table, column, which in (
        (CellMembership, CellMembership.cell_id, [*gone, *moved]),
        (UnitCell, UnitCell.id, gone),
    ):
        if which:
            view.session.execute(
                update(table)
                .where(column.in_(which), table.valid_to.is_(None))
                .values(valid_to=now)
                .execution_options(synchronize_session=False)
            )


def _open(view: View, opened: OpenPlan, removed: Mapping[int, str], *, now: datetime) -> dict[int, str]:
    """Write the new cells and give their ids by number."""
    added = sorted(opened.drawing.delta.added.items())
    if not added:
        return {}
    fresh = {number: new_id() for number, _shape in added}
    kinds = _kinds(view, opened, removed)
    rows = [
        {
            "id": fresh[number],
            "community_id": view.community.id,
            "number": number,
            "kind": kinds[number],
            "geom": shape,
            "valid_from": now,
        }
        for number, shape in added
    ]
    view.session.execute(insert(UnitCell), rows)
    return fresh


def _kinds(view: View, opened: OpenPlan, removed: Mapping[int, str]) -> dict[int, CellKind]:
    """A cell that keeps its number keeps its kind; a piece is a building with its land, or a block."""
    old = view.session.execute(
        select(UnitCell.number, UnitCell.kind).where(UnitCell.id.in_(removed.values()))
    )
    known = {row.number: CellKind(row.kind) for row in old}
    cells = opened.drawing.ground.points.cell[: len(opened.base.objects.footprints)]
    built = set(cells.tolist())
    return {
        number: known.get(number, CellKind.BUILDING if number in built else CellKind.BLOCK)
        for number in opened.drawing.delta.added
    }


def _write_lineage(
    view: View, drawing: Drawing, removed: Mapping[int, str], fresh: Mapping[int, str]
) -> None:
    """Link each new cell to the closed ones whose land it has, with the part of theirs."""
    old, new = drawing.delta.removed, drawing.delta.added
    old_places, new_places, share = cell_shares(_shapes(old.values()), _shapes(new.values()))
    old_ids, new_ids = [removed[number] for number in old], [fresh[number] for number in new]
    rows = [
        {"old_id": old_ids[a], "new_id": new_ids[b], "share": part}
        for a, b, part in zip(old_places.tolist(), new_places.tolist(), share.tolist(), strict=True)
    ]
    if rows:
        view.session.execute(insert(CellLineage), rows)


def draw_outlines(view: View, opened: OpenPlan, ids: Mapping[str, str], *, at: datetime) -> None:
    """Store the outlines of the areas whose cells the plan has changed."""
    tree = load_tree(view.session, view.community.id, at=at)
    areas = _changed_areas(view, opened, ids, tree=tree)
    write_outlines(view.session, view.community.id, at=at, areas=areas, tree=tree)


def _changed_areas(view: View, opened: OpenPlan, ids: Mapping[str, str], *, tree: AreaTree) -> set[str]:
    """Ids of the areas of the community whose cells the plan changes, as they were and as they are.

    The community itself is among them only if its outline is redrawn.
    """
    delta, grounds = opened.drawing.delta, (opened.base.ground, opened.drawing.ground)
    cells = {*delta.owners, *delta.removed, *delta.added}
    micros = {ground.owner[cell] for ground in grounds for cell in cells if cell in ground.owner}
    areas = [
        area
        for known in (view.division.tree, tree)
        for micro in micros | set(delta.micros)
        for area in known.path(ids[micro])
    ]
    own = {area.id for area in areas if area.community_id == view.community.id}
    return own if delta.outline is not None else own - {view.community.id}
