"""What happened to each case of the demo, step by step through the workflow, as its log tells it.

A life fits the times that a case has: reported, taken in hand, closed. Its random numbers are its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from data.demo.history.habits import rhythm, share_of, staff_channels, words_for
from data.demo.records import DemoCase
from gisgrid.cases.core.case_state import REPORTED, Channel, Event, Resolution, Route, Supervision
from gisgrid.cases.core.store import log_details
from gisgrid.cases.core.workflow import CaseAction, CaseState, next_state

_A, _S = CaseAction, CaseState
_REOPENED_BEFORE: Final = timedelta(days=20)
_CLAIMED_WITHIN: Final = timedelta(hours=2)


class Clock(Protocol):
    """The time limit of a case: each gives the deadline after a step."""

    def extended(self, until: datetime, *, at: datetime) -> datetime | None:
        """Put off until a moment."""

    def suspended(self, *, at: datetime) -> None:
        """Stands still."""

    def resumed(self, *, at: datetime) -> datetime | None:
        """Goes on."""

    def reopened(self, *, at: datetime) -> datetime | None:
        """Counted anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works on a case: ids of workers, and of the accounts that take the steps."""

    member: str | None
    helper: str | None
    member_account: str | None
    staff_account: str | None
    head_account: str | None
    helper_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a log and the account that wrote it; nobody's where the clock or the person outside did."""

    event: Event
    account: str | None = None


@dataclass(kw_only=True)
class Life:
    """A case on its way, with the log it leaves.

    ``at``: up to when it is told; ``results``: words for how it may end; ``original``: the id of the case it
    repeats, if it does.
    """

    case: DemoCase
    crew: Crew
    clock: Clock
    at: datetime
    due: datetime | None
    rng: random.Random
    results: Sequence[str]
    original: str | None = None
    log: list[Line] = field(default_factory=list)
    state: CaseState = CaseState.REPORTED
    before: CaseState | None = None
    helped: bool = False

    @property
    def is_public(self) -> bool:
        """Whether it was not reported by the staff."""
        return self.case.channel not in staff_channels()

    def turns(self, turn: str) -> bool:
        """Whether a turn is taken that a share of all cases takes."""
        return self.rng.random() < share_of(turn)

    def words(self, step: str) -> str:
        """Some of the words for a step."""
        return self.rng.choice(words_for(step))

    def take(
        self,
        action: CaseAction,
        at: datetime,
        *,
        account: str | None,
        text: str | None = None,
        **details: Any,
    ) -> None:
        """Take a step, as the workflow allows it.

        Raises
        ------
        Conflict
            The workflow doesn't lead there.
        """
        after = next_state(self.state, action, self.before)
        if action is _A.SUSPEND:
            self.before = self.state
        event = Event(
            action=action.value,
            at=at,
            from_state=self.state.value,
            to_state=after.value,
            text=text,
            details=log_details(**details),
        )
        self.log.append(Line(event=event, account=account))
        self.state = after


def life_of(life: Life) -> list[Line]:
    """The log of a case up to its moment."""
    _report(life)
    if life.case.closed_at is None:
        _stays_open(life)
    else:
        _ends(life, life.case.closed_at)
    return life.log


def _report(life: Life) -> None:
    case, crew = life.case, life.crew
    waits_until = case.reported_at + _CLAIMED_WITHIN
    route = Route.SUBDISTRICT if case.severity == "emergency" else Route.GRID
    details = log_details(
        route=route.value,
        coordination=False,
        due=life.due,
        claim_until=waits_until if waits_until > life.at and route is Route.GRID and crew.member else None,
    )
    event = Event(action=REPORTED, at=case.reported_at, to_state=_S.REPORTED.value, details=details)
    account = crew.member_account if case.channel == "patrol" else None
    life.log.append(Line(event=event, account=account))


def _ends(life: Life, closed: datetime) -> None:
    case, crew = life.case, life.crew
    kind = life.rng.random()
    rejected = 1 - share_of(_A.REJECT)
    if life.original and kind < share_of(_A.DUPLICATE):
        life.take(_A.DUPLICATE, closed, account=crew.staff_account, of=life.original)
    elif life.is_public and kind > rejected:
        _through(life, [_accept], case.reported_at, closed)
        life.take(_A.REJECT, closed, account=crew.staff_account, text=life.words(_A.REJECT))
    elif rejected - share_of(_A.VOID) < kind <= rejected:
        life.take(_A.VOID, closed, account=crew.staff_account, text=life.words(_A.VOID))
    elif case.handled_at is None:
        _close(life, closed)
        _afterwards(life, closed)
    else:
        _through(life, _way_to_handling(life), case.reported_at, case.handled_at)
        _start(life, case.handled_at)
        _through(life, _way_to_the_end(life), case.handled_at, closed)
        _close(life, closed)
        _afterwards(life, closed)


_Taken = Callable[[Life, datetime], None]


