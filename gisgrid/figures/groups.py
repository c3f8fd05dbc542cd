"""Rows of a level: the areas, or the compounds, that cells are counted into."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from sqlalchemy import select

from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import cell_at, is_of
from gisgrid.areas.view import View
from gisgrid.crs import IntArray
from gisgrid.places.models import Building, Compound
from gisgrid.places.queries import compounds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One row of a table by area: ``key`` is its id, ``parent`` the code above it."""

    key: str
    code: str
    name: str
    parent: str | None


@dataclass(frozen=True)
class Groups:
    """The rows of a level in their order, and which row each cell counts into."""

    level: Level
    rows: tuple[GroupRow, ...]
    of_cell: dict[str, str]

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each row's key stands."""
        return {row.key: position for position, row in enumerate(self.rows)}

    def index_of(self, cells: pd.Series[str]) -> IntArray:
        """For each cell id the row it counts into, -1 for a missing cell or one outside all rows."""
        place = {cell: self.positions[key] for cell, key in self.of_cell.items()}
        return np.asarray(cells.map(place).fillna(-1), dtype=np.int64)

    def frame(self) -> pd.DataFrame:
        """Columns ``code``, ``name``, ``parent``, one row per group."""
        parts = [(row.code, row.name, row.parent) for row in self.rows]
        return pd.DataFrame(parts, columns=["code", "name", "parent"])


def groups_of(view: View, level: Level) -> Groups:
    """The groups of a level. Compounds that are no area level are told by their buildings."""
    owners = view.division.owner_at(level)
    if level == Level.COMPOUND and not owners:
        return view.remembered("compounds", make=lambda: _places(view))
    tree = view.division.tree
    rows = tuple(
        GroupRow(
            key=area.id,
            code=area.code,
            name=area.name,
            parent=tree.areas[area.parent_id].code if area.parent_id in tree.areas else None,
        )
        for area in tree.at_level(level)
    )
    return Groups(level, rows, {cell: area.id for cell, area in owners.items()})


def _places(view: View) -> Groups:
    """Compounds as places: a cell counts into the compound that most of its buildings name."""
    session, community = view.session, view.community
    compounds = session.execute(
        select(Compound.id, Compound.name).where(compounds_of(view)).order_by(Compound.name)
    ).all()
    cell = cell_at(PlacedKind.BUILDING, Building.id, Building.cell_id, view.when)
    named = session.execute(
        select(cell, Building.compound_id).where(
            is_of(view, PlacedKind.BUILDING, Building), Building.compound_id.is_not(None)
        )
    ).all()
    votes: dict[str, Counter[str]] = {}
    for cell_id, compound_id in named:
        if cell_id is not None:
            votes.setdefault(cell_id, Counter())[compound_id] += 1
    of_cell = {cell_id: min(counts, key=lambda key: (-counts[key], key)) for cell_id, counts in votes.items()}
    rows = tuple(
        GroupRow(key=row.id, code=row.name, name=row.name, parent=community.code) for row in compounds
    )
    return Groups(Level.COMPOUND, rows, of_cell)
