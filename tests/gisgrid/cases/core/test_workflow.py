"""The table of the workflow: who may take which step where, and that nothing else is possible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from gisgrid.cases.core.case_state import CaseSnapshot, Channel, Event, Resolution, applied, replayed
from gisgrid.cases.core.workflow import (
    ENDED_STATES,
    MAIN_FLOW,
    OPEN_STATES,
    STEPS,
    WORKFLOW,
    CaseAction,
    CaseState,
    Requirement,
    Target,
    Who,
    allowed_actions,
)
from gisgrid.errors import Conflict, InvalidInput
from tests import ROOT

S, A = CaseState, CaseAction
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

RUNNING = "reported accepted verifying filed dispatched receipted handling feedback checking returned"
OPEN = f"{RUNNING} suspended"
NEW = "reported accepted filed"
GIVEN = "dispatched receipted handling"
EXPECTED = {
    "accept": ("reported", "member staff head"),
    "verify": ("accepted", "staff head"),
    "file": ("accepted verifying", "member staff head"),
    "reject": ("reported accepted verifying", "staff head"),
    "claim": (NEW, "branch"),
    "assign": (NEW, "clock"),
    "dispatch": (f"{NEW} returned dispatched receipted", "staff head"),
    "receipt": ("dispatched", "handler nearby_handler"),
    "start": (f"{NEW} dispatched receipted", "handler member staff head"),
    "finish": ("handling", "handler member staff head nearby_handler"),
    "feedback": ("feedback checking", "handler member staff head"),
    "check": ("feedback", "staff head"),
    "rework": ("feedback checking", "staff head"),
    "close": (f"{NEW} {GIVEN} feedback", "handler member staff head"),
    "rate": ("closed", "reporter"),
    "reopen": ("closed rated", "reporter staff head"),
    "return": (GIVEN, "handler member"),
    "extend": (RUNNING, "staff head"),
    "suspend": (RUNNING, "staff head"),
    "resume": ("suspended", "staff head"),
    "escalate": (RUNNING, "handler member staff head"),
    "supervise": (OPEN, "head leader clock"),
    "void": (OPEN, "staff head"),
    "duplicate": (OPEN, "member staff head"),
    "involve": (RUNNING, "handler staff head"),
    "release": (OPEN, "handler staff head"),
    "co_receipt": (RUNNING, "co_handler"),
    "co_sign": (RUNNING, "co_handler"),
}
"""For each step the states it is taken in and who takes it, written down apart from the table."""


@pytest.mark.parametrize(("who", "action"), list(product(Who, CaseAction)))
def test_who_may_take_which_step_where(who: Who, action: CaseAction) -> None:
    states, people = EXPECTED[action]
    expected = set(states.split()) if who in people.split() else set()
    if action is A.CLOSE and who in (Who.STAFF, Who.HEAD):
        expected.add("checking")  # what is checked is not closed by the one who is checked
    if action is A.START and who is Who.NEARBY:
        expected = set(NEW.split())  # what nobody was given
    if action is A.START and who is Who.NEARBY_HANDLER:
        expected = {"dispatched", "receipted"}
    assert {state for state in CaseState if action in allowed_actions(state, {who})} == expected


def test_the_table_has_each_step_of_each_state_once() -> None:
    pairs = [(source, step.action) for step in WORKFLOW for source in step.sources]
    assert len(pairs) == len(set(pairs)) == len(STEPS)
    assert {step.action for step in WORKFLOW} == set(CaseAction)


def test_every_state_is_reached_and_only_an_ended_one_can_be_left_standing() -> None:
    reached = {step.target for step in WORKFLOW if isinstance(step.target, CaseState)}
    assert reached | {S.REPORTED} == set(CaseState)
    for state in OPEN_STATES:
        assert allowed_actions(state)
    assert {state for state in ENDED_STATES if allowed_actions(state)} == {S.CLOSED, S.RATED}


def test_from_every_open_state_a_case_can_be_brought_to_its_end() -> None:
    for state in OPEN_STATES:
        known, seen = {state}, set[CaseState]()
        while known - seen:
            now = (known - seen).pop()
            seen.add(now)
            known |= {STEPS[now, action].leads_to(now, S.HANDLING) for action in allowed_actions(now)}
        assert S.CLOSED in seen, state


def test_who_gets_a_case_back_does_not_carry_it_forward() -> None:
    forward = {S.RECEIPTED, S.HANDLING, S.FEEDBACK, S.CHECKING, S.CLOSED, S.RATED, S.ACCEPTED, S.FILED}
    leads = {STEPS[S.RETURNED, action].leads_to(S.RETURNED) for action in allowed_actions(S.RETURNED)}
    assert not leads & forward
    assert S.DISPATCHED in leads


def test_reasons_results_and_feedback_are_asked_for_where_they_have_to_be() -> None:
    needing = {need: {step.action for step in WORKFLOW if need in step.needs} for need in Requirement}
    assert needing[Requirement.REASON] == {
        A.REJECT, A.REWORK, A.REOPEN, A.RETURN, A.EXTEND, A.SUSPEND, A.ESCALATE, A.VOID,
    }  # fmt: skip
    assert needing[Requirement.RESULT] == {A.FINISH, A.CLOSE}
    assert needing[Requirement.FEEDBACK] == {A.FEEDBACK, A.CLOSE}


def test_the_main_flow_goes_from_state_to_state() -> None:
    leads = {(source, step.leads_to(source)) for step in WORKFLOW for source in step.sources}
    optional = {S.VERIFYING, S.CHECKING}
    for before, after in pairwise(MAIN_FLOW):
        assert (before, after) in leads or before is S.CHECKING
    assert (S.CHECKING, S.CLOSED) in leads
    needed = [state for state in MAIN_FLOW if state not in optional]
    assert all(pair in leads for pair in pairwise(needed))


def test_the_document_shows_the_table_as_it_is() -> None:
    text = (ROOT / "docs" / "workflow.md").read_text(encoding="utf-8")
    words = {Target.SAME: "stays", Target.BEFORE: "as before"}
    for step in WORKFLOW:
        to = words[step.target] if isinstance(step.target, Target) else step.target
        who, needs = ", ".join(sorted(step.who)), ", ".join(step.needs)
        assert f"| `{step.action}` | {', '.join(step.sources)} | {to} | {who} | {needs} |" in text
    assert text.count("\n| `") == len(WORKFLOW)


def line(action: str, to: str, *, before: str | None = None, hours: float = 0, **details: object) -> Event:
    text = str(details.pop("text")) if "text" in details else None
    at = AT + timedelta(hours=hours)
    return Event(action=action, at=at, from_state=before, to_state=to, text=text, details=details)


def test_a_log_alone_rebuilds_how_a_case_stands() -> None:
    log = [
        line("report", "reported", route="grid", due=(AT + timedelta(hours=24)).isoformat()),
        line("accept", "accepted", before="reported"),
        line("dispatch", "dispatched", before="accepted", handler="w1"),
        line("suspend", "suspended", before="dispatched", hours=1, text="winter"),
        line("resume", "dispatched", before="suspended", hours=3),
        line("involve", "dispatched", before="dispatched", hours=3, worker="w2"),
        line("co_receipt", "dispatched", before="dispatched", hours=4, worker="w2"),
        line("co_sign", "dispatched", before="dispatched", hours=5, worker="w2"),
        line("start", "handling", before="dispatched", hours=5, handler="w1"),
        line("finish", "feedback", before="handling", hours=6, text="mended"),
        line("feedback", "feedback", before="feedback", hours=7, channel="phone", told_at=AT.isoformat()),
        line("close", "closed", before="feedback", hours=8, text="mended", resolution="handled"),
        line("rate", "rated", before="closed", hours=9, speed=4, result=2),
    ]
    found = replayed(log)
    assert (found.state, found.handler_id, found.result) == (S.RATED, "w1", "mended")
    assert (found.suspended_at, found.suspended_seconds) == (None, 7200)
    assert (found.feedback_channel, found.feedback_at) == (Channel.PHONE, AT)
    assert (found.rating_speed, found.rating_result) == (4, 2)
    assert [one.signed_at for one in found.co_handlers] == [AT + timedelta(hours=5)]
    assert replayed(log[:4]).suspended_from is S.DISPATCHED
    again = applied(found, line("reopen", "accepted", before="rated", hours=10, text="again"))
    assert (again.state, again.closed_at, again.result, again.feedback_channel) == (
        S.ACCEPTED, None, None, None,
    )  # fmt: skip


def test_lines_from_before_there_was_a_workflow_are_read_too() -> None:
    spot = replayed([line("report", "reported"), line("close", "closed", before="reported", text="done")])
    assert (spot.resolution, spot.feedback_channel) == (Resolution.ON_SPOT, Channel.EARLIER)
    later = [line("report", "reported"), line("start", "handling", before="reported")]
    assert replayed([*later, line("close", "closed", before="handling")]).resolution is Resolution.HANDLED
    told = replayed([line("import", "closed", closed=AT.isoformat()), line("redact", "closed")])
    assert (told.feedback_channel, told.closed_at) == (Channel.IMPORTED, AT)


def test_a_log_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the log leads to closed, the workflow to accepted"):
        replayed([line("report", "reported"), line("accept", "closed", before="reported")])
    with pytest.raises(Conflict):
        replayed([line("report", "reported"), line("finish", "feedback", before="reported")])
    with pytest.raises(InvalidInput, match="without a log"):
        replayed([])


def test_a_step_that_leads_nowhere_else_changes_no_state() -> None:
    staying = [step for step in WORKFLOW if step.target is Target.SAME]
    for step in staying:
        for source in step.sources:
            assert step.leads_to(source) is source
    snapshot = CaseSnapshot(state=S.HANDLING)
    assert applied(snapshot, line("supervise", "handling", before="handling", kind="leader")).is_supervised
