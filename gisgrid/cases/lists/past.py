"""How cases stood at an earlier moment, from their logs.

Only of cases that something was written of since is the log read; of all others the row still says it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gisgrid.cases.core.case_state import CaseSnapshot, Event, replayed
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.store import event_of
from gisgrid.cases.core.workflow import CaseState
from gisgrid.errors import InvalidInput


def written_since(session: Session, among: ColumnElement[bool], at: datetime) -> frozenset[str]:
    """The ids of those cases whose log went on after a moment."""
    later = select(CaseLog.case_id).where(CaseLog.at > at)
    return frozenset(session.scalars(select(Case.id).where(among, Case.id.in_(later))))


def stood(session: Session, cases: Sequence[Case], at: datetime) -> dict[str, CaseSnapshot]:
    """How cases stood at a moment after their reports, by their ids; one statement reads all their logs.

    The steps of what another system told only later are not known: it counts as reported until it was
    closed. So does a case whose log doesn't follow the workflow.
    """
    lines = select(CaseLog).where(CaseLog.case_id.in_([case.id for case in cases]), CaseLog.at <= at)
    logs: dict[str, list[Event]] = defaultdict(list)
    for line in session.scalars(lines.order_by(CaseLog.at, CaseLog.id)):
        logs[line.case_id].append(event_of(line))
    return {case.id: _stood(case, logs[case.id], at) for case in cases}


def _stood(case: Case, log: Sequence[Event], at: datetime) -> CaseSnapshot:
    try:
        return replayed(log)
    except InvalidInput:
        was_closed = case.closed_at is not None and case.closed_at <= at
    if not was_closed:
        return CaseSnapshot(state=CaseState.REPORTED, due_at=case.due_at)
    return CaseSnapshot(
        state=CaseState(case.state),
        handler_id=case.handler_id,
        due_at=case.due_at,
        closed_at=case.closed_at,
        result=case.result,
    )
