"""Errands of the demo: what organisations were asked about closed cases, and what stands in their queues.

Each is told in the log of its case like one that was really taken, between the steps of the case itself. They
are inserted: the service acts on a case as it stands now, and most of these were settled long ago.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Row, select

from data.demo.history.habits import errand_texts, words_for
from data.demo.load.ids import Loading
from data.demo.personas.records import DemoAccount
from data.demo.records import DemoCommunity
from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case, CaseErrand, CaseLog, CaseNotice
from gisgrid.cases.core.notifications import CaseNoticeKind
from gisgrid.cases.core.workflow import OPEN_STATES, CaseState
from gisgrid.cases.referrals.service import DAYS
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.storage.base import new_id

_SETTLED: Final = (CaseState.CLOSED, CaseState.RATED)
_S: Final = ErrandStep
_SHARE: Final = 0.5
"""How many of the closed cases that suit an organisation were entrusted to it."""
_OPEN: Final = (
    (_S.ASK,),
    (_S.ASK, _S.RECEIPT),
    (_S.ASK, _S.RECEIPT, _S.START),
    (_S.ASK, _S.RECEIPT, _S.START, _S.FINISH),
    (_S.ASK,),
    (_S.ASK, _S.RETURN),
)
"""How far those about open cases have come, the newest case first."""
_COLUMNS: Final = {
    _S.ASK: "asked_at",
    _S.RECEIPT: "receipted_at",
    _S.START: "started_at",
    _S.FINISH: "finished_at",
    _S.RETURN: "returned_at",
}
_Case = Row[str, str, str | None, str, datetime, datetime | None]
"""A case with what is asked of it here: id, category, building, state, when reported and closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """An errand as it went: its steps with their moments, and within how many days it was asked for."""

    case: _Case
    account: str
    steps: Mapping[ErrandStep, datetime]
    days: int


def load_errands(loading: Loading, demo: DemoCommunity) -> None:
    """What the organisations of a community were asked, with the lines in the logs and their notices."""
    asker = next(
        (loading.ids["account"][account.name] for account in demo.accounts if account.role == Role.HEAD), None
    )
    if asker is None:
        return
    rng = random.Random(f"{demo.seed}/{demo.index}/errands")
    states = _States(loading)
    kept = list(_courses(loading, demo, states, rng))
    loading.add(CaseErrand, [_errand(course, asker, states) for course in kept])
    loading.add(CaseLog, [line for course in kept for line in _lines(course, asker, states)])
    loading.add(CaseNotice, [_notice(course) for course in kept if course.case.state in OPEN_STATES])


class _States:
    """Where cases stood at a moment, by their logs."""

    def __init__(self, loading: Loading) -> None:
        self._moments: dict[str, list[datetime]] = defaultdict(list)
        self._states: dict[str, list[str]] = defaultdict(list)
        rows = loading.session.execute(
            select(CaseLog.case_id, CaseLog.at, CaseLog.to_state)
            .join(Case, Case.id == CaseLog.case_id)
            .where(Case.community_id == loading.community_id, Case.category_code.in_(errand_texts()))
            .order_by(CaseLog.at, CaseLog.id)
        )
        for row in rows:
            self._moments[row.case_id].append(row.at)
            self._states[row.case_id].append(row.to_state)

    def allow(self, course: _Course) -> bool:
        """Whether all its steps could be taken when they were."""
        return all(self.at(course.case.id, moment) for moment in course.steps.values())

    def put_off(self, due: datetime, course: _Course) -> datetime:
        """When a course falls due: its time stands still while its case is suspended, until it has ended."""
        asked, ended = course.steps[_S.ASK], max(course.steps.values())
        is_running = not {_S.FINISH, _S.RETURN} & course.steps.keys()
        for first, last in self._pauses(course.case.id):
            until = last if is_running else min(last, ended)
            if asked <= first < min(due, until):
                due += until - first
        return due

    def _pauses(self, case_id: str) -> Iterator[tuple[datetime, datetime]]:
        """From when to when a case was suspended, of those suspensions that are over."""
        lines = list(zip(self._moments[case_id], self._states[case_id], strict=True))
        for (first, state), (last, _after) in pairwise(lines):
            if state == CaseState.SUSPENDED:
                yield first, last

    def at(self, case_id: str, moment: datetime) -> str | None:
        """The state at a moment; nothing where nobody could be asked then."""
        place = bisect_right(self._moments[case_id], moment)
        state = self._states[case_id][place - 1] if place else None
        return state if state in OPEN_STATES and state != CaseState.SUSPENDED else None


def _courses(loading: Loading, demo: DemoCommunity, states: _States, rng: random.Random) -> Iterator[_Course]:
    """Each case is entrusted to one organisation at most: companies first, for their own compounds."""
    statement = (
        select(Case.id, Case.category_code, Case.building_id, Case.state, Case.reported_at, Case.closed_at)
        .where(Case.community_id == loading.community_id, Case.category_code.in_(errand_texts()))
        .order_by(Case.reported_at.desc(), Case.number)
    )
    cases = list(loading.session.execute(statement))
    taken: set[str] = set()
    for account, suits, is_company in _organisations(loading, demo):
        free = [case for case in cases if case.id not in taken]
        mine = [case for case in free if suits(case)]
        # Of open cases there are few: what suits comes first, then others anywhere in the community.
        others = [] if is_company else [case for case in free if not suits(case)]
        closed = filter(states.allow, _closed_ones(account, mine, rng))
        wanted = _OPEN if is_company else _OPEN[:4]
        courses = [*_open_ones(loading, account, [*mine, *others], states, wanted), *closed]
        taken |= {course.case.id for course in courses}
        yield from courses


