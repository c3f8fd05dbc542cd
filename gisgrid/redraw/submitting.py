"""Handing a plan in and approving it, with what follows: neighbours are told, rules are asked."""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.look import Caches, Look
from gisgrid.errors import Conflict
from gisgrid.redraw import deciding
from gisgrid.redraw.checking import findings_of, stopping
from gisgrid.redraw.models import NoticeKind, Plan
from gisgrid.redraw.noticing import notify
from gisgrid.redraw.plans import open_plan


def submit(look: Look, plan_id: str, text: str, *, caches: Caches, now: datetime) -> Plan:
    """Hand a plan in for approval; staff whose grids it touches are told.

    Raises
    ------
    Conflict
        The division has changed since where the plan draws.
    """
    plan = deciding.submit(look, plan_id, text, now=now)
    notify(look, open_plan(look, plan_id, caches=caches), NoticeKind.SUBMITTED, now=now)
    return plan


def approve(look: Look, plan_id: str, text: str, *, caches: Caches, now: datetime) -> Plan:
    """Approve a submitted plan that isn't one's own and breaks no rule that stops it.

    Raises
    ------
    NotAllowed
        The actor drew part of it.
    Conflict
        A rule stops it: one sentence says which.
    """
    plan = deciding.approve(look, plan_id, text, now=now)
    opened = open_plan(look, plan_id, caches=caches)
    blocking = stopping(findings_of(look, opened))
    if blocking:
        raise Conflict(blocking[0]["message"])
    return plan
