"""Small counts of persons, hidden over all levels that may be shown together.

Hiding one level by itself isn't enough: a hidden sub-area comes back as the sum of its shown grids. So the
counts of every nesting level are protected at once, always in the same way, whichever level is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import Related, suppress_levels
from gisgrid.analysis.withheld import Withheld, reason_of
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.figures.groups import Groups, groups_of

_NESTING: Final = (
    Level.SUBDISTRICT,
    Level.COMMUNITY,
    Level.SUB_AREA,
    Level.COMPOUND,
    Level.GRID,
    Level.MICRO_GRID,
)

Count = Callable[[Groups, frozenset[str]], pd.DataFrame]
"""Counts per row of a level, leaving out some cells (ids)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Which columns of a table are counts of persons or confidential cases, and how they hang together."""

    columns: Sequence[str]
    related: Related = field(default_factory=Related)


def guarded(
    view: View, level: Level, count: Count, guard: Guard, *, untold: Withheld | None = None
) -> pd.DataFrame:
    """``code, name, parent``, the counts of a level as the actor may see them, ``suppressed``, ``reason``.

    Exact for roles with exact counts. For others small counts are hidden; what a member knows of the own
    grids is taken out before, so those rows stay exact and give nothing else away. All counts are hidden but
    those of the own grids where two answers could be subtracted: if ``untold`` says why; of a day that is
    over, since the same people by the borders of before and after tell who lives between them; and of
    compounds that are no areas, whose borders cross those of the grids.
    """
    groups = groups_of(view, level)
    frame = groups.frame().join(count(groups, frozenset()))
    if view.actor.sees_exact_counts or not guard.columns:
        return named(frame, [[] for _ in range(len(frame))])
    known = _known_cells(view)
    chain = [nested_level for nested_level in _NESTING if view.division.tree.at_level(nested_level)]
    if untold or view.when.is_past or level not in chain:
        return _without(frame, _all_but(groups, known, guard), guard, why=untold or Withheld.NOT_SHOWN)
    hidden = _protected(view, chain, count, guard=guard, known=known)[chain.index(level)]
    return _without(frame, hidden, guard)


def _all_but(groups: Groups, known: frozenset[str], guard: Guard) -> pd.DataFrame:
    """Every figure named as hidden, except in rows that the actor knows cell by cell."""
    unknown = {key for cell, key in groups.of_cell.items() if cell not in known}
    whole = set(groups.of_cell.values()) - unknown
    names = [*guard.columns, *guard.related.derived]
    rows = [[] if row.key in whole else list(names) for row in groups.rows]
    return pd.DataFrame({"suppressed": pd.Series(rows, dtype=object)})


def _known_cells(view: View) -> frozenset[str]:
    """Cells whose persons the actor knows one by one."""
    if view.actor.role != Role.MEMBER:
        return frozenset()
    return view.own_cells


def _protected(
    view: View, chain: Sequence[Level], count: Count, *, guard: Guard, known: frozenset[str]
) -> list[pd.DataFrame]:
    tables = []
    for place, nested_level in enumerate(chain):
        groups = groups_of(view, nested_level)
        above = pd.Series([_above(view, row.key, chain[:place]) for row in groups.rows], dtype=object)
        tables.append(groups.frame().assign(parent=above).join(count(groups, known)))
    return suppress_levels(tables, guard.columns, related=guard.related)


def _above(view: View, area_id: str, chain: Sequence[Level]) -> str | None:
    """Code of the nearest area above, of a level that is shown."""
    path = view.division.tree.path(area_id)[:-1]
    return next((area.code for area in reversed(path) if area.level in chain), None)


def _without(
    frame: pd.DataFrame, hidden: pd.DataFrame, guard: Guard, *, why: Withheld = Withheld.NOT_SHOWN
) -> pd.DataFrame:
    """The full frame with the figures left out that ``hidden`` names per row."""
    names = [list(suppressed) for suppressed in hidden["suppressed"]]
    result = frame.astype(dict.fromkeys({*guard.columns, *guard.related.derived}, object))
    for name in {*guard.columns, *guard.related.derived}:
        result.loc[np.array([name in suppressed for suppressed in names], dtype=np.bool_), name] = None
    return named(result, names, why)


def named(
    frame: pd.DataFrame, names: Sequence[Sequence[str]], why: Withheld = Withheld.NOT_SHOWN
) -> pd.DataFrame:
    """The frame with ``suppressed``, what of each row is withheld, and ``reason``, the sign it gets."""
    reasons = [reason_of(withheld, why) for withheld in names]
    return frame.assign(
        suppressed=pd.Series([list(withheld) for withheld in names], index=frame.index, dtype=object),
        reason=pd.Series(reasons, index=frame.index, dtype=object),
    )
