"""What is said and decided about a plan, with what follows: accounts are told, rules are asked."""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.view import Caches, View
from gisgrid.errors import Conflict
from gisgrid.redraw.notifications import tell_drafters, tell_recalled, tell_submitted
from gisgrid.redraw.plans import decisions
from gisgrid.redraw.plans.models import NoteKind, Plan
from gisgrid.redraw.plans.store import find_plan, open_plan
from gisgrid.redraw.rules.checks import findings_of, stopping


def submit(view: View, plan_id: str, text: str, *, caches: Caches, now: datetime) -> Plan:
    """Hand a plan in for approval; who it waits for and whose grids it touches is told.

    Raises
    ------
    Conflict
        The division has changed since where the plan draws.
    """
    plan = decisions.submit(view, plan_id, text, now=now)
    tell_submitted(view, open_plan(view, plan_id, caches=caches), now=now)
    return plan


def approve(view: View, plan_id: str, text: str, *, caches: Caches, now: datetime) -> Plan:
    """Approve a submitted plan that isn't one's own and breaks no rule that stops it; its drafters are told.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    Conflict
        A rule stops it: one sentence says which.
    """
    plan = decisions.approve(view, plan_id, text, now=now)
    opened = open_plan(view, plan_id, caches=caches)
    blocking = stopping(findings_of(view, opened))
    if blocking:
        raise Conflict(blocking[0]["message"])
    tell_drafters(view, plan, NoteKind.APPROVE, now=now)
    return plan


def recall(view: View, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Take a submitted plan back that one drew; who was told that it was submitted is told.

    Raises
    ------
    NotAllowed
        The actor drew nothing of it.
    Conflict
        It isn't submitted, or decided by now.
    """
    plan = decisions.recall(view, plan_id, text, now=now)
    tell_recalled(view, plan, now=now)
    return plan


def send_back(view: View, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Return a submitted plan with a reason; its drafters are told.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    InvalidInput
        A reason is missing.
    """
    plan = decisions.send_back(view, plan_id, text, now=now)
    tell_drafters(view, plan, NoteKind.RETURN, now=now)
    return plan


def comment(view: View, plan_id: str, text: str, *, now: datetime) -> None:
    """Say something about a plan; its drafters are told.

    Raises
    ------
    InvalidInput
        It says nothing.
    """
    decisions.comment(view, plan_id, text, now=now)
    tell_drafters(view, find_plan(view, plan_id), NoteKind.COMMENT, now=now)
