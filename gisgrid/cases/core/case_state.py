"""How a case stands, made of nothing but its log: every step is an event, and events make the standing.

Who takes a step writes the standing that follows into the case and the event into the log; so the log alone
rebuilds the state. Steps noted before there was a workflow carry no details: what they left open stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gisgrid.cases.core.workflow import CaseAction, CaseState, next_state
from gisgrid.errors import InvalidInput, say


class Net(StrEnum):
    """Which of the two nets a case belongs to."""

    MANAGEMENT = "management"
    SERVICE = "service"


class Route(StrEnum):
    """How far up a case is settled: routine in the grid, with the community's help, by the subdistrict."""

    GRID = "grid"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"


class Resolution(StrEnum):
    """How a case ended."""

    ON_SPOT = "on_spot"
    HANDLED = "handled"
    DUPLICATE = "duplicate"


class Channel(StrEnum):
    """How the person served was told of the result."""

    ON_SPOT = "on_spot"
    PHONE = "phone"
    WECHAT = "wechat"
    MESSAGE = "message"
    LETTER = "letter"
    PAGE = "page"
    ANONYMOUS = "anonymous"
    """Nobody is known who could be told."""
    IMPORTED = "imported"
    """Another system has settled and told it."""
    EARLIER = "earlier"
    """Closed before feedback was noted."""


GIVEN_CHANNELS: Final = tuple(
    channel for channel in Channel if channel not in (Channel.IMPORTED, Channel.EARLIER)
)
"""What people choose from."""


class Supervision(StrEnum):
    """Why a case is supervised."""

    TIMEOUT = "timeout"
    LEADER = "leader"
    IMPORTANT = "important"


