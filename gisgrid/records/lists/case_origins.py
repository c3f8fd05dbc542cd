"""Cases that arose from records: the first line of a case's log keeps the id of its record.

The id alone is kept, so that who may not open the record learns nothing by it; both sides are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import REPORTED
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.scope import opened_cases
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.places.import_rows import batches
from gisgrid.records.core.record_models import Record
from gisgrid.records.lists.openings import opened_row, require_reading

WITHIN: Final = timedelta(days=31)
"""So long after a record came a case can arise from it."""
_ORIGIN: Final = CaseLog.details["record"].as_string()


def community_of_record(session: Session, actor: Actor, record_id: str, *, now: datetime) -> str:
    """The code of the community of a record, where the actor may see that community.

    Raises
    ------
    NotAllowed
        The role opens no records.
    InvalidInput
        There is none there; whether it is somewhere else is not told.
    """
    require_reading(actor)
    community_id = session.scalar(select(Record.community_id).where(Record.id == record_id))
    for community in visible_communities(session, actor, now=now):
        if community.id == community_id:
            return community.code
    raise _no_such_record()


def require_origin(view: View, record_id: str, *, now: datetime) -> None:
    """That a case can arise from a record: the account opens it, and it came within the last 31 days.

    Raises
    ------
    NotAllowed
        The role opens no records.
    InvalidInput
        There is none for the account, or it is older.
    """
    try:
        row = opened_row(view, record_id, reason=None)
    except NotFound:
        raise _no_such_record() from None
    if not can_arise_from(row.record, now=now):
        raise InvalidInput("a case arises from a record of the last 31 days", field="record")


def can_arise_from(row: Record, *, now: datetime) -> bool:
    """Whether a record came so lately that a case can arise from it."""
    return now - row.received_at <= WITHIN


def _no_such_record() -> InvalidInput:
    return InvalidInput("no such record", field="record")


def cases_arisen(view: View, rows: Sequence[Record]) -> Mapping[str, list[Case]]:
    """The cases that arose from records, or from what they correct, as far as the account opens them."""
    if not rows:
        return {}
    owners = _owners(view.session, rows)
    arisen: dict[str, list[Case]] = defaultdict(list)
    for few in batches(sorted(owners)):
        for case, record_id in view.session.execute(_arisen_from(view, few)):
            for owner in owners[record_id]:
                arisen[owner].append(case)
    return arisen


def _arisen_from(view: View, ids: Sequence[str]) -> Select[Case, str]:
    """The cases of those days with the record they arose from: their logs alone are looked through."""
    ends = select(func.min(Record.received_at), func.max(Record.received_at)).where(Record.id.in_(ids))
    first, last = view.session.execute(ends).one()
    return (
        select(Case, _ORIGIN)
        .join(CaseLog, CaseLog.case_id == Case.id)
        .where(opened_cases(view), Case.reported_at.between(first, last + WITHIN))
        .where(CaseLog.action == REPORTED, _ORIGIN.in_(ids))
        .order_by(Case.reported_at, Case.id)
    )


def _owners(session: Session, rows: Sequence[Record]) -> Mapping[str, set[str]]:
    """By the ids of some records and of all that they correct, which of them those are."""
    owners: dict[str, set[str]] = defaultdict(set)
    reached = {(row.id, row.id) for row in rows} | {(row.corrects_id, row.id) for row in rows}
    while reached:
        steps = {(former, owner) for former, owner in reached if former and owner not in owners[former]}
        for former, owner in steps:
            owners[former].add(owner)
        reached = _corrected_by(session, steps)
    return owners


def _corrected_by(session: Session, steps: Iterable[tuple[str, str]]) -> set[tuple[str | None, str]]:
    by_former: dict[str, set[str]] = defaultdict(set)
    for former, owner in steps:
        by_former[former].add(owner)
    statement = select(Record.id, Record.corrects_id).where(Record.corrects_id.is_not(None))
    return {
        (link.corrects_id, owner)
        for few in batches(sorted(by_former))
        for link in session.execute(statement.where(Record.id.in_(few)))
        for owner in by_former[link.id]
    }


def origin_of(session: Session, case: Case) -> list[str]:
    """The ids of the record that a case arose from and of all that correct it."""
    statement = select(_ORIGIN).where(CaseLog.case_id == case.id, CaseLog.action == REPORTED)
    ids = [record_id for record_id in session.scalars(statement) if record_id]
    newest = ids
    while newest:
        newest = list(session.scalars(select(Record.id).where(Record.corrects_id.in_(newest))))
        ids += newest
    return ids
