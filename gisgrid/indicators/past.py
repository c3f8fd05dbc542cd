"""How cases stood at an earlier moment in what a later step has changed in their rows; the log tells it.

A deadline moves when a case goes on after a suspension, is put off, is opened again, or when another system
says another one; each such line of the log keeps the new one. How a case stood closed that was opened again
is told by the line that closed it. The log is asked for those cases alone: of others the row still holds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.cases.core.case_state import IMPORTED, Resolution
from gisgrid.cases.core.models import CaseLog
from gisgrid.cases.core.workflow import CaseAction, CaseState
from gisgrid.storage.dialect import instant_of

_SETTLED: Final = (CaseState.CLOSED, CaseState.RATED)
_MOVING: Final = (CaseAction.RESUME, CaseAction.EXTEND, CaseAction.REOPEN, IMPORTED)


def dues_at(session: Session, until: datetime) -> Subquery:
    """When cases fell due as of a moment, of those whose deadline may have moved since: ``case_id, due_at``.

    A case whose log tells no deadline from before that moment is left out: logs from before there was a
    workflow keep none.
    """
    due = CaseLog.details["due"].as_string()
    lines = _last_lines(
        instant_of(session, due).label("due_at"),
        and_(due.is_not(None), CaseLog.case_id.in_(_stepped_since(until, _MOVING))),
        until,
    )
    return select(lines.c.case_id, lines.c.due_at).where(lines.c.place == 1).subquery("dues")


def ends_at(session: Session, until: datetime) -> Subquery:
    """How cases stood closed as of a moment, of those that were opened again since.

    ``case_id``, ``closed_at`` and ``resolution``, both nothing where a case was open then.
    """
    came = and_(CaseLog.action == IMPORTED, CaseLog.to_state.in_(_SETTLED))
    closes = CaseLog.action == CaseAction.CLOSE
    at_once = case((CaseLog.from_state == CaseState.REPORTED, Resolution.ON_SPOT), else_=Resolution.HANDLED)
    resolution = func.coalesce(CaseLog.details["resolution"].as_string(), at_once)
    came_at = instant_of(session, CaseLog.details["closed"].as_string())
    lines = _last_lines(
        case((closes, CaseLog.at), (came, came_at)).label("closed_at"),
        and_(
            or_(closes, came, CaseLog.action == CaseAction.REOPEN),
            CaseLog.case_id.in_(_stepped_since(until, (CaseAction.REOPEN,))),
        ),
        until,
        case((closes, resolution)).label("resolution"),
    )
    columns = (lines.c.case_id, lines.c.closed_at, lines.c.resolution)
    return select(*columns).where(lines.c.place == 1).subquery("ends")


def _stepped_since(until: datetime, actions: tuple[str, ...]) -> Select[Any]:
    return select(CaseLog.case_id).where(CaseLog.at > until, CaseLog.action.in_(actions))


def _last_lines(
    column: ColumnElement[Any], which: ColumnElement[bool], until: datetime, *more: ColumnElement[Any]
) -> Subquery:
    """Lines up to a moment, each with its ``place`` in the log of its case, the last one first."""
    order = func.row_number().over(
        partition_by=CaseLog.case_id, order_by=(CaseLog.at.desc(), CaseLog.id.desc())
    )
    columns = (CaseLog.case_id, column, order.label("place"), *more)
    return select(*columns).where(CaseLog.at <= until, which).subquery()
