"""The page of counts of records: by form and area for some days, and by month or quarter."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.figures.record_forms import counted_forms
from gisgrid.labels.table import N_
from web.blueprints import Pages
from web.context import current_actor
from web.frame import open_page, show
from web.navigation import Entry, Group

record_figure_pages = Pages("record_figure_pages", __name__)


@record_figure_pages.get(
    "/records/figures",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.RECORDS, 1, "record-figures", N_("记录统计")),),
)
def counts() -> str:
    """How much was noted; accounts without exact counts begin with the last quarter that is over."""
    view = open_page()
    exact = current_actor().sees_exact_counts
    forms = counted_forms(view) if view else []
    return show("records/figures.html", view, forms=forms, exact=exact, page_data={"exact": exact})
