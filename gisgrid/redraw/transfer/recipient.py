"""The other side of a grid that is given away: the community that takes it in, as it would be drawn there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gisgrid.access.actors import NOBODY
from gisgrid.areas.models import Level
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.errors import Conflict, InvalidInput, NotFound, say
from gisgrid.geometry.edits import Ground, apply, fitted, take_in
from gisgrid.geometry.edits.codes import next_grid_code, next_micro_code
from gisgrid.geometry.edits.fit import Fitted
from gisgrid.redraw.edits.drawn_plan import Drawing, Transfer
from gisgrid.redraw.ground.plan_ground import base_of
from gisgrid.redraw.plans.schedule import waiting_revisions
from gisgrid.redraw.plans.store import OpenPlan


@dataclass(frozen=True, kw_only=True)
class Reception:
    """How a community takes a grid in.

    ``view``: at that community; ``opened``: the plan as drawn on its ground. ``numbers``: new numbers of the
    cells by those they had. ``codes``: new codes of the grid and its micro grids by the old ones.
    ``parent``: id of the area the grid comes under.
    """

    view: View
    opened: OpenPlan
    numbers: Mapping[int, int]
    codes: Mapping[str, str]
    parent: str


def view_of_recipient(view: View, code: str, *, caches: Caches, now: datetime) -> View:
    """A view of the community that takes a grid in. Where it lies everybody may know.

    Raises
    ------
    InvalidInput
        There is no such community, or it is the one the grid is in.
    """
    asked = ViewRequest(community=code)
    try:
        there = open_view(view.session, NOBODY, asked, caches=caches, now=now, tz=view.tz)
    except NotFound:
        raise InvalidInput(say("no community with the code {code}", code=code), field="to") from None
    if there.community.id == view.community.id:
        raise InvalidInput("the grid is in this community already", field="to")
    return replace(there, actor=view.actor)


def reception_of(
    view: View, opened: OpenPlan, transfer: Transfer, *, caches: Caches, now: datetime
) -> Reception:
    """The community that takes a grid in, with the grid; looked at as both are now.

    Raises
    ------
    InvalidInput
        No such community or parent, or the two don't share a border that fits exactly.
    Conflict
        A revision of that community waits for its day.
    """
    there = view_of_recipient(view, transfer.to, caches=caches, now=now)
    if waiting_revisions(view.session, there.community.id, now=now):
        message = say("a revision of community {code} waits for its day: withdraw it first", code=transfer.to)
        raise Conflict(message)
    if there.community.id not in there.division.outlines:
        raise InvalidInput("the two communities have no border in common there", field="to")
    base, given = base_of(there), opened.base.ground
    cells = {number: given.land.cells[number] for number in given.grids[transfer.grid]}
    come = fitted(base.ground, cells)
    beside = _beside(base.ground, come)
    grid = next_grid_code(beside, grids=base.ground.grids, used=base.ground.used)
    codes = _codes(base.ground, grid, given.subdivision[transfer.grid])
    micros = {number: codes[given.owner[number]] for number in cells}
    delta, numbers = take_in(base.ground, come, grid=grid, micros=micros)
    codes = {transfer.grid: grid, **codes}
    drawing = Drawing(ground=apply(base.ground, delta), delta=delta, names=_names(view, codes))
    drawn = OpenPlan(plan=opened.plan, edits=(), undone=(), base=base, drawing=drawing)
    parent = _parent(there, beside, transfer.parent)
    return Reception(view=there, opened=drawn, numbers=numbers, codes=codes, parent=parent)


def _beside(ground: Ground, come: Fitted) -> str:
    """The grid with the longest border to what comes; ties: the lowest code."""
    metres: dict[str, float] = {}
    for cell, length in come.metres.items():
        grid = ground.grid_at(cell)
        metres[grid] = metres.get(grid, 0.0) + length
    return min(metres, key=lambda grid: (-round(metres[grid], 2), len(grid), grid))


def _codes(ground: Ground, grid: str, micros: tuple[str, ...]) -> dict[str, str]:
    """New codes of micro grids in a new grid, by the old ones."""
    given: dict[str, str] = {}
    for micro in micros:
        given[micro] = next_micro_code(grid, micros=given.values(), used=ground.used)
    return given


def _names(view: View, codes: Mapping[str, str]) -> dict[str, str]:
    """The names that areas keep, by their new codes."""
    names = {area.code: area.name for area in view.division.tree.areas.values()}
    return {new: names.get(old, new) for old, new in codes.items()}


def _parent(there: View, beside: str, wanted: str | None) -> str:
    """Id of the area a grid comes under: the one that is named, else that of the grid beside it."""
    tree = there.division.tree
    if wanted is None:
        return tree.by_code(beside).parent_id or there.community.id
    area = next((area for area in tree.areas.values() if area.code == wanted), None)
    below = {Level.GRID, Level.MICRO_GRID}
    if area is None or area.community_id != there.community.id or area.level in below:
        message = say(
            "no area of community {to} that holds grids has the code {code}",
            to=there.community.code,
            code=wanted,
        )
        raise InvalidInput(message, field="parent")
    return area.id
