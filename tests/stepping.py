"""The two steps that most tests take, without their whole form."""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.steps import take


def start(view: View, case_id: str, *, now: datetime) -> Case:
    """Take a case in hand; the actor's worker becomes its handler. See :func:`gisgrid.cases.steps.take`."""
    return take(view, case_id, CaseAction.START, now=now)


def close(view: View, case_id: str, result: str, *, now: datetime) -> Case:
    """Close a case with its result; nothing is noted of how the person served was told."""
    return take(view, case_id, CaseAction.CLOSE, StepInput(result=result), now=now)
