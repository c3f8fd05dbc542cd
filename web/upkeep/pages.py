"""How the installation is, for administrators."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.upkeep.health import inspect_installation
from web.blueprints import Pages
from web.context import current_actor, now, read_session, services
from web.frame import show
from web.imports.pages import sent

upkeep = Pages("upkeep", __name__)


@upkeep.get("/health", right=Action.DATABASE_WATCH)
def page() -> str:
    """Database, revision, room, the last backup, what waits, and the files that were sent."""
    health = inspect_installation(read_session(), current_actor(), services().settings.var, now=now())
    return show("upkeep/upkeep.html", None, health=health, uploads=sent().held())
