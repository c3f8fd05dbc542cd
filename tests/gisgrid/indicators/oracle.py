"""The same counts by plain loops over cases and their logs, one case and one count after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Account
from gisgrid.cases.core.case_state import CaseSnapshot, replayed
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.store import case_snapshot, event_of
from gisgrid.days import Period

WORKED = {"filed", "dispatched", "receipted", "handling", "feedback", "checking", "closed", "rated"}
STAFF = {"member", "grid_leader", "steward", "staff", "head", "leader"}
HOUR = timedelta(hours=1)


def slow_counts(
    session: Session, span: Period, now: datetime, *, key: Callable[[Case], str], replay: bool = False
) -> dict[str, Counter[str]]:
    """Counts by key; rows of zeros are left out. ``replay``: ends and deadlines are made of the log alone."""
    found: dict[str, Counter[str]] = {}
    for case in session.scalars(select(Case)):
        log = [
            row for row in session.scalars(select(CaseLog).where(CaseLog.case_id == case.id)) if row.at <= now
        ]
        if case.reported_at <= now:
            log.sort(key=lambda row: (row.at, row.id))
            stood = replayed(map(event_of, log)) if replay else case_snapshot(session, case)
            counts = _of_case(session, case, stood, log, span=span, now=now)
            if counts:
                found.setdefault(key(case), Counter()).update(counts)
    return found


def _of_case(  # noqa: C901, PLR0912, PLR0915 - long and plain on purpose
    session: Session, case: Case, stood: CaseSnapshot, log: list[CaseLog], *, span: Period, now: datetime
) -> list[str]:
    found: list[str] = []

    def within(moment: datetime | None) -> bool:
        return moment is not None and span.start <= moment < span.end and moment <= now

    def first(test: Callable[[Any], bool]) -> datetime | None:
        return next((row.at for row in log if test(row)), None)

    def last(action: str) -> datetime | None:
        return next((row.at for row in reversed(log) if row.action == action), None)

    ended = stood.closed_at is not None and stood.closed_at <= now
    invalid = ended and stood.state in ("rejected", "void")
    closed = ended and stood.state in ("closed", "rated")
    suspended = bool(log) and log[-1].to_state == "suspended"
    filed = first(lambda row: row.to_state in WORKED)
    came_filed = any(row.action == "import" and row.to_state in WORKED for row in log)
    came_ended = any(row.action == "import" and row.to_state in ("closed", "rated") for row in log)
    dispatched = first(lambda row: row.action in ("dispatch", "assign"))
    verify, check = first(lambda row: row.action == "verify"), first(lambda row: row.action == "check")
    leaving = ("file", "reject", "void", "duplicate")
    verified = first(lambda row: row.from_state == "verifying" and row.action in leaving)
    checked = first(lambda row: row.from_state == "checking" and row.action in ("close", "rework"))
    handled = last("finish")
    for undone in (last("rework"), last("reopen")):
        if handled and undone and undone >= handled:
            handled = None
    if handled is None and closed:
        handled = stood.closed_at
    is_handled = handled is not None and not invalid
    reporter = session.get(Account, case.reporter_id) if case.reporter_id else None
    by_workers = case.source == "patrol" or (
        case.source == "web" and reporter is not None and reporter.role in STAFF
    )
    category = session.get(Category, case.category_code)
    assert category is not None

    if within(stood.due_at) and not invalid and not suspended:
        assert stood.due_at is not None
        found.append("due")
        if closed:
            assert stood.closed_at is not None
            found += ["closed", "closed_on_time" if stood.closed_at <= stood.due_at else "closed_late"]
        if is_handled:
            assert handled is not None
            found += ["handled", "handled_on_time"] if handled <= stood.due_at else ["handled"]
        if any(row.action == "extend" for row in log):
            found.append("extended")
    if within(case.reported_at):
        found += ["reported", "reported_by_workers" if by_workers else "reported_by_public"]
        if not invalid:
            found += ["reported_valid"] if closed else ["reported_valid", "unclosed"]
        if filed:
            found.append("reported_filed")
    if filed and within(filed) and not came_filed:
        found.append("filed")
        if filed - case.reported_at <= 2 * HOUR:
            found.append("filed_on_time")
        if not invalid:
            found.append("filed_accurately")
        if case.net == "management" and not category.is_confidential and not by_workers:
            found.append("missed")
        if not suspended:
            found.append("volume")
    waits = case.state == "filed" and case.handler_id is None and dispatched is None
    if filed and within(filed + 2 * HOUR) and (dispatched or waits) and not invalid:
        found.append("dispatch_due")
        if dispatched and dispatched - filed <= 2 * HOUR:
            found.append("dispatched_on_time")
    if within(dispatched):
        found.append("dispatched")
        if last("rework") is None:
            found.append("dispatched_accurately")
    if verify and within(verify + 24 * HOUR):
        found.append("verify_due")
        if verified and verified - verify <= 24 * HOUR:
            found.append("verified_on_time")
    if check and within(check + 24 * HOUR):
        found.append("check_due")
        if checked and checked - check <= 24 * HOUR:
            found.append("checked_on_time")
    if verify and within(verify):
        found.append("verify_asked")
        if verify - case.reported_at <= 2 * HOUR:
            found.append("verify_asked_on_time")
    if check and within(check):
        found.append("check_asked")
        finished = first(lambda row: row.action == "finish")
        if finished and check - finished <= 2 * HOUR:
            found.append("check_asked_on_time")
    if is_handled and within(handled):
        found += ["finished", "reworked"] if last("rework") else ["finished"]
    if closed and within(stood.closed_at) and not came_ended:
        found.append("ended")
        found += ["ended_in_grid"] if case.route == "grid" else []
        found += ["ended_on_spot"] if stood.resolution == "on_spot" else []
    if case.rated_at and case.rating_speed and within(case.rated_at):
        assert case.rating_result is not None
        found.append("rated")
        if min(case.rating_speed, case.rating_result) >= 4:
            found.append("satisfied")
    return found
