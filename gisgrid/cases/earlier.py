"""How cases stood at an earlier moment, from their logs.

Only of cases that something was written of since is the log read; of all others the row still says it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gisgrid.cases.keeping import event_of, log_of
from gisgrid.cases.models import Case, CaseLog
from gisgrid.cases.standing import Standing, replayed
from gisgrid.cases.workflow import CaseState
from gisgrid.errors import InvalidInput


def written_since(session: Session, among: ColumnElement[bool], at: datetime) -> frozenset[str]:
    """The ids of those cases whose log went on after a moment."""
    later = select(CaseLog.case_id).where(CaseLog.at > at)
    return frozenset(session.scalars(select(Case.id).where(among, Case.id.in_(later))))


def stood(session: Session, case: Case, at: datetime) -> Standing:
    """How a case stood at a moment after its report.

    The steps of what another system told only later are not known: it counts as reported until it was
    closed. So does a case whose log doesn't follow the workflow.
    """
    try:
        return replayed(event_of(line) for line in log_of(session, case.id) if line.at <= at)
    except InvalidInput:
        was_closed = case.closed_at is not None and case.closed_at <= at
    if not was_closed:
        return Standing(state=CaseState.REPORTED, due_at=case.due_at)
    return Standing(
        state=CaseState(case.state),
        handler_id=case.handler_id,
        due_at=case.due_at,
        closed_at=case.closed_at,
        result=case.result,
    )
