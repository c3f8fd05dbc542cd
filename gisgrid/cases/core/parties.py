"""What somebody is to a case: its handler, a member of its grid, who reported it, and so on."""

from __future__ import annotations

from typing import Final

from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import HELPING
from gisgrid.cases.core.case_state import CaseSnapshot
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.workflow import Who

_BY_ROLE: Final = {Role.STAFF: Who.STAFF, Role.HEAD: Who.HEAD, Role.LEADER: Who.LEADER}
_LOCAL: Final = frozenset({Who.HANDLER, Who.MEMBER, Who.STAFF, Who.HEAD, Who.LEADER, Who.REPORTER})
"""The command line's account stands for all, but claims and signs nothing: it is no person."""
TYPING_FOR_OTHERS: Final = frozenset({Role.MEMBER, Role.STAFF, Role.HEAD})
"""Who types in what others report. What such people report for themselves they follow by its receipt code."""


def who_is(view: View, case: Case, snapshot: CaseSnapshot) -> frozenset[Who]:
    """All that the actor is to a case."""
    actor = view.actor
    if actor.role is Role.LOCAL:
        return _LOCAL
    roles: set[Who] = set()
    if actor.role in _BY_ROLE:
        roles.add(_BY_ROLE[actor.role])
    if actor.worker_id is not None and actor.role in (Role.MEMBER, Role.STAFF, Role.HEAD):
        if snapshot.handler_id == actor.worker_id:
            roles.add(Who.HANDLER)
        if any(helper.worker_id == actor.worker_id for helper in snapshot.co_handlers):
            roles.add(Who.CO_HANDLER)
    if actor.role is Role.MEMBER and case.cell_id in view.own_cells:
        roles.add(Who.MEMBER)
    if actor.role is Role.MEMBER and actor.worker_id and case.cell_id in branch_cells(view):
        roles.add(Who.BRANCH)
    if actor.role in HELPING:
        is_given = actor.worker_id is not None and snapshot.handler_id == actor.worker_id
        roles |= {Who.NEARBY_HANDLER} if is_given else set()
        roles |= {Who.NEARBY} if _is_nearby(view, case) else set()
    if is_reporter(view, case):
        roles.add(Who.REPORTER)
    return frozenset(roles)


def _is_nearby(view: View, case: Case) -> bool:
    if view.actor.role is Role.STEWARD:
        return case.building_id in view.actor.buildings
    return case.cell_id in view.own_cells


def is_reporter(view: View, case: Case) -> bool:
    """Whether the actor reported it for itself: who typed it in for another doesn't speak for that person."""
    actor = view.actor
    is_by_account = actor.account_id is not None and case.reporter_id == actor.account_id
    return is_by_account and actor.role not in TYPING_FOR_OTHERS


def branch_cells(view: View) -> frozenset[str]:
    """Cells of the compounds the actor serves a part of; of the community where it has no compounds."""
    tree = view.present.tree
    own = [area_id for area_id in view.actor.areas if area_id in tree.areas]
    if not own:
        return frozenset()
    compounds = {area.id for area_id in own if (area := tree.ancestor(area_id, Level.COMPOUND)) is not None}
    if not compounds:
        has_any = any(area.level == Level.COMPOUND for area in tree.areas.values())
        return view.own_cells if has_any else frozenset(view.present.cell_ids)
    return frozenset(view.present.cells_of(compounds))
