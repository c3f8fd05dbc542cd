"""What becomes of open cases whose category turns confidential: nobody keeps one that they open no longer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Worker
from gisgrid.areas.accounts import in_use
from gisgrid.areas.division import load_division
from gisgrid.cases.core.audience import HELPING, SETTLING, areas_of
from gisgrid.cases.core.case_state import HANDED_OVER, Event
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.notifications import CaseNoticeKind, on_duty_at, tell
from gisgrid.cases.core.store import case_snapshot, moment_for, write
from gisgrid.cases.core.workflow import OPEN_STATES


def take_from_helpers(session: Session, actor: Actor, category: str, *, now: datetime) -> int:
    """Take open cases of a category from the grid leaders and stewards who have them; gives how many.

    Who is on duty where each lies and can open it is told, where nobody is the community's desk.
    """
    settling = select(Account.worker_id).where(in_use(SETTLING), Account.worker_id.is_not(None))
    helping = select(Account.worker_id).where(in_use(HELPING), Account.worker_id.is_not(None))
    cases = session.scalars(
        select(Case)
        .where(Case.category_code == category, Case.state.in_(OPEN_STATES))
        .where(Case.handler_id.in_(helping), Case.handler_id.not_in(settling))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    names = dict(
        session.execute(
            select(Worker.id, Worker.name).where(Worker.id.in_({case.handler_id for case in cases}))
        ).all()
    )
    divisions = {
        key: load_division(session, key, at=now, revision=0) for key in {case.community_id for case in cases}
    }
    for case in cases:
        event = Event(
            action=HANDED_OVER,
            at=moment_for(session, case, now),
            from_state=case.state,
            to_state=case.state,
            text=f"{names.get(case.handler_id or '', '–')} → –",
            details={"handler": None},
        )
        write(session, actor, case, event, case_snapshot(session, case))
        on_duty = on_duty_at(session, case, areas_of(divisions[case.community_id], case.cell_id), now=now)
        tell(session, case, CaseNoticeKind.RETURNED, on_duty, now=now, but=actor.account_id)
    if cases:
        record(session, actor, "cases:hand_over", "case", now=now, count=len(cases))
    return len(cases)
