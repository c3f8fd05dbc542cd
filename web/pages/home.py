"""The start page, by role."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.models import Role
from layers.territories import Outlines
from web.context import current_actor
from web.pages.frame import open_page, shell_for, show
from web.sessions import require_login

home = Blueprint("home", __name__)

_TEMPLATES: Final = {
    Role.ADMIN: "home_admin.html",
    Role.HEAD: "home_staff.html",
    Role.STAFF: "home_staff.html",
    Role.LEADER: "home_leader.html",
    Role.MEMBER: "home_member.html",
    Role.GRID_LEADER: "home_member.html",
    Role.STEWARD: "home_member.html",
}
_OTHERS: Final = "home_resident.html"


@home.get("/")
def index() -> str:
    """What is to be done today, as far as the role goes."""
    require_login()
    actor = current_actor()
    look = open_page(Action.OWN_GRID_VIEW)
    template = _TEMPLATES.get(actor.role, _OTHERS) if actor.role else _OTHERS
    shell = None
    if template == "home_member.html" and look and may(actor, Action.AREAS_VIEW):
        shell = shell_for(look, [Outlines(url="/api/v1/areas")])
    return show(template, look, shell=shell)
