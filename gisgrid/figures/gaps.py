"""What is missing in the records, one by one, each with the step that mends it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.areas.answers import GridPlace, grid_place
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import is_open, visible_cases
from gisgrid.figures.counts import is_here
from gisgrid.figures.tables import FigureTable, legend
from gisgrid.labels.figures import UNITS
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.core.scope import answerable
from gisgrid.people.freshness import AGEING_DAYS, Freshness, last_verified
from gisgrid.places.models import Household

MOST: Final = 200
"""How many lines of each step the list holds; ``meta.totals`` tells how many there are."""


class GapStep(StrEnum):
    """What is to be done next with something that is incomplete or no longer fresh."""

    POSITION = "position"
    PLACE = "place"
    VERIFY = "verify"
    CASE_POSITION = "case_position"


class GapRow(GridPlace):
    """Something incomplete or no longer fresh, and the next step."""

    step: str
    kind: str
    id: str
    title: str
    lon: float | None
    lat: float | None
    verified_at: str | None


def record_gaps(view: View, *, grid: str | None = None, step: GapStep | None = None) -> FigureTable[GapRow]:
    """Addresses without a position or a grid, households to verify, open cases without a position.

    Each row has ``step, kind`` (household or case), ``id, title, grid, lon, lat, verified_at``. Members get
    those of their own grids; addresses in no grid are for who has the review list. Who refused or withdrew is
    not to be visited for this. ``meta.totals``: how many there are by step.
    """
    require(view.actor, Action.PERSONS_LIST)
    cells = _cells_of(view, grid)
    rows: list[GapRow] = []
    totals: dict[str, int] = {}
    for gap_step in [step] if step else list(GapStep):
        step_rows, total = _of_step(view, gap_step, cells)
        rows += step_rows
        totals[gap_step.value] = total
    unit = UNITS["records"]
    meta = legend(view, unit=unit, level=Level.GRID, records=sum(totals.values()), totals=totals, most=MOST)
    return FigureTable(rows=rows, meta=meta)


def _cells_of(view: View, grid: str | None) -> frozenset[str] | None:
    """Cells of a grid by its code; nothing where all are asked for."""
    if grid is None:
        return None
    owners = view.division.owner_at(Level.GRID)
    return frozenset(cell for cell, area in owners.items() if area.code == grid)


def _of_step(view: View, step: GapStep, cells: frozenset[str] | None) -> tuple[list[GapRow], int]:
    if step == GapStep.CASE_POSITION:
        return _cases(view, cells)
    return _households(view, step, cells)


def _households(view: View, step: GapStep, cells: frozenset[str] | None) -> tuple[list[GapRow], int]:
    fresh = Freshness.of(view)
    condition = _condition(view, step, fresh)
    if cells is not None:
        condition = condition & Household.cell_id.in_(cells)
    total = fresh.joined(select(func.count()).select_from(Household)).where(condition)
    columns = (
        Household.id,
        Household.std_address,
        Household.cell_id,
        Household.last_verified_at,
        fresh.answered.c.at.label("answered_at"),
        func.ST_X(Household.position).label("lon"),
        func.ST_Y(Household.position).label("lat"),
    )
    statement = fresh.joined(select(*columns).select_from(Household)).where(condition)
    result = view.session.execute(statement.order_by(*_oldest_first(view, fresh)).limit(MOST))
    return [_home(view, step, row) for row in result], view.session.scalar(total) or 0


def _oldest_first(view: View, fresh: Freshness) -> tuple[ColumnElement[Any], ...]:
    """Never verified first, then by the later of mark and answer."""
    marked, answered = Household.last_verified_at, fresh.answered.c.at
    is_marked = and_(marked.is_not(None), marked <= view.when.at, or_(answered.is_(None), marked > answered))
    later = case((is_marked, marked), else_=answered)
    return later.is_not(None), later, Household.std_address.expression


def _condition(view: View, step: GapStep, fresh: Freshness) -> ColumnElement[bool]:
    here, has_position = is_here(view), Household.position.is_not(None)
    if step == GapStep.VERIFY:
        is_to_visit = or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT))
        is_old = ~func.coalesce(fresh.within(AGEING_DAYS), False)
        return answerable(view) & is_to_visit & is_old & has_position
    own = here if may(view.actor, Action.REVIEW_VIEW) else here & Household.cell_id.in_(view.own_cells)
    if step == GapStep.PLACE:
        reviews = may(view.actor, Action.REVIEW_VIEW)
        return own & has_position & Household.cell_id.is_(None) if reviews else false()
    return own & ~has_position


def _home(view: View, step: GapStep, row: Any) -> GapRow:
    verified_at = last_verified(view, row.last_verified_at, row.answered_at)
    grid = view.division.grid_of(row.cell_id)
    return {
        "step": step.value,
        "kind": "household",
        "id": row.id,
        "title": row.std_address,
        **grid_place(grid),
        "lon": row.lon,
        "lat": row.lat,
        "verified_at": verified_at.astimezone(view.tz).date().isoformat() if verified_at else None,
    }


def _cases(view: View, cells: frozenset[str] | None) -> tuple[list[GapRow], int]:
    if not may(view.actor, Action.CASES_HANDLE):
        return [], 0
    condition = visible_cases(view) & Case.position.is_(None) & is_open()
    if cells is not None:
        condition = condition & Case.cell_id.in_(cells)
    statement = select(Case.id, Case.number, Case.address, Case.cell_id).where(condition)
    result = view.session.execute(statement.order_by(Case.reported_at, Case.fid).limit(MOST))
    total = view.session.scalar(select(func.count()).select_from(Case).where(condition)) or 0
    return [_case(view, row) for row in result], total


def _case(view: View, row: Any) -> GapRow:
    grid = view.division.grid_of(row.cell_id)
    title = " ".join(part for part in (row.number, row.address) if part)
    return {
        "step": GapStep.CASE_POSITION.value,
        "kind": "case",
        "id": row.id,
        "title": title,
        **grid_place(grid),
        "lon": None,
        "lat": None,
        "verified_at": None,
    }
