"""What is counted of cases, as SQL: each count is a condition on a case and on the moments of its log.

Everything is as of one moment: what happened after it has not happened. How a case ended and its deadline are
known from its row, and from its log where a step changed them since; all other steps are known from the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, not_, or_, select, true

from gisgrid.access.models import Account, Role
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import IMPORTED, Net, Resolution, Route
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.core.workflow import NO_CASES, CaseAction, CaseState
from gisgrid.days import Period
from gisgrid.indicators.formulas import COUNTS, STAGES, Stages
from gisgrid.indicators.past import dues_at, ends_at
from gisgrid.storage.dialect import later

WORKED_STATES: Final = (
    CaseState.FILED,
    CaseState.DISPATCHED,
    CaseState.RECEIPTED,
    CaseState.HANDLING,
    CaseState.FEEDBACK,
    CaseState.CHECKING,
    CaseState.CLOSED,
    CaseState.RATED,
)
"""Who first reaches one of these is filed, also where the desk left a step out."""
WORKERS: Final = (Role.MEMBER, Role.GRID_LEADER, Role.STEWARD, Role.STAFF, Role.HEAD, Role.LEADER)
"""What they report counts as found by the grid itself."""

_A: Final = CaseAction
_SETTLED: Final = (CaseState.CLOSED, CaseState.RATED)


def by_workers() -> ColumnElement[bool]:
    """Found on patrol, or reported at a page by somebody at work; not what others told and they kept.

    The account of who reported it is joined.
    """
    own = and_(Case.source == CaseSource.WEB, func.coalesce(Account.role, "").in_(WORKERS))
    return or_(Case.source == CaseSource.PATROL, own)


def steps_of(until: datetime) -> Subquery:
    """One row per case: the moments of its log up to one moment, by name; ``case_id``.

    ``came_filed_at`` and ``came_ended_at``: it had been filed or had ended when it came by file, which says
    nothing of how people here work. Of steps that repeat the first is told, but the last ``finished_at``,
    ``reworked_at`` and ``reopened_at``. ``was_suspended``: it had been suspended once more than it went on.
    """

    def first(name: str, condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.min(CaseLog.at).filter(condition).label(name)

    def last(name: str, condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.max(CaseLog.at).filter(condition).label(name)

    def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    came = CaseLog.action == IMPORTED
    stood, stands = (
        func.coalesce(state, "") == CaseState.SUSPENDED for state in (CaseLog.from_state, CaseLog.to_state)
    )
    ends_verifying = and_(
        CaseLog.from_state == CaseState.VERIFYING,
        CaseLog.action.in_((_A.FILE, _A.REJECT, _A.VOID, _A.DUPLICATE)),
    )
    ends_checking = and_(CaseLog.from_state == CaseState.CHECKING, CaseLog.action.in_((_A.CLOSE, _A.REWORK)))
    return (
        select(
            CaseLog.case_id,
            first("filed_at", CaseLog.to_state.in_(WORKED_STATES)),
            first("came_filed_at", and_(came, CaseLog.to_state.in_(WORKED_STATES))),
            first("came_ended_at", and_(came, CaseLog.to_state.in_(_SETTLED))),
            first("dispatched_at", CaseLog.action.in_((_A.DISPATCH, _A.ASSIGN))),
            first("verify_at", CaseLog.action == _A.VERIFY),
            first("verified_at", ends_verifying),
            first("first_finished_at", CaseLog.action == _A.FINISH),
            last("finished_at", CaseLog.action == _A.FINISH),
            first("check_at", CaseLog.action == _A.CHECK),
            first("checked_at", ends_checking),
            last("reworked_at", CaseLog.action == _A.REWORK),
            first("extended_at", CaseLog.action == _A.EXTEND),
            last("reopened_at", CaseLog.action == _A.REOPEN),
            (times(and_(stands, not_(stood))) > times(and_(stood, not_(stands)))).label("was_suspended"),
        )
        .where(CaseLog.at <= until)
        .group_by(CaseLog.case_id)
        .subquery("steps")
    )


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The conditions of all counts for a period, as of ``until``."""

    view: View
    period: Period
    until: datetime
    stages: Stages = STAGES

    @cached_property
    def steps(self) -> Any:
        """Moments of the log, by case."""
        return steps_of(self.until)

    @cached_property
    def _dues(self) -> Any:
        """Deadlines that may have moved since; nothing where it is looked at now."""
        return dues_at(self.view.session, self.until) if self.view.when.is_past else None

    @cached_property
    def _ends(self) -> Any:
        """How cases stood that were opened again since; nothing where it is looked at now."""
        return ends_at(self.view.session, self.until) if self.view.when.is_past else None

    @cached_property
    def due_at(self) -> Any:
        """When a case fell due, as of then."""
        return Case.due_at if self._dues is None else func.coalesce(self._dues.c.due_at, Case.due_at)

    @cached_property
    def closed_at(self) -> Any:
        """When a case ended, as of then: nothing where it was open, or still later."""
        if self._ends is None:
            return Case.closed_at
        was = self._ends.c
        return case((was.case_id.is_not(None), was.closed_at), else_=Case.closed_at)

    @cached_property
    def conditions(self) -> Mapping[str, ColumnElement[bool]]:
        """For each count its condition on a case."""
        conditions = {
            **self._of_due(),
            **self._of_reports(),
            **self._of_filing(),
            **self._of_desk(),
            **self._of_ends(),
        }
        return {name: conditions[name] for name in COUNTS}

    def select(self, *columns: Any) -> Select[Any]:
        """A statement over the cases that may count in the period, with categories, logs and reporters."""
        log = self.steps.c
        statement = (
            select(*columns)
            .select_from(Case)
            .join(Category, Category.code == Case.category_code)
            .outerjoin(self.steps, log.case_id == Case.id)
            .outerjoin(Account, Account.id == Case.reporter_id)
        )
        for then in (self._dues, self._ends):
            statement = statement if then is None else statement.outerjoin(then, then.c.case_id == Case.id)
        return statement.where(
            Case.reported_at <= self.until,
            Case.reported_at < self.period.end,
            or_(
                self.closed_at.is_(None),
                *(moment >= self._since for moment in (self.closed_at, self.due_at, Case.rated_at)),
            ),
        )

    @property
    def _since(self) -> datetime:
        """A case that ended before counts nowhere: what the desk owes falls due a day after its last step."""
        longest = max(self.stages.verifying, self.stages.checking, self.stages.dispatch)
        return self.period.start - longest

    def _within(self, moment: Any, after: timedelta = timedelta()) -> ColumnElement[bool]:
        """Whether a moment, put off by a span, lies in the period and has come."""
        return and_(
            moment >= self.period.start - after,
            moment < self.period.end - after,
            moment <= self.until - after,
        )

    def _by(self, moment: Any, since: Any, span: timedelta) -> ColumnElement[bool]:
        return and_(moment.is_not(None), moment <= later(self.view.session, since, span))

    @cached_property
    def _is_invalid(self) -> ColumnElement[bool]:
        return and_(Case.state.in_(NO_CASES), Case.closed_at <= self.until)

    @cached_property
    def _is_closed(self) -> ColumnElement[bool]:
        settled = and_(Case.state.in_(_SETTLED), Case.closed_at.is_not(None), Case.closed_at <= self.until)
        if self._ends is None:
            return settled
        was = self._ends.c
        return case((was.case_id.is_not(None), was.closed_at.is_not(None)), else_=settled)

    @cached_property
    def _is_suspended(self) -> ColumnElement[bool]:
        suspended: ColumnElement[bool] = self.steps.c.was_suspended.is_(true())
        return suspended

    @cached_property
    def _handled_at(self) -> ColumnElement[Any]:
        """When it was handled for the last time: finished and not sent back since, or closed at once."""
        log = self.steps.c
        is_latest = and_(
            *(
                or_(undone.is_(None), log.finished_at > undone)
                for undone in (log.reworked_at, log.reopened_at)
            )
        )
        closed_at = case((self._is_closed, self.closed_at), else_=None)
        finished_at = case((is_latest, log.finished_at), else_=None)
        return func.coalesce(finished_at, closed_at, type_=Case.closed_at.type)

    @cached_property
    def _is_handled(self) -> ColumnElement[bool]:
        return and_(self._handled_at.is_not(None), not_(self._is_invalid))

    @cached_property
    def _resolution(self) -> Any:
        if self._ends is None:
            return Case.resolution
        was = self._ends.c
        return case((was.case_id.is_not(None), was.resolution), else_=Case.resolution)

    @cached_property
    def _by_workers(self) -> ColumnElement[bool]:
        return by_workers()

    def _of_due(self) -> dict[str, ColumnElement[bool]]:
        due = and_(self._within(self.due_at), not_(self._is_invalid), not_(self._is_suspended))
        closed = and_(due, self._is_closed)
        return {
            "due": due,
            "closed": closed,
            "closed_on_time": and_(closed, self.closed_at <= self.due_at),
            "closed_late": and_(closed, self.closed_at > self.due_at),
            "handled": and_(due, self._is_handled),
            "handled_on_time": and_(due, self._is_handled, self._handled_at <= self.due_at),
            "extended": and_(due, self.steps.c.extended_at.is_not(None)),
        }

    def _of_reports(self) -> dict[str, ColumnElement[bool]]:
        reported = self._within(Case.reported_at)
        valid = and_(reported, not_(self._is_invalid))
        return {
            "reported": reported,
            "reported_valid": valid,
            "reported_filed": and_(reported, self.steps.c.filed_at.is_not(None)),
            "unclosed": and_(valid, not_(self._is_closed)),
            "reported_by_workers": and_(reported, self._by_workers),
            "reported_by_public": and_(reported, not_(self._by_workers)),
        }

    def _of_filing(self) -> dict[str, ColumnElement[bool]]:
        log, stages = self.steps.c, self.stages
        filed = and_(self._within(log.filed_at), log.came_filed_at.is_(None))
        is_open_to_patrol = and_(Case.net == Net.MANAGEMENT, Category.is_confidential.is_(False))
        waits = and_(Case.state == CaseState.FILED, Case.handler_id.is_(None), log.dispatched_at.is_(None))
        to_dispatch = and_(
            self._within(log.filed_at, stages.dispatch),
            or_(log.dispatched_at.is_not(None), waits),
            not_(self._is_invalid),
        )
        dispatched = self._within(log.dispatched_at)
        return {
            "filed": filed,
            "filed_on_time": and_(filed, self._by(log.filed_at, Case.reported_at, stages.filing)),
            "filed_accurately": and_(filed, not_(self._is_invalid)),
            "missed": and_(filed, is_open_to_patrol, not_(self._by_workers)),
            "volume": and_(filed, not_(self._is_suspended)),
            "dispatch_due": to_dispatch,
            "dispatched_on_time": and_(
                to_dispatch, self._by(log.dispatched_at, log.filed_at, stages.dispatch)
            ),
            "dispatched": dispatched,
            "dispatched_accurately": and_(dispatched, log.reworked_at.is_(None)),
        }

    def _of_desk(self) -> dict[str, ColumnElement[bool]]:
        log, stages = self.steps.c, self.stages
        to_verify = self._within(log.verify_at, stages.verifying)
        to_check = self._within(log.check_at, stages.checking)
        verify_asked, check_asked = self._within(log.verify_at), self._within(log.check_at)
        return {
            "verify_due": to_verify,
            "verified_on_time": and_(to_verify, self._by(log.verified_at, log.verify_at, stages.verifying)),
            "check_due": to_check,
            "checked_on_time": and_(to_check, self._by(log.checked_at, log.check_at, stages.checking)),
            "verify_asked": verify_asked,
            "verify_asked_on_time": and_(
                verify_asked, self._by(log.verify_at, Case.reported_at, stages.asking)
            ),
            "check_asked": check_asked,
            "check_asked_on_time": and_(
                check_asked, self._by(log.check_at, log.first_finished_at, stages.asking)
            ),
        }

    def _of_ends(self) -> dict[str, ColumnElement[bool]]:
        finished = and_(self._within(self._handled_at), self._is_handled)
        ended = and_(self._within(self.closed_at), self._is_closed, self.steps.c.came_ended_at.is_(None))
        rated = and_(self._within(Case.rated_at), Case.rating_speed.is_not(None))
        least = self.stages.satisfied
        return {
            "finished": finished,
            "reworked": and_(finished, self.steps.c.reworked_at.is_not(None)),
            "ended": ended,
            "ended_in_grid": and_(ended, Case.route == Route.GRID),
            "ended_on_spot": and_(ended, self._resolution == Resolution.ON_SPOT),
            "rated": rated,
            "satisfied": and_(rated, Case.rating_speed >= least, Case.rating_result >= least),
        }
