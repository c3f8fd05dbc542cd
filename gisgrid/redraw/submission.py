"""What is said and decided about a plan, with what follows: accounts are told, rules are asked."""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.view import Caches, Look
from gisgrid.errors import Conflict
from gisgrid.redraw.notifications import tell_drafters, tell_recalled, tell_submitted
from gisgrid.redraw.plans import decisions
from gisgrid.redraw.plans.models import NoteKind, Plan
from gisgrid.redraw.plans.store import find_plan, open_plan
from gisgrid.redraw.rules.checks import findings_of, stopping


def submit(look: Look, plan_id: str, text: str, *, caches: Caches, now: datetime) -> Plan:
    """Hand a plan in for approval; who it waits for and whose grids it touches is told.

    Raises
    ------
    Conflict
        The division has changed since where the plan draws.
    """
    plan = decisions.submit(look, plan_id, text, now=now)
    tell_submitted(look, open_plan(look, plan_id, caches=caches), now=now)
    return plan


def approve(look: Look, plan_id: str, text: str, *, caches: Caches, now: datetime) -> Plan:
    """Approve a submitted plan that isn't one's own and breaks no rule that stops it; its drafters are told.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    Conflict
        A rule stops it: one sentence says which.
    """
    plan = decisions.approve(look, plan_id, text, now=now)
    opened = open_plan(look, plan_id, caches=caches)
    blocking = stopping(findings_of(look, opened))
    if blocking:
        raise Conflict(blocking[0]["message"])
    tell_drafters(look, plan, NoteKind.APPROVE, now=now)
    return plan


def recall(look: Look, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Take a submitted plan back that one drew; who was told that it was submitted is told.

    Raises
    ------
    NotAllowed
        The actor drew nothing of it.
    Conflict
        It isn't submitted, or decided by now.
    """
    plan = decisions.recall(look, plan_id, text, now=now)
    tell_recalled(look, plan, now=now)
    return plan


def send_back(look: Look, plan_id: str, text: str, *, now: datetime) -> Plan:
    """Return a submitted plan with a reason; its drafters are told.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    InvalidInput
        A reason is missing.
    """
    plan = decisions.send_back(look, plan_id, text, now=now)
    tell_drafters(look, plan, NoteKind.RETURN, now=now)
    return plan


def comment(look: Look, plan_id: str, text: str, *, now: datetime) -> None:
    """Say something about a plan; its drafters are told.

    Raises
    ------
    InvalidInput
        It says nothing.
    """
    decisions.comment(look, plan_id, text, now=now)
    tell_drafters(look, find_plan(look, plan_id), NoteKind.COMMENT, now=now)
