"""How many cases were closed within their time: those that fell due in a period, by when they were due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.look import Look
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placing import is_of
from gisgrid.cases.models import Case
from gisgrid.cases.workflow import CaseState
from gisgrid.days import Period

_LEFT_OUT: Final = (CaseState.SUSPENDED, CaseState.REJECTED, CaseState.VOID)
"""Cases that owe nobody an end: suspended now, or none at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """``due``: cases that had to be closed in a period; of them ``closed``, and ``on_time`` of these."""

    due: int
    closed: int
    on_time: int

    @property
    def closure_rate(self) -> float | None:
        """Closed of due; nothing where none was due."""
        return self.closed / self.due if self.due else None

    @property
    def on_time_closure_rate(self) -> float | None:
        """Closed on time of due; nothing where none was due."""
        return self.on_time / self.due if self.due else None


def punctuality_of(look: Look, period: Period, *, now: datetime) -> Punctuality:
    """Count the cases of the community that fell due in a period, up to now.

    A case counts in the period its deadline lies in, whenever it was reported. What was closed after now is
    open.
    """
    require(look.actor, Action.FIGURES_VIEW)
    is_closed = Case.closed_at <= now
    statement = select(
        func.count(),
        func.count().filter(is_closed),
        func.count().filter(is_closed, Case.closed_at <= Case.due_at),
    ).where(
        is_of(look, PlacedKind.CASE, Case),
        Case.due_at >= period.start,
        Case.due_at < period.end,
        Case.due_at <= now,
        Case.state.not_in(_LEFT_OUT),
    )
    due, closed, on_time = look.session.execute(statement).one()
    return Punctuality(due=due, closed=closed, on_time=on_time)
