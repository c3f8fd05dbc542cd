"""What a limited token opens: reading only where it may not write, and only the parts it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import request

from gisgrid.access.tokens import ALL, Part, TokenScope
from gisgrid.errors import NotAllowed

PARTS: Final[Mapping[str, Part]] = {
    "api_appraisals": Part.CASES,
    "api_backgrounds": Part.MAPS,
    "api_cases": Part.CASES,
    "api_completeness": Part.MAPS,
    "api_contracts": Part.PEOPLE,
    "api_disputes": Part.CASES,
    "api_duties": Part.ADMIN,
    "api_errands": Part.CASES,
    "api_evaluations": Part.CASES,
    "api_exports": Part.PEOPLE,
    "api_figures": Part.MAPS,
    "api_handover": Part.PLANS,
    "api_households": Part.PEOPLE,
    "api_imports": Part.ADMIN,
    "api_limits": Part.ADMIN,
    "api_indicators": Part.CASES,
    "api_locate": Part.MAPS,
    "api_notices": Part.PLANS,
    "api_organisations": Part.CASES,
    "api_photos": Part.CASES,
    "api_planning": Part.PLANS,
    "api_positions": Part.PEOPLE,
    "api_proposals": Part.PLANS,
    "api_redraw": Part.PLANS,
    "api_releasing": Part.CASES,
    "api_reporting": Part.CASES,
    "api_revisions": Part.MAPS,
    "api_settings": Part.ADMIN,
    "api_shapes": Part.MAPS,
    "api_visitors": Part.PEOPLE,
    "open311": Part.CASES,
}
"""The part each blueprint of the interface belongs to; a test fails when one is missing."""

OPEN: Final = frozenset({"api_me", "api_document"})
"""What every token opens: who it acts for, and the description of the interface."""

READING: Final = frozenset(
    {
        "api_locate.locate_points",
        "api_households.by_name",
        "api_households.opened",
        "api_planning.foretell",
    }
)
"""Questions that are sent in a body."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_beyond(scope: TokenScope) -> None:
    """Refuse a request that goes beyond what its token is limited to.

    Raises
    ------
    NotAllowed
        The token may not write, or not use this part.
    """
    if scope == ALL or request.endpoint is None:
        return
    if not scope.may_write and request.method not in _SAFE and request.endpoint not in READING:
        raise NotAllowed("this token may only read")
    blueprint = request.blueprint or ""
    if scope.parts and blueprint not in OPEN and PARTS.get(blueprint) not in scope.parts:
        raise NotAllowed("this token may not use this part of the interface")
