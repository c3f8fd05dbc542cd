"""The workflow of a case as one table: which step leads where, who may take it, and what it needs.

The main flow is ``reported → accepted → (verifying) → filed → dispatched → receipted → handling → feedback
→ (checking) → closed → rated``. Beside it stand returning, suspending, extending, escalating, supervising,
voiding and reopening. A small matter goes from ``reported`` to ``closed`` in one transition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gisgrid.errors import Conflict, say


class CaseState(StrEnum):
    """Where a case stands."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    VERIFYING = "verifying"
    FILED = "filed"
    DISPATCHED = "dispatched"
    RECEIPTED = "receipted"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    CHECKING = "checking"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    RATED = "rated"
    REJECTED = "rejected"
    VOID = "void"


class CaseAction(StrEnum):
    """What can be done with a case."""

    ACCEPT = "accept"
    VERIFY = "verify"
    FILE = "file"
    REJECT = "reject"
    CLAIM = "claim"
    ASSIGN = "assign"
    DISPATCH = "dispatch"
    RECEIPT = "receipt"
    START = "start"
    FINISH = "finish"
    FEEDBACK = "feedback"
    CHECK = "check"
    REWORK = "rework"
    CLOSE = "close"
    RATE = "rate"
    REOPEN = "reopen"
    RETURN = "return"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    ESCALATE = "escalate"
    SUPERVISE = "supervise"
    VOID = "void"
    DUPLICATE = "duplicate"
    INVOLVE = "involve"
    RELEASE = "release"
    CO_RECEIPT = "co_receipt"
    CO_SIGN = "co_sign"


class Who(StrEnum):
    """What somebody is to a case."""

    HANDLER = "handler"
    CO_HANDLER = "co_handler"
    MEMBER = "member"
    """A grid member on duty in the grid the case lies in."""
    BRANCH = "branch"
    """A grid member of the compound the case lies in; of the community where there are no compounds."""
    STAFF = "staff"
    HEAD = "head"
    LEADER = "leader"
    REPORTER = "reporter"
    """Who reported it: by the account, or by the receipt code."""
    NEARBY = "nearby"
    """A grid leader or building steward in whose micro grid or buildings the case lies."""
    NEARBY_HANDLER = "nearby_handler"
    """One of them who was given the case or has started it."""
    CLOCK = "clock"
    """Nobody: a time limit has passed."""


class Requirement(StrEnum):
    """What a step can't be taken without."""

    REASON = "reason"
    RESULT = "result"
    FEEDBACK = "feedback"
    """A way and a time in which the person served was told, or that nobody is known to be told."""
    HANDLER = "handler"
    DUE = "due"
    ORIGINAL = "duplicate_of"
    SPEED = "speed"
    EFFECT = "effect"
    KIND = "kind"
    WORKER = "worker"
    HELPER = "helper"
    """A ``worker`` who helps with the case."""


