"""Who serves which grid before and after a plan, and who may be given a duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Duty, DutyKind, Worker
from gisgrid.areas.models import Area
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.duty_changes import DutyChange, Served, changed
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.storage.base import valid_at

Serving = Mapping[str, frozenset[Served]]
"""Who serves each area, by its code."""

INHERITED: Final = frozenset(
    {
        DutyKind.GRID_MEMBER,
        DutyKind.GRID_SUPERVISOR,
        DutyKind.COMMUNITY_POLICE,
        DutyKind.PARTY_CADRE,
    }
)
"""What a grid has from the one it came out of, until it is given others."""


class DutyCandidate(TypedDict):
    """Somebody a duty can be given to."""

    id: str
    name: str
    kinds: list[str]
    areas: list[str]
    primary: list[str]


def serving_at(view: View, at: datetime) -> dict[str, frozenset[Served]]:
    """Who serves the areas of the division looked at, at an instant."""
    codes = {area.id: area.code for area in view.division.tree.areas.values()}
    rows = view.session.execute(
        select(Duty.area_id, Duty.worker_id, Duty.kind, Duty.is_primary)
        .where(Duty.area_id.in_(codes), valid_at(Duty, at))
        .order_by(Duty.is_primary)
    )
    serving: dict[str, set[Served]] = {}
    for area_id, worker, kind, is_primary in rows:
        if area_id is not None:
            served = Served(worker=worker, kind=kind, is_primary=is_primary)
            serving.setdefault(codes[area_id], set()).add(served)
    return {code: frozenset(every) for code, every in serving.items()}


def serving_before(view: View) -> dict[str, frozenset[Served]]:
    """Who serves the areas of the division a plan is drawn on."""
    is_other = not view.when.is_past and view.division.revision != view.present.revision
    return serving_at(view, view.division.at if is_other else view.when.at)


def serving_after(before: Serving, base: PlanGround, drawing: Drawing) -> dict[str, frozenset[Served]]:
    """Who serves once the plan holds: new grids and micro grids inherit, gone ones are served by nobody."""
    grids, known = drawing.ground.grids, base.ground.grids
    micros = drawing.ground.grid_of
    serving = {code: served for code, served in before.items() if code in grids or code in micros}
    above = {code: served for code, served in before.items() if not _is_drawn(code, base)}
    for code in grids.keys() - known.keys():
        source = before.get(origin_of(drawing, code, known), frozenset())
        serving[code] = frozenset(duty for duty in source if duty.kind in INHERITED)
    for code in micros.keys() - base.ground.grid_of.keys():
        source_code = origin_of(drawing, code, base.ground.grid_of)
        if source_code in base.ground.grid_of:
            serving[code] = before.get(source_code, frozenset())
    for change in drawing.duties:
        if _is_open(change, drawing):
            serving[change.area] = changed(serving.get(change.area, frozenset()), change)
    return above | serving


def _is_drawn(code: str, base: PlanGround) -> bool:
    return code in base.ground.grids or code in base.ground.grid_of


def _is_open(change: DutyChange, drawing: Drawing) -> bool:
    return change.area in drawing.ground.grids or change.area in drawing.ground.grid_of


def origin_of(drawing: Drawing, code: str, known: Iterable[str]) -> str:
    """The grid of the revision that a new one came out of, over however many edits."""
    origin, seen = drawing.delta.origin, set(known)
    while code not in seen and code in origin:
        seen.add(code)
        code = origin[code]
    return code


def primaries(served: Iterable[Served]) -> list[str]:
    """The primary grid members among those who serve a grid, by their ids."""
    return sorted(duty.worker for duty in served if duty.is_primary and duty.kind == DutyKind.GRID_MEMBER)


def changed_duties(before: Serving, after: Serving, codes: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """For each area whose duties change those that end and those that begin."""
    changes = {}
    for code in codes:
        was, will = before.get(code, frozenset()), after.get(code, frozenset())
        if was != will:
            changes[code] = (was - will, will - was)
    return changes


def refuse_strangers(view: View, base: PlanGround, drawing: Drawing, change: DutyChange) -> None:
    """Refuse a duty for somebody who is not of this community, or the end of one that isn't there.

    Raises
    ------
    InvalidInput
        There is no such worker.
    Conflict
        Nothing to end.
    """
    drawing.ground.cells_of(change.area)
    if change.served.worker not in {row["id"] for row in _workers(view)}:
        raise InvalidInput("there is no such worker in this community", field="worker")
    known = serving_after(serving_before(view), base, drawing).get(change.area, frozenset())
    if changed(known, change) == known:
        raise Conflict("this duty is as it is already")


def workers(view: View, kind: str | None = None) -> list[DutyCandidate]:
    """Whom a duty can be given: those who serve here, with their grids, and those who serve nowhere yet."""
    require(view.actor, Action.REDRAW_EDIT)
    people = _workers(view)
    return people if kind is None else [row for row in people if kind in row["kinds"] or not row["kinds"]]


def _workers(view: View) -> list[DutyCandidate]:
    own = select(Area.id).where(Area.community_id == view.community.id)
    served_here = select(Duty.worker_id).where(Duty.area_id.in_(own))
    is_free = Worker.id.not_in(select(Duty.worker_id))
    rows = view.session.execute(
        select(Worker.id, Worker.name)
        .where(Worker.id.in_(served_here) | is_free)
        .order_by(Worker.name, Worker.id)
    ).all()
    duties: dict[str, list[tuple[str, Served]]] = {}
    for code, served in serving_before(view).items():
        for duty in served:
            duties.setdefault(duty.worker, []).append((code, duty))
    return [_worker(row.id, row.name, duties.get(row.id, [])) for row in rows]


def _worker(worker_id: str, name: str, duties: list[tuple[str, Served]]) -> DutyCandidate:
    primary = sorted(code for code, duty in duties if duty.is_primary)
    kinds = sorted({duty.kind for _code, duty in duties})
    areas = sorted({code for code, _one in duties})
    return {"id": worker_id, "name": name, "kinds": kinds, "areas": areas, "primary": primary}


def worker_names(view: View, ids: Iterable[str]) -> dict[str, str]:
    """Names of people on duty by their ids: duty data, shown to everybody."""
    rows = view.session.execute(select(Worker.id, Worker.name).where(Worker.id.in_(set(ids))))
    return {row.id: row.name for row in rows}
