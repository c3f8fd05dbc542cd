"""How cases and disputes stand by their logs alone: the oracle of what their rows say."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from gisgrid.cases.core import case_state
from gisgrid.cases.core.case_state import CaseSnapshot
from gisgrid.cases.core.store import event_of, log_of
from gisgrid.cases.disputes.pipeline import (
    DisputeEvent,
    DisputeSnapshot,
    DisputeStage,
    DisputeStep,
    applied,
)
from gisgrid.cases.disputes.store import entries_of


def rebuilt(session: Session, case_id: str) -> CaseSnapshot:
    """How a case stands by its log alone.

    Raises
    ------
    InvalidInput
        The log leads elsewhere than the workflow.
    """
    found = case_state.replayed(event_of(row) for row in log_of(session, case_id))
    order = sorted(found.co_handlers, key=lambda one: (one.asked_at, one.worker_id))
    return replace(found, co_handlers=tuple(order))


def rebuilt_dispute(session: Session, case_id: str) -> DisputeSnapshot:
    """How a dispute stands by its log alone, from a clue on."""
    snapshot = DisputeSnapshot()
    for row in entries_of(session, case_id):
        event = DisputeEvent(
            step=DisputeStep(row.step),
            at=row.at,
            from_stage=DisputeStage(row.from_stage),
            to_stage=DisputeStage(row.to_stage),
            details=row.details,
        )
        snapshot = applied(snapshot, event)
    return snapshot
