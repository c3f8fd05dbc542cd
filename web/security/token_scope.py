"""What a limited token opens: reading only where it may not write, and only the parts it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import request

from gisgrid.access.tokens import ALL, ApiPart, TokenScope
from gisgrid.errors import NotAllowed

PARTS: Final[Mapping[str, ApiPart]] = {
    "api_appraisals": ApiPart.CASES,
    "api_backgrounds": ApiPart.MAPS,
    "api_cases": ApiPart.CASES,
    "api_completeness": ApiPart.MAPS,
    "api_contracts": ApiPart.PEOPLE,
    "api_disputes": ApiPart.CASES,
    "api_duties": ApiPart.ADMIN,
    "api_errands": ApiPart.CASES,
    "api_evaluations": ApiPart.CASES,
    "api_exports": ApiPart.PEOPLE,
    "api_figures": ApiPart.MAPS,
    "api_handover": ApiPart.PLANS,
    "api_households": ApiPart.PEOPLE,
    "api_imports": ApiPart.ADMIN,
    "api_limits": ApiPart.ADMIN,
    "api_indicators": ApiPart.CASES,
    "api_locate": ApiPart.MAPS,
    "api_notices": ApiPart.PLANS,
    "api_organisations": ApiPart.CASES,
    "api_photos": ApiPart.CASES,
    "api_planning": ApiPart.PLANS,
    "api_positions": ApiPart.PEOPLE,
    "api_proposals": ApiPart.PLANS,
    "api_redraw": ApiPart.PLANS,
    "api_releasing": ApiPart.CASES,
    "api_reporting": ApiPart.CASES,
    "api_revisions": ApiPart.MAPS,
    "api_settings": ApiPart.ADMIN,
    "api_shapes": ApiPart.MAPS,
    "api_visitors": ApiPart.PEOPLE,
    "open311": ApiPart.CASES,
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
