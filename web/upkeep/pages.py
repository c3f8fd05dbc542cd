"""How the installation is, for administrators."""

from __future__ import annotations

from flask import Blueprint

from gisgrid.upkeep.health import look_after
from web.context import current_actor, now, read_session, services
from web.frame import show
from web.imports.pages import sent
from web.security.sessions import require_login

upkeep = Blueprint("upkeep", __name__, template_folder="templates")


@upkeep.get("/health")
def page() -> str:
    """Database, revision, room, the last backup, what waits, and the files that were sent."""
    require_login()
    found = look_after(read_session(), current_actor(), services().settings.var, now=now())
    return show("upkeep/upkeep.html", None, health=found, uploads=sent().held())
