"""Who may fill a form: by role, and by the duties that the form names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gisgrid.access.actors import Actor
from gisgrid.access.models import DutyKind, Role
from gisgrid.forms.tree import FormSettings

_DUTIES: Final[Mapping[Role, DutyKind]] = {
    Role.MEMBER: DutyKind.GRID_MEMBER,
    Role.STAFF: DutyKind.GRID_SUPERVISOR,
    Role.GRID_LEADER: DutyKind.GRID_LEADER,
    Role.STEWARD: DutyKind.BUILDING_STEWARD,
}
_ANY_FORM: Final = frozenset({Role.HEAD, Role.LOCAL})
_PERSONS: Final = _ANY_FORM | {Role.STAFF, Role.MEMBER}
"""Roles that fill forms with personal data; the others only those that name their duty and hold none."""


def may_fill(actor: Actor, settings: FormSettings) -> bool:
    """Whether an actor may fill a form, wherever its subject lies."""
    if actor.role is None or (settings.purpose and actor.role not in _PERSONS):
        return False
    if actor.role in _ANY_FORM:
        return True
    if not settings.duties:
        return actor.role in _PERSONS
    return _DUTIES.get(actor.role) in settings.duties