def _through(life: Life, steps: Sequence[_Taken], first: datetime, last: datetime) -> None:
    """Steps at moments strictly between two, in whole seconds; none where there is no time for them."""
    room = int((last - first).total_seconds()) - 1
    if not steps or room < len(steps):
        return
    for step, second in zip(steps, sorted(life.rng.sample(range(1, room + 1), len(steps))), strict=True):
        step(life, first + timedelta(seconds=second))


def _way_to_handling(life: Life) -> list[_Taken]:
    if not life.is_public and life.turns(_A.START):
        return []
    if life.turns(_A.CLAIM):
        return [_claim]
    if life.turns(_A.ASSIGN):
        return [_assign, _receipt]
    steps: list[_Taken] = [_accept, _file, _dispatch, _receipt]
    if life.is_public and life.turns(_A.VERIFY):
        steps.insert(1, _verify)
    if life.turns(_A.RETURN):
        steps += [_return, _dispatch_again, _receipt_again]
    return steps


def _way_to_the_end(life: Life) -> list[_Taken]:
    steps: list[_Taken] = []
    if life.turns(_A.INVOLVE):
        steps += [_involve, _co_receipt, _co_sign]
    if life.turns(_A.SUSPEND):
        steps += [_suspend, _resume]
    if life.turns(_A.EXTEND):
        steps.append(_extend)
    if life.turns(_A.ESCALATE):
        steps.append(_escalate)
    if life.turns(_A.SUPERVISE):
        steps.append(_supervise)
    if life.turns(_A.CLOSE):
        return steps
    steps.append(_finish)
    if life.turns(_A.REWORK):
        steps += [_rework, _finish]
    if life.turns(_A.FEEDBACK):
        steps.append(_feedback)
    return [*steps, _check] if life.turns(_A.CHECK) else steps


def _afterwards(life: Life, closed: datetime) -> None:
    """Who reported it rates it, or has it opened again."""
    rng = life.rng
    if not life.is_public or not life.crew.member:
        return
    until = min(life.at, closed + timedelta(days=5))
    if life.turns(_A.REOPEN) and closed < life.at - _REOPENED_BEFORE:
        _again(life, closed + timedelta(hours=rng.randint(3, 90)))
    elif life.turns(_A.RATE):
        _through(life, [_rate], closed, until)


def _again(life: Life, at: datetime) -> None:
    due = life.clock.reopened(at=at)
    life.take(_A.REOPEN, at, account=None, text=life.words(_A.REOPEN), due=due)
    end = at + timedelta(hours=life.rng.randint(5, 60))
    _through(life, [_dispatch, _receipt, _start, _finish, _check], at, end)
    _close(life, end)
    _through(life, [_rate], end, end + timedelta(days=2))


def _stays_open(life: Life) -> None:
    case, rng, at = life.case, life.rng, life.at
    if case.handled_at is None:
        whole = [_accept, *([_verify] if life.is_public else []), _file, _dispatch, _receipt]
        _through(life, whole[: rng.choice((0, 1, 1, 2, 2, 3, 4, 5))], case.reported_at, at)
    else:
        _through(life, _way_to_handling(life), case.reported_at, case.handled_at)
        _start(life, case.handled_at)
        _through(life, rng.choice(_WAYS), case.handled_at, at)
    last = life.log[-1].event.at
    if life.due and life.due < at and life.state is not _S.SUSPENDED and life.turns(Supervision.TIMEOUT):
        _through(life, [_supervise_late], max(life.due, last), at)


def _accept(life: Life, at: datetime) -> None:
    life.take(_A.ACCEPT, at, account=life.crew.staff_account)


def _verify(life: Life, at: datetime) -> None:
    life.take(_A.VERIFY, at, account=life.crew.staff_account)


def _file(life: Life, at: datetime) -> None:
    life.take(_A.FILE, at, account=life.crew.staff_account)


def _dispatch(life: Life, at: datetime) -> None:
    if life.crew.member:
        life.take(_A.DISPATCH, at, account=life.crew.staff_account, handler=life.crew.member)


def _dispatch_again(life: Life, at: datetime) -> None:
    handler = life.crew.helper or life.crew.member
    if handler and life.state is _S.RETURNED:
        life.take(_A.DISPATCH, at, account=life.crew.staff_account, handler=handler)


def _assign(life: Life, at: datetime) -> None:
    if life.crew.member:
        life.take(_A.ASSIGN, at, account=None, handler=life.crew.member)


def _claim(life: Life, at: datetime) -> None:
    if life.crew.member and life.crew.member_account:
        life.take(_A.CLAIM, at, account=life.crew.member_account, handler=life.crew.member)


def _receipt(life: Life, at: datetime) -> None:
    if life.state is _S.DISPATCHED:
        life.take(_A.RECEIPT, at, account=life.crew.member_account)


def _receipt_again(life: Life, at: datetime) -> None:
    if life.state is _S.DISPATCHED:
        life.take(_A.RECEIPT, at, account=life.crew.helper_account or life.crew.member_account)


def _return(life: Life, at: datetime) -> None:
    if life.state in (_S.RECEIPTED, _S.HANDLING):
        life.take(_A.RETURN, at, account=life.crew.member_account, text=life.words(_A.RETURN))


