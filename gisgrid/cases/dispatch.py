"""Giving many cases out at once: all of them, or none and for each why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.steps import take
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say

MOST: Final = 100
"""How many cases are given out at once."""


def dispatch_many(
    view: View, case_ids: Sequence[str], handler: str | None = None, *, now: datetime
) -> list[Case]:
    """Dispatch cases to somebody on duty, or each to who is proposed for it; see `gisgrid.cases.steps.take`.

    Raises
    ------
    NotAllowed
        The role dispatches nothing.
    InvalidInput
        Of each case that can't be dispatched its number and why; then the caller keeps none of them.
    """
    require(view.actor, Action.CASES_HANDLE)
    wanted = sorted(set(case_ids))
    if not 1 <= len(wanted) <= MOST:
        raise InvalidInput(say("1 to {most} cases are dispatched at once", most=MOST), field="ids")
    statement = select(Case.id, Case.number).where(Case.id.in_(wanted), visible_cases(view))
    numbers: dict[str, str] = dict(view.session.execute(statement).all())
    dispatched, faults = [], []
    for case_id in wanted:
        try:
            dispatched.append(take(view, case_id, CaseAction.DISPATCH, StepInput(handler=handler), now=now))
        except InvalidInput as error:
            faults += [_fault(numbers, case_id, fault.message) for fault in error.faults]
        except (Conflict, NotFound) as error:
            faults.append(_fault(numbers, case_id, error.args[0]))
    if faults:
        raise InvalidInput(faults)
    return dispatched


def _fault(numbers: dict[str, str], case_id: str, why: str) -> Fault:
    number = numbers.get(case_id)
    return Fault(message=say("{case}: {why}", case=number, why=why) if number else why, field="ids")