REPORTED: Final = "report"
IMPORTED: Final = "import"
HANDED_OVER: Final = "hand_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoHandler:
    """Somebody who helps to handle a case: asked, has receipted it, has signed off."""

    worker_id: str
    asked_at: datetime
    receipted_at: datetime | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSnapshot:
    """How a case stands: the columns of its row that steps change, and its co-handlers by worker."""

    state: CaseState
    handler_id: str | None = None
    route: Route = Route.GRID
    needs_coordination: bool = False
    is_supervised: bool = False
    due_at: datetime | None = None
    claim_until: datetime | None = None
    closed_at: datetime | None = None
    result: str | None = None
    resolution: Resolution | None = None
    feedback_channel: Channel | None = None
    feedback_at: datetime | None = None
    rating_speed: int | None = None
    rating_result: int | None = None
    rated_at: datetime | None = None
    suspended_at: datetime | None = None
    suspended_from: CaseState | None = None
    suspended_seconds: int = 0
    duplicate_of_id: str | None = None
    co_handlers: tuple[CoHandler, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a log. ``details`` are ids, words and moments (ISO 8601), never free text."""

    action: str
    at: datetime
    to_state: str
    from_state: str | None = None
    text: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def moment(self, name: str) -> datetime | None:
        """A moment of the details."""
        text = self.details.get(name)
        return datetime.fromisoformat(text) if text else None


def replayed(log: Iterable[Event]) -> CaseSnapshot:
    """How a case stands after all lines of its log, in their order.

    Raises
    ------
    InvalidInput
        The log is empty, or a line leads elsewhere than the workflow.
    """
    snapshot: CaseSnapshot | None = None
    for event in log:
        snapshot = applied(snapshot, event)
    if snapshot is None:
        raise InvalidInput("a case without a log can't be rebuilt")
    return snapshot


def applied(snapshot: CaseSnapshot | None, event: Event) -> CaseSnapshot:
    """How a case stands after one more line of its log; nothing stands before the first one.

    Raises
    ------
    InvalidInput
        The line leads elsewhere than the workflow.
    """
    if snapshot is None or event.action == IMPORTED:
        return _opened(snapshot, event)
    after = replace(snapshot, state=_state_after(snapshot, event))
    effect = _EFFECTS.get(event.action)
    return effect(after, event) if effect else after


def _state_after(snapshot: CaseSnapshot, event: Event) -> CaseState:
    if event.action not in set(CaseAction):
        return snapshot.state
    after = next_state(snapshot.state, CaseAction(event.action), snapshot.suspended_from)
    if after != event.to_state:
        raise InvalidInput(
            say("the log leads to {told}, the workflow to {after}", told=event.to_state, after=after)
        )
    return after


def _opened(snapshot: CaseSnapshot | None, event: Event) -> CaseSnapshot:
    """The first line, or what another system says of a case later on."""
    known = snapshot or CaseSnapshot(state=CaseState.REPORTED)
    details = event.details
    opened = replace(
        known,
        state=CaseState(event.to_state),
        route=Route(details.get("route", known.route)),
        needs_coordination=bool(details.get("coordination", known.needs_coordination)),
        handler_id=details.get("handler", known.handler_id),
        due_at=event.moment("due") or known.due_at,
        claim_until=event.moment("claim_until") or known.claim_until,
        closed_at=event.moment("closed") or known.closed_at,
        result=event.text or known.result,
    )
    if opened.state is not known.state:
        opened = _goes_on(opened, event)
    opened = _exported_snapshot(opened, event)
    is_settled = opened.state in (CaseState.CLOSED, CaseState.RATED)
    if is_settled and opened.feedback_channel is None:
        return replace(opened, feedback_channel=Channel.IMPORTED, feedback_at=opened.closed_at)
    return opened


def _exported_snapshot(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    """What a list exported by another house tells besides: since when it is suspended, how it was rated."""
    since, rated_at = event.moment("suspended"), event.moment("rated")
    if since is not None:
        return replace(snapshot, suspended_at=since, suspended_from=CaseState.HANDLING)
    if rated_at is not None:
        speed, result = event.details.get("speed"), event.details.get("result")
        return replace(snapshot, rated_at=rated_at, rating_speed=speed, rating_result=result)
    return snapshot


def _takes(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return replace(snapshot, handler_id=event.details.get("handler", snapshot.handler_id))


def _returns(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    del event
    return replace(snapshot, handler_id=None)


def _finishes(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return replace(snapshot, result=event.text)


def _tells(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    channel = event.details.get("channel")
    if channel is None:
        return snapshot
    return replace(snapshot, feedback_channel=Channel(channel), feedback_at=event.moment("told_at"))


def _reworks(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    del event
    return replace(snapshot, result=None, feedback_channel=None, feedback_at=None)


def _closes(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    after = _tells(snapshot, event)
    if after.feedback_channel is None and "resolution" not in event.details:  # before there was a workflow
        after = replace(after, feedback_channel=Channel.EARLIER, feedback_at=event.at)
    at_once = Resolution.ON_SPOT if event.from_state == CaseState.REPORTED else Resolution.HANDLED
    resolution = Resolution(event.details.get("resolution", at_once))
    handler = event.details.get("handler", after.handler_id)
    result = event.text or after.result
    return replace(after, result=result, resolution=resolution, closed_at=event.at, handler_id=handler)


def _rates(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    speed, result = event.details.get("speed"), event.details.get("result")
    return replace(snapshot, rating_speed=speed, rating_result=result, rated_at=event.at)


def _reopens(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    open_again = replace(_reworks(snapshot, event), closed_at=None, resolution=None, handler_id=None)
    return replace(open_again, due_at=event.moment("due") or snapshot.due_at, claim_until=None)


def _extends(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return replace(snapshot, due_at=event.moment("due"))


def _suspends(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    before = CaseState(event.from_state) if event.from_state else None
    return replace(snapshot, suspended_at=event.at, suspended_from=before)


def _goes_on(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    if snapshot.suspended_at is None:
        return snapshot
    return replace(snapshot, **suspended_for(snapshot, until=event.at))


def suspended_for(case: Any, *, until: datetime) -> dict[str, Any]:
    """What stands in a suspended case once it goes on: its clock has stood still in whole seconds.

    By column, for a row and for a standing.
    """
    passed = int((until - case.suspended_at).total_seconds())
    seconds = case.suspended_seconds + passed
    return {"suspended_at": None, "suspended_from": None, "suspended_seconds": seconds}


def _resumes(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return replace(_goes_on(snapshot, event), due_at=event.moment("due") or snapshot.due_at)


def _ends(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return replace(_goes_on(snapshot, event), closed_at=event.at)


def _doubles(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    ended = _ends(snapshot, event)
    return replace(ended, duplicate_of_id=event.details.get("of"), resolution=Resolution.DUPLICATE)


def _escalates(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    route = Route(event.details.get("route", snapshot.route))
    return replace(snapshot, route=route, needs_coordination=True)


def _supervises(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    del event
    return replace(snapshot, is_supervised=True)


def _involves(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    joined = CoHandler(worker_id=event.details["worker"], asked_at=event.at)
    return replace(snapshot, co_handlers=(*snapshot.co_handlers, joined))


def _releases(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    left = tuple(helper for helper in snapshot.co_handlers if helper.worker_id != event.details["worker"])
    return replace(snapshot, co_handlers=left)


def _co_receipts(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return _of_co_handler(snapshot, event, receipted_at=event.at)


def _co_signs(snapshot: CaseSnapshot, event: Event) -> CaseSnapshot:
    return _of_co_handler(snapshot, event, signed_at=event.at)


def _of_co_handler(snapshot: CaseSnapshot, event: Event, **moments: datetime) -> CaseSnapshot:
    worker = event.details["worker"]
    changed = (
        replace(helper, **moments) if helper.worker_id == worker else helper  # type: ignore[arg-type]
        for helper in snapshot.co_handlers
    )
    return replace(snapshot, co_handlers=tuple(changed))


_EFFECTS: Final[Mapping[str, Callable[[CaseSnapshot, Event], CaseSnapshot]]] = {
    CaseAction.REJECT: _ends,
    CaseAction.CLAIM: _takes,
    CaseAction.ASSIGN: _takes,
    CaseAction.DISPATCH: _takes,
    CaseAction.START: _takes,
    HANDED_OVER: _takes,
    CaseAction.FINISH: _finishes,
    CaseAction.FEEDBACK: _tells,
    CaseAction.REWORK: _reworks,
    CaseAction.CLOSE: _closes,
    CaseAction.RATE: _rates,
    CaseAction.REOPEN: _reopens,
    CaseAction.RETURN: _returns,
    CaseAction.EXTEND: _extends,
    CaseAction.SUSPEND: _suspends,
    CaseAction.RESUME: _resumes,
    CaseAction.ESCALATE: _escalates,
    CaseAction.SUPERVISE: _supervises,
    CaseAction.VOID: _ends,
    CaseAction.DUPLICATE: _doubles,
    CaseAction.INVOLVE: _involves,
    CaseAction.RELEASE: _releases,
    CaseAction.CO_RECEIPT: _co_receipts,
    CaseAction.CO_SIGN: _co_signs,
}
