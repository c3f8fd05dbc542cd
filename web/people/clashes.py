"""What is to be settled by hand: answers that met a changed register, notes of doors, people twice there."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from web.blueprints import Pages
from web.frame import open_page, show
from web.navigation import Entry, Group

settling = Pages("clashes", __name__)


@settling.get(
    "/clashes",
    right=Action.PERSONS_EDIT,
    entries=(Entry(Group.VISITS, 3, "clashes", N_("核对清单")),),
)
def clashes() -> str:
    """The lists, fetched by the page; members see those of their own grids and settle the notes of doors."""
    return show("people/clashes.html", open_page())
