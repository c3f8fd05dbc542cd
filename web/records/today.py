"""Today's work, building by building; staff and heads see beside it what is late in which grid."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from gisgrid.records.lists.visits import sees_visits
from web.blueprints import Pages
from web.context import current_actor
from web.frame import open_page, show
from web.navigation import Entry, Group

today = Pages("work", __name__)


@today.get("/work", right=Action.TASKS_VIEW, entries=(Entry(Group.VISITS, 0, "work", N_("今日工作")),))
def work() -> str:
    """The page; its lists are fetched by its script."""
    actor = current_actor()
    return show(
        "records/work.html",
        open_page(),
        shows_grids=actor.sees_exact_counts,
        shows_visits=sees_visits(actor),
    )
