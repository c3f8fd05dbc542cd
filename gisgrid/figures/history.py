"""The revisions of a community with what each of them changed, for the timeline."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import shapely
from sqlalchemy import func, select
from typing_extensions import TypedDict

from gisgrid.areas.answers import CodedName, GridPair, PublishedRow
from gisgrid.areas.changes import Changes, changes_by_revision
from gisgrid.areas.models import AreaOutline, PlacedKind, Placement, Revision, UnitCell
from gisgrid.areas.revisions import list_revisions
from gisgrid.areas.view import View
from gisgrid.places.models import Household

_SAME_LAND_DEG2: Final = 1e-10
"""Outlines that differ by less, about one square metre, have been rounded otherwise."""


class DivisionChanges(TypedDict):
    """What a revision changed: how many cells and households passed to another grid, and which grids."""

    grids: int
    new_cells: int
    closed_cells: int
    opened: list[CodedName]
    closed: list[CodedName]
    renamed: list[CodedName]
    split: list[GridPair]
    merged: list[GridPair]
    changed: list[str]
    cells: int
    households: int
    outline: bool


class RevisionRow(PublishedRow):
    """A division there has been, or one that waits for its day, with what it changed."""

    changes: DivisionChanges


def revision_history(view: View) -> list[RevisionRow]:
    """The revisions, newest first, each with ``changes``: counts of cells and households, lists of grids.

    ``outline`` tells whether it changed the outline of the community; the first one draws it.
    ``households`` are those known today that lie, or lay, in the cells that passed to another grid: how many
    lived there then is not known.
    """
    rows = list_revisions(view)
    changes, homes, outlined = view.remembered("history", make=lambda: _changes(view))
    return [
        {
            **row,
            "changes": _changed(
                changes.get(row["id"], Changes()), homes, has_outline=row["revision"] in outlined
            ),
        }
        for row in rows
    ]


def _changes(view: View) -> tuple[dict[str, Changes], dict[str, int], frozenset[int]]:
    community = view.community.id
    # By their cells: a household that went to another community since lay in this one's cells then.
    own = select(UnitCell.id).where(UnitCell.community_id == community)
    now = select(Household.cell_id, func.count()).where(Household.cell_id.in_(own))
    past = select(Placement.cell_id, func.count(func.distinct(Placement.object_id))).where(
        Placement.kind == PlacedKind.HOUSEHOLD, Placement.cell_id.in_(own)
    )
    homes: dict[str, int] = {}
    for statement in (now.group_by(Household.cell_id), past.group_by(Placement.cell_id)):
        for cell, count in view.session.execute(statement):
            if cell is not None:
                homes[cell] = homes.get(cell, 0) + count
    return changes_by_revision(view.session, community), homes, _outlined(view)


def _outlined(view: View) -> frozenset[int]:
    """Numbers of the revisions since whose day the community has another outline than before."""
    rows = view.session.execute(
        select(Revision.number, AreaOutline.geom)
        .join(AreaOutline, AreaOutline.valid_from == Revision.effective_at)
        .where(Revision.community_id == view.community.id, AreaOutline.area_id == view.community.id)
        .order_by(Revision.effective_at, Revision.number)
    ).all()
    # Land on which a vertex was added is the same land.
    return frozenset(
        row.number
        for before, row in pairwise(rows)
        if shapely.area(shapely.symmetric_difference(before.geom, row.geom)) > _SAME_LAND_DEG2
    )


def _changed(changes: Changes, homes: dict[str, int], *, has_outline: bool) -> DivisionChanges:
    return {
        "grids": changes.grids,
        "new_cells": changes.new_cells,
        "closed_cells": changes.closed_cells,
        "opened": changes.opened,
        "closed": changes.closed,
        "renamed": changes.renamed,
        "split": changes.split,
        "merged": changes.merged,
        "changed": sorted(changes.changed, key=lambda code: (len(code), code)),
        "cells": len(changes.moved),
        "households": sum(homes.get(cell, 0) for cell in changes.moved),
        "outline": has_outline,
    }
