"""What steps of the workflow do to a case's time limit: going on, a new deadline, being opened again."""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.deadlines import CaseDeadline, extended, pauses_of, reopened, resumed
from gisgrid.cases.deadlines.rule_versions import Books


def deadline_after(
    view: View, case: Case, action: CaseAction, *, until: datetime | None, at: datetime
) -> CaseDeadline | None:
    """The deadline of a case after a step at an instant; nothing where the step leaves it as it is."""
    books = Books(view.session, view.tz)
    match action:
        case CaseAction.RESUME:
            return resumed(books, case, pauses=pauses_of(view.session, [case.id])[case.id], now=at)
        case CaseAction.EXTEND if until is not None:
            pauses = pauses_of(view.session, [case.id])[case.id]
            return extended(books, case, until, pauses=pauses, now=at)
        case CaseAction.REOPEN:
            return reopened(books, case, now=at)
    return None
