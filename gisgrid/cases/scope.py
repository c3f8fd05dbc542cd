"""Which cases an actor may see, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from gisgrid.access.models import Role
from gisgrid.areas.look import Look
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placing import is_of
from gisgrid.cases.models import Case, Category


def visible_cases(look: Look) -> ColumnElement[bool]:
    """Cases of the community within the actor's scope; those reported by the actor are always in it."""
    actor = look.actor
    here = is_of(look, PlacedKind.CASE, Case)
    own: ColumnElement[bool] = Case.reporter_id == actor.account_id if actor.account_id else false()
    scopes: dict[Any, ColumnElement[bool]] = {
        Role.LOCAL: true(),
        Role.HEAD: true(),
        Role.STAFF: true(),
        Role.MEMBER: or_(own, _in_own_grids(look), _claimed(look)),
        Role.LEADER: or_(own, _is_open_to_all()),
    }
    return here & scopes.get(actor.role, own)


def handled_by(look: Look) -> ColumnElement[bool]:
    """The actor's own work: cases of the own grids or claimed, or, without a duty, the own reports."""
    if look.actor.worker_id and look.actor.areas:
        return or_(_in_own_grids(look), _claimed(look))
    return Case.reporter_id == look.actor.account_id


def _in_own_grids(look: Look) -> ColumnElement[bool]:
    return Case.cell_id.in_(look.own_cells)


def _claimed(look: Look) -> ColumnElement[bool]:
    return Case.handler_id == look.actor.worker_id if look.actor.worker_id else false()


def _is_open_to_all() -> ColumnElement[bool]:
    return Case.category_code.in_(select(Category.code).where(Category.is_confidential.is_(False)))
