"""Who may ask at all is settled before what was asked is read: a stranger learns nothing of a route's fields.

Each route says it where it is made (:mod:`web.blueprints`). The right is asked for again where the work is
done; here stands only what every request of a route needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from flask import Flask, current_app, request

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, may, require
from gisgrid.access.tokens import ApiPart
from web.context import current_actor
from web.security.sessions import require_login

_KEPT: Final = "gisgrid_access"
EVERY_PART: Final = frozenset(ApiPart)
"""Of a route that every token opens."""
NO_PART: Final[frozenset[ApiPart]] = frozenset()
"""Of pages: a token that is limited to parts opens none of them."""


class Open(Enum):
    """Who may call a route that needs no right."""

    PUBLIC = "everybody, without an account too"
    SIGNED_IN = "whoever is logged in"


Right = Action | Open


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may call a route: the right it needs, and the parts of a limited token that open it.

    ``reads`` marks a question that is sent in a body: a token that may only read may ask it. ``takes_file``
    lets a request be as large as a file.
    """

    right: Right
    parts: frozenset[ApiPart] = NO_PART
    reads: bool = False
    takes_file: bool = False

    def is_open_to_asker(self) -> bool:
        """Whether who is asking may call the route."""
        if isinstance(self.right, Action):
            return may(current_actor(), self.right)
        return self.right == Open.PUBLIC or current_actor().role is not None


def is_public(right: Right) -> bool:
    """Whether somebody without an account may call a route with this right."""
    return may(NOBODY, right) if isinstance(right, Action) else right == Open.PUBLIC


def init_gate(app: Flask) -> None:
    """Ask for the right of a route before its arguments are looked at."""
    app.extensions[_KEPT] = {}
    app.before_request(_refuse)


def set_access(app: Flask, access: Mapping[str, Access]) -> None:
    """Note who may call these endpoints."""
    app.extensions[_KEPT].update(access)


def access_by_endpoint(app: Flask) -> Mapping[str, Access]:
    """Who may call each endpoint of an application."""
    known: Mapping[str, Access] = app.extensions[_KEPT]
    return known


def access_of_request() -> Access | None:
    """Who may call the route of this request; nothing where no route answers it."""
    return access_by_endpoint(current_app).get(request.endpoint or "")


def refuse_unguarded(app: Flask) -> None:
    """Check that every route says who may call it; the application doesn't start otherwise.

    Raises
    ------
    LookupError
        Names the endpoints that don't.
    """
    unguarded = {rule.endpoint for rule in app.url_map.iter_rules()} - access_by_endpoint(app).keys()
    if unguarded:
        raise LookupError(f"routes that don't say who may call them: {', '.join(sorted(unguarded))}")


def _refuse() -> None:
    access = access_of_request()
    if access is None:
        return
    if isinstance(access.right, Action):
        require(current_actor(), access.right)
    elif access.right == Open.SIGNED_IN:
        require_login()