def _start(life: Life, at: datetime) -> None:
    if life.state is _S.RETURNED:
        return
    life.take(_A.START, at, account=life.crew.member_account, handler=life.crew.member)


def _finish(life: Life, at: datetime) -> None:
    life.take(_A.FINISH, at, account=life.crew.member_account, text=life.rng.choice(life.results))


def _rework(life: Life, at: datetime) -> None:
    life.take(_A.REWORK, at, account=life.crew.staff_account, text=life.words(_A.REWORK))


def _feedback(life: Life, at: datetime) -> None:
    account = life.crew.member_account
    life.take(_A.FEEDBACK, at, account=account, channel=_channel(life), told_at=at)


def _check(life: Life, at: datetime) -> None:
    if life.state is _S.FEEDBACK:
        life.take(_A.CHECK, at, account=life.crew.staff_account)


def _close(life: Life, at: datetime) -> None:
    actions = [line.event.action for line in life.log]
    reworked = len(actions) - actions[::-1].index(_A.REOPEN) if _A.REOPEN in actions else 0
    how: dict[str, Any] = {}
    if _A.FEEDBACK not in actions[reworked:]:
        how = {"channel": _channel(life), "told_at": at}
    on_spot = life.state in (_S.REPORTED, _S.ACCEPTED)
    how["resolution"] = (Resolution.ON_SPOT if on_spot else Resolution.HANDLED).value
    is_checked = life.state is _S.CHECKING
    account = life.crew.staff_account if is_checked else life.crew.member_account
    handler = life.crew.member if life.state is _S.REPORTED else None
    text = life.rng.choice(life.results)
    life.take(_A.CLOSE, at, account=account, text=text, handler=handler, settled_at=at, **how)


def _channel(life: Life) -> str:
    if life.case.channel == "wechat":
        return Channel.WECHAT.value
    if not life.is_public:
        return (Channel.ON_SPOT if life.turns(Channel.ON_SPOT) else Channel.ANONYMOUS).value
    return life.rng.choice((Channel.PHONE, Channel.PHONE, Channel.MESSAGE, Channel.PAGE)).value


def _rate(life: Life, at: datetime) -> None:
    """Who waited beyond the time is less content."""
    closed = life.log[-1].event.at
    late = "_late" if life.due is not None and closed > life.due else ""
    speed, effect = (
        life.rng.choices((5, 4, 3, 2, 1), rhythm(f"{what}{late}"))[0] for what in ("speed", "result")
    )
    life.take(_A.RATE, at, account=None, speed=speed, result=effect)


def _involve(life: Life, at: datetime) -> None:
    if life.crew.helper:
        life.helped = True
        life.take(_A.INVOLVE, at, account=life.crew.member_account, worker=life.crew.helper)


def _co_receipt(life: Life, at: datetime) -> None:
    if life.helped:
        life.take(_A.CO_RECEIPT, at, account=life.crew.helper_account, worker=life.crew.helper)


def _co_sign(life: Life, at: datetime) -> None:
    if life.helped:
        life.take(_A.CO_SIGN, at, account=life.crew.helper_account, worker=life.crew.helper)


def _suspend(life: Life, at: datetime) -> None:
    life.clock.suspended(at=at)
    life.take(_A.SUSPEND, at, account=life.crew.staff_account, text=life.words(_A.SUSPEND))


def _resume(life: Life, at: datetime) -> None:
    life.due = life.clock.resumed(at=at)
    life.take(_A.RESUME, at, account=life.crew.staff_account, due=life.due)


def _extend(life: Life, at: datetime) -> None:
    if life.due is None:
        return
    until = max(life.due, at) + timedelta(days=life.rng.randint(1, 3))
    life.due = life.clock.extended(until, at=at)
    text = life.words(_A.EXTEND)
    life.take(_A.EXTEND, at, account=life.crew.staff_account, text=text, due=life.due)


def _escalate(life: Life, at: datetime) -> None:
    if life.case.severity != "emergency":
        text, route = life.words(_A.ESCALATE), Route.COMMUNITY.value
        life.take(_A.ESCALATE, at, account=life.crew.member_account, text=text, route=route)


def _supervise(life: Life, at: datetime) -> None:
    kind = life.rng.choice((Supervision.LEADER, Supervision.IMPORTANT)).value
    life.take(_A.SUPERVISE, at, account=life.crew.head_account, kind=kind)


def _supervise_late(life: Life, at: datetime) -> None:
    life.take(_A.SUPERVISE, at, account=None, kind=Supervision.TIMEOUT.value)


_WAYS: Final[tuple[list[_Taken], ...]] = (
    [],
    [],
    [_involve],
    [_involve, _co_receipt],
    [_extend],
    [_suspend],
    [_return],
    [_finish],
    [_finish, _feedback],
    [_finish, _check],
    [_finish, _rework],
    [_escalate],
    [_supervise],
)
"""How far what is being handled has come."""