def _organisations(loading: Loading, demo: DemoCommunity) -> Iterator[tuple[str, Any, bool]]:
    """By account, which cases suit it, and whether it is a property company."""
    ids = loading.ids["building"]
    compound_of = {ids[building.key]: building.key[:2] for building in demo.buildings}
    key_of = {compound.area: compound.key for compound in demo.compounds}

    def company(account: DemoAccount) -> Any:
        own = {key_of[area] for area in account.areas if area in key_of}
        return lambda case: (
            errand_texts()[case.category_code].of_company and compound_of.get(case.building_id or "") in own
        )

    def organisation(number: int) -> Any:
        return lambda case: number in errand_texts()[case.category_code].of_organisations

    for account in demo.accounts:
        if account.role == Role.PROPERTY:
            yield loading.ids["account"][account.name], company(account), True
    for number, account in enumerate(
        (account for account in demo.accounts if account.role == Role.ORG), start=1
    ):
        yield loading.ids["account"][account.name], organisation(number), False


def _open_ones(
    loading: Loading,
    account: str,
    cases: Sequence[_Case],
    states: _States,
    courses: Sequence[tuple[ErrandStep, ...]],
) -> Iterator[_Course]:
    """What stands in the queue: from not receipted to finished, some late, one returned."""
    wanted = list(courses)
    for case in cases:
        if case.state not in OPEN_STATES or not wanted:
            continue
        gap = (loading.now - case.reported_at) / (len(wanted[0]) + 1)
        times = {step: case.reported_at + gap * place for place, step in enumerate(wanted[0], start=1)}
        course = _Course(case=case, account=account, steps=_whole(times), days=DAYS[1])
        if states.allow(course):
            del wanted[0]
            yield course


def _closed_ones(account: str, cases: Sequence[_Case], rng: random.Random) -> Iterator[_Course]:
    """Some of the closed cases, asked about soon after the report and finished before the case was."""
    for case in cases:
        if case.state not in _SETTLED or case.closed_at is None or rng.random() >= _SHARE:
            continue
        span = case.closed_at - case.reported_at
        shares = (
            rng.uniform(0.05, 0.2),
            rng.uniform(0.25, 0.35),
            rng.uniform(0.4, 0.5),
            rng.uniform(0.6, 0.95),
        )
        moments = [case.reported_at + span * share for share in shares]
        is_returned = rng.random() < 0.04
        steps = [_S.ASK, _S.RETURN] if is_returned else [_S.ASK, _S.RECEIPT, _S.START, _S.FINISH]
        if span > timedelta(minutes=20):
            times = dict(zip(steps, moments, strict=False))
            yield _Course(case=case, account=account, steps=_whole(times), days=rng.choice(DAYS[:2]))


def _whole(times: Mapping[ErrandStep, datetime]) -> dict[ErrandStep, datetime]:
    return {step: at.replace(microsecond=0) for step, at in times.items()}


def _errand(course: _Course, asker: str, states: _States) -> dict[str, Any]:
    results = _results(course)
    moments = {_COLUMNS[step]: at for step, at in course.steps.items()}
    return (
        dict.fromkeys(_COLUMNS.values())
        | moments
        | {
            "id": new_id(),
            "case_id": course.case.id,
            "account_id": course.account,
            "asked_by": asker,
            "due_at": states.put_off(course.steps[_S.ASK] + timedelta(days=course.days), course),
            "text": errand_texts()[course.case.category_code].asked,
            "result": next((results[step] for step in course.steps if step in results), None),
        }
    )


def _results(course: _Course) -> dict[ErrandStep, str]:
    """In which words it may end."""
    (returned,) = words_for(_S.RETURN)
    return {_S.FINISH: errand_texts()[course.case.category_code].done, _S.RETURN: returned}


def _lines(course: _Course, asker: str, states: _States) -> Iterator[dict[str, Any]]:
    texts = _results(course)
    for step, at in course.steps.items():
        state = states.at(course.case.id, at)
        yield {
            "id": new_id(),
            "case_id": course.case.id,
            "at": at,
            "account_id": asker if step is _S.ASK else course.account,
            "action": step.value,
            "from_state": state,
            "to_state": state,
            "text": texts.get(step),
            "details": {},
        }


def _notice(course: _Course) -> dict[str, Any]:
    """What the organisation was told when it was asked: read once it has answered."""
    answered = [at for step, at in course.steps.items() if step is not _S.ASK]
    return {
        "id": new_id(),
        "account_id": course.account,
        "case_id": course.case.id,
        "kind": CaseNoticeKind.ERRAND_ASKED.value,
        "at": course.steps[_S.ASK],
        "read_at": min(answered, default=None),
    }
