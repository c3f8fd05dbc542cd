"""Open cases that go to another grid get who can open them there; who had them stays in their log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import desk
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.notifications import CaseNoticeKind, accounts_of_worker, tell_many
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.routes import workers_settling
from gisgrid.cases.core.scope import is_open
from gisgrid.redraw.impact.duties import worker_names
from gisgrid.redraw.impact.receivers import receivers, serving_by_code
from gisgrid.redraw.transfer.handovers import Pass
from gisgrid.storage.base import new_id

HANDED_OVER = "hand_over"
_MOST = 500


@dataclass(slots=True, kw_only=True)
class _Handing:
    """Cases with the handler they get, those that fall to another than the primary, those nobody takes."""

    given: list[tuple[Case, str | None]] = field(default_factory=list)
    instead: dict[str, list[Case]] = field(default_factory=lambda: defaultdict(list))
    untaken: list[Case] = field(default_factory=list)


def hand_cases_over(view: View, passed: Sequence[Pass], *, now: datetime) -> int:
    """Give the open cases that passed to who serves their new grid and can open them; gives how many.

    That is its primary member, else another on duty there. Where nobody there can, they stay with who has
    them and can open them, else they are the community's, whose desk is told; who gets them instead of the
    primary member is told too. Leaves one audit entry.
    """
    opening = workers_settling(view, now=now) if any(part.cases for part in passed) else frozenset()
    codes = {part.target for part in passed if part.cases and part.target is not None}
    takers = receivers(serving_by_code(view, codes, at=now), codes, opening=opening)
    return _hand(view, _sorted(view, passed, takers, opening), now=now)


def rescue_cases(there: View, passed: Sequence[Pass], *, now: datetime) -> int:
    """The same for cases that went to another community with their grid, as far as they lie with who stays.

    ``passed`` have the codes the grids have there.
    """
    opening = workers_settling(there, now=now) if any(part.cases for part in passed) else frozenset()
    codes = {part.target for part in passed if part.cases and part.target is not None}
    takers = receivers(serving_by_code(there, codes, at=now), codes, opening=opening)
    handing = _sorted(there, passed, takers, opening)
    handing.given = [(case, taker) for case, taker in handing.given if case.handler_id not in opening]
    return _hand(there, handing, now=now)


def _sorted(
    view: View, passed: Sequence[Pass], takers: dict[str, str | None], opening: frozenset[str]
) -> _Handing:
    handing = _Handing()
    pass_of = {case: part for part in passed for case in part.cases if part.target is not None}
    for case in _cases(view, sorted(pass_of)):
        part = pass_of[case.id]
        taker = takers.get(part.target or "")
        if taker is None:
            handing.untaken.append(case)
            if case.handler_id is not None and case.handler_id not in opening:
                handing.given.append((case, None))
        elif case.handler_id != taker:
            handing.given.append((case, taker))
            if taker != part.taker:
                handing.instead[taker].append(case)
    return handing


def _hand(view: View, handing: _Handing, *, now: datetime) -> int:
    session, but = view.session, view.actor.account_id
    workers = {worker for case, taker in handing.given for worker in (case.handler_id, taker) if worker}
    names = worker_names(view, workers)
    for case, taker in handing.given:
        both_names = (names.get(case.handler_id or "", "–"), names.get(taker or "", "–"))
        case.handler_id = taker
        session.add(_logged(view, case, both_names, now=now))
    for taker, cases in handing.instead.items():
        accounts = accounts_of_worker(session, taker)
        tell_many(session, CaseNoticeKind.TAKEN_OVER, cases, accounts, now=now, but=but)
    if handing.untaken:
        people = desk(session, view.community.id, now=now)
        tell_many(session, CaseNoticeKind.UNTAKEN, handing.untaken, people, now=now, but=but)
    if handing.given:
        record(session, view.actor, "cases:hand_over", "case", now=now, count=len(handing.given))
    return len(handing.given)


def _cases(view: View, ids: Sequence[str]) -> list[Case]:
    cases: list[Case] = []
    for first in range(0, len(ids), _MOST):
        some = Case.id.in_(ids[first : first + _MOST])
        cases += view.session.scalars(select(Case).where(some, is_open()).options(*without_texts()))
    return cases


def _logged(view: View, case: Case, both_names: tuple[str, str], *, now: datetime) -> CaseLog:
    return CaseLog(
        id=new_id(),
        case_id=case.id,
        at=now,
        account_id=view.actor.account_id,
        action=HANDED_OVER,
        from_state=case.state,
        to_state=case.state,
        text=" → ".join(both_names),
        details={"handler": case.handler_id},
    )
