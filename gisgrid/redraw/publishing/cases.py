"""Open cases that go to another grid get its member; the one who had them stays in their log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.audit import record
from gisgrid.areas.look import Look
from gisgrid.cases.models import Case, CaseLog
from gisgrid.cases.reading import without_texts
from gisgrid.cases.scope import is_open
from gisgrid.redraw.duties import worker_names
from gisgrid.redraw.passing import Pass
from gisgrid.storage.base import new_id

HANDED_OVER = "hand_over"
_MOST = 500


def hand_cases_over(look: Look, passed: Sequence[Pass], *, now: datetime) -> int:
    """Give the open cases that passed to the primary member of their new grid; gives how many.

    Where the new grid has no member they stay with whom they are. Leaves one audit entry.
    """
    takers = {case: one.taker for one in passed for case in one.cases if one.taker is not None}
    cases = [case for case in _cases(look, sorted(takers)) if case.handler_id != takers[case.id]]
    known = {*takers.values(), *(case.handler_id for case in cases)}
    names = worker_names(look, [worker for worker in known if worker])
    for case in cases:
        taker = takers[case.id]
        told = (names.get(case.handler_id or "", "–"), names.get(taker or "", "–"))
        case.handler_id = taker
        look.session.add(_logged(look, case, told, now=now))
    if cases:
        record(look.session, look.actor, "cases:hand_over", "case", now=now, count=len(cases))
    return len(cases)


def _cases(look: Look, ids: Sequence[str]) -> list[Case]:
    found: list[Case] = []
    for first in range(0, len(ids), _MOST):
        some = Case.id.in_(ids[first : first + _MOST])
        found += look.session.scalars(select(Case).where(some, is_open()).options(*without_texts()))
    return found


def _logged(look: Look, case: Case, told: tuple[str, str], *, now: datetime) -> CaseLog:
    return CaseLog(
        id=new_id(),
        case_id=case.id,
        at=now,
        account_id=look.actor.account_id,
        action=HANDED_OVER,
        from_state=case.state,
        to_state=case.state,
        text=" → ".join(told),
        details={"handler": case.handler_id},
    )
