"""Who may fill a form: by role, by the duties that the form names, and by what the role serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gisgrid.access.actors import Actor
from gisgrid.access.models import DutyKind, Role
from gisgrid.errors import NotAllowed
from gisgrid.forms.tree import FormSettings
from gisgrid.records.core.rules import SubjectKind

_DUTIES: Final[Mapping[Role, DutyKind]] = {
    Role.MEMBER: DutyKind.GRID_MEMBER,
    Role.STAFF: DutyKind.GRID_SUPERVISOR,
    Role.GRID_LEADER: DutyKind.GRID_LEADER,
    Role.STEWARD: DutyKind.BUILDING_STEWARD,
}
_ANY_FORM: Final = frozenset({Role.HEAD, Role.LOCAL})
_PERSONS: Final = _ANY_FORM | {Role.STAFF, Role.MEMBER}
"""Roles that fill forms with personal data; the others only those that name their duty and hold none."""

_OF_STEWARDS: Final = frozenset({SubjectKind.BUILDING, SubjectKind.CASE})
"""What a steward serves: buildings, and what happens in them; places and areas are others' rounds."""


def require_filling(actor: Actor, settings: FormSettings) -> None:
    """That an actor may fill a form.

    Raises
    ------
    NotAllowed
        It may not; a steward is told what a steward fills.
    """
    if _is_out_of_reach(actor, settings):
        raise NotAllowed("stewards fill forms about their own buildings and the cases there")
    if not may_fill(actor, settings):
        raise NotAllowed("this account may not do that")


def _is_out_of_reach(actor: Actor, settings: FormSettings) -> bool:
    return actor.role == Role.STEWARD and settings.subject not in _OF_STEWARDS


def may_fill(actor: Actor, settings: FormSettings) -> bool:
    """Whether an actor may fill a form, wherever its subject lies."""
    if actor.role is None or (settings.purpose and actor.role not in _PERSONS):
        return False
    if _is_out_of_reach(actor, settings):
        return False
    if actor.role in _ANY_FORM:
        return True
    if not settings.duties:
        return actor.role in _PERSONS
    return _DUTIES.get(actor.role) in settings.duties