class Target(StrEnum):
    """Where a step leads that isn't one state."""

    SAME = "same"
    BEFORE = "before"
    """The state the case was suspended in."""


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One line of the table."""

    action: CaseAction
    sources: tuple[CaseState, ...]
    target: CaseState | Target
    who: frozenset[Who]
    needs: tuple[Requirement, ...] = ()

    def leads_to(self, source: CaseState, before: CaseState | None = None) -> CaseState:
        """The state after the step; ``before`` is the one a suspended case was in."""
        if self.target is Target.SAME:
            return source
        if self.target is Target.BEFORE:
            return before or CaseState.HANDLING
        return CaseState(self.target)


_S, _A, _W, _N = CaseState, CaseAction, Who, Requirement

ENDED_STATES: Final = (_S.CLOSED, _S.RATED, _S.REJECTED, _S.VOID)
"""A case that ended; in all other states it is open, also where it is overdue or suspended."""
OPEN_STATES: Final = tuple(state for state in CaseState if state not in ENDED_STATES)
NO_CASES: Final = (_S.REJECTED, _S.VOID)
"""What was reported turned out to be no case, or one that was known: no figure counts it as one."""
RUNNING_STATES: Final = tuple(state for state in OPEN_STATES if state is not _S.SUSPENDED)
"""Open, and its clock is running."""
MAIN_FLOW: Final = (
    _S.REPORTED,
    _S.ACCEPTED,
    _S.VERIFYING,
    _S.FILED,
    _S.DISPATCHED,
    _S.RECEIPTED,
    _S.HANDLING,
    _S.FEEDBACK,
    _S.CHECKING,
    _S.CLOSED,
    _S.RATED,
)
"""The main flow in its order."""
UNCLAIMED_STATES: Final = (_S.REPORTED, _S.ACCEPTED, _S.FILED)
"""Nobody has been given the case yet: it stands in the claim pool while it has no handler."""

_SORTING: Final = frozenset({_W.STAFF, _W.HEAD})
_WORKING: Final = frozenset({_W.HANDLER, _W.MEMBER, _W.STAFF, _W.HEAD})
_LEADING: Final = frozenset({_W.HANDLER, _W.STAFF, _W.HEAD})
_ON_THE_WAY: Final = (_S.DISPATCHED, _S.RECEIPTED, _S.HANDLING)

WORKFLOW: Final[tuple[WorkflowStep, ...]] = (
    WorkflowStep(_A.ACCEPT, (_S.REPORTED,), _S.ACCEPTED, _SORTING | {_W.MEMBER}),
    WorkflowStep(_A.VERIFY, (_S.ACCEPTED,), _S.VERIFYING, _SORTING),
    WorkflowStep(_A.FILE, (_S.ACCEPTED, _S.VERIFYING), _S.FILED, _SORTING | {_W.MEMBER}),
    WorkflowStep(_A.REJECT, (_S.REPORTED, _S.ACCEPTED, _S.VERIFYING), _S.REJECTED, _SORTING, (_N.REASON,)),
    WorkflowStep(_A.CLAIM, UNCLAIMED_STATES, _S.RECEIPTED, frozenset({_W.BRANCH})),
    WorkflowStep(_A.ASSIGN, UNCLAIMED_STATES, _S.DISPATCHED, frozenset({_W.CLOCK}), (_N.HANDLER,)),
    WorkflowStep(
        _A.DISPATCH,
        (*UNCLAIMED_STATES, _S.RETURNED, _S.DISPATCHED, _S.RECEIPTED),
        _S.DISPATCHED,
        _SORTING,
        (_N.HANDLER,),
    ),
    WorkflowStep(_A.RECEIPT, (_S.DISPATCHED,), _S.RECEIPTED, frozenset({_W.HANDLER, _W.NEARBY_HANDLER})),
    WorkflowStep(_A.START, UNCLAIMED_STATES, _S.HANDLING, _WORKING | {_W.NEARBY}),
    WorkflowStep(_A.START, (_S.DISPATCHED, _S.RECEIPTED), _S.HANDLING, _WORKING | {_W.NEARBY_HANDLER}),
    WorkflowStep(_A.FINISH, (_S.HANDLING,), _S.FEEDBACK, _WORKING | {_W.NEARBY_HANDLER}, (_N.RESULT,)),
    WorkflowStep(_A.FEEDBACK, (_S.FEEDBACK, _S.CHECKING), Target.SAME, _WORKING, (_N.FEEDBACK,)),
    WorkflowStep(_A.CHECK, (_S.FEEDBACK,), _S.CHECKING, _SORTING),
    WorkflowStep(_A.REWORK, (_S.FEEDBACK, _S.CHECKING), _S.HANDLING, _SORTING, (_N.REASON,)),
    # A small matter is settled on the spot: closed without having been taken up before.
    WorkflowStep(
        _A.CLOSE,
        (*UNCLAIMED_STATES, *_ON_THE_WAY, _S.FEEDBACK),
        _S.CLOSED,
        _WORKING,
        (_N.RESULT, _N.FEEDBACK),
    ),
    # What is being checked is not closed by the one who is checked.
    WorkflowStep(_A.CLOSE, (_S.CHECKING,), _S.CLOSED, _SORTING, (_N.RESULT, _N.FEEDBACK)),
    WorkflowStep(_A.RATE, (_S.CLOSED,), _S.RATED, frozenset({_W.REPORTER}), (_N.SPEED, _N.EFFECT)),
    WorkflowStep(
        _A.REOPEN,
        (_S.CLOSED, _S.RATED),
        _S.ACCEPTED,
        frozenset({_W.REPORTER}) | _SORTING,
        (_N.REASON,),
    ),
    # Who gets a case back may give it to another or end it, but not carry it forward.
    WorkflowStep(_A.RETURN, _ON_THE_WAY, _S.RETURNED, frozenset({_W.HANDLER, _W.MEMBER}), (_N.REASON,)),
    WorkflowStep(_A.EXTEND, RUNNING_STATES, Target.SAME, _SORTING, (_N.REASON, _N.DUE)),
    WorkflowStep(_A.SUSPEND, RUNNING_STATES, _S.SUSPENDED, _SORTING, (_N.REASON,)),
    WorkflowStep(_A.RESUME, (_S.SUSPENDED,), Target.BEFORE, _SORTING),
    WorkflowStep(_A.ESCALATE, RUNNING_STATES, Target.SAME, _WORKING, (_N.REASON,)),
    WorkflowStep(
        _A.SUPERVISE, OPEN_STATES, Target.SAME, frozenset({_W.HEAD, _W.LEADER, _W.CLOCK}), (_N.KIND,)
    ),
    WorkflowStep(_A.VOID, OPEN_STATES, _S.VOID, _SORTING, (_N.REASON,)),
    WorkflowStep(_A.DUPLICATE, OPEN_STATES, _S.VOID, _SORTING | {_W.MEMBER}, (_N.ORIGINAL,)),
    WorkflowStep(_A.INVOLVE, RUNNING_STATES, Target.SAME, _LEADING, (_N.WORKER,)),
    WorkflowStep(_A.RELEASE, OPEN_STATES, Target.SAME, _LEADING, (_N.HELPER,)),
    WorkflowStep(_A.CO_RECEIPT, RUNNING_STATES, Target.SAME, frozenset({_W.CO_HANDLER})),
    WorkflowStep(_A.CO_SIGN, RUNNING_STATES, Target.SAME, frozenset({_W.CO_HANDLER})),
)
"""Every allowed step. What isn't in this table can't be done."""


def _by_state() -> Iterator[tuple[tuple[CaseState, CaseAction], WorkflowStep]]:
    for step in WORKFLOW:
        for source in step.sources:
            yield (source, step.action), step


STEPS: Final[Mapping[tuple[CaseState, CaseAction], WorkflowStep]] = MappingProxyType(dict(_by_state()))
"""The same table by state and action; no two lines have both in common."""


def step_of(state: CaseState, action: CaseAction) -> WorkflowStep:
    """The line of the table for a step.

    Raises
    ------
    Conflict
        The step isn't allowed in this state.
    """
    step = STEPS.get((state, action))
    if step is None:
        raise Conflict(say("a case that is {state} can't take the step {action}", state=state, action=action))
    return step


def states_before(action: CaseAction) -> tuple[CaseState, ...]:
    """The states in which a step can be taken, in the order of the table."""
    return tuple(state for step in WORKFLOW if step.action is action for state in step.sources)


def next_state(state: CaseState, action: CaseAction, before: CaseState | None = None) -> CaseState:
    """The state after a step; ``before`` is the one a suspended case was in.

    Raises
    ------
    Conflict
        The step isn't allowed in this state.
    """
    return step_of(state, action).leads_to(state, before)


def allowed_actions(state: CaseState, who: Collection[Who] | None = None) -> tuple[CaseAction, ...]:
    """What can be done with a case in a state, by all or by who is something to it, in the table's order."""
    steps = (step for step in WORKFLOW if state in step.sources)
    return tuple(step.action for step in steps if who is None or not step.who.isdisjoint(who))
