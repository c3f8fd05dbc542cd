"""Pages of records: the list by form, grid and days, and one record with its answers."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.access.models import Role
from gisgrid.labels.table import N_
from gisgrid.records.lists.openings import known_record, require_reading
from gisgrid.records.publication.queries import list_forms
from web.answers import audited_view
from web.blueprints import Pages
from web.context import current_actor
from web.frame import grid_choices, open_page, page_request, shell_for, show, street_bounds
from web.i18n import current_language
from web.navigation import Entry, Group

record_pages = Pages("record_pages", __name__)


@record_pages.get(
    "/records",
    right=Action.RECORDS_VIEW,
    entries=(Entry(Group.RECORDS, 0, "records", N_("记录"), needs=Action.TASKS_VIEW),),
)
def listing() -> str:
    """The list; its rows are fetched by its script."""
    require_reading(current_actor())
    view = open_page()
    forms = list_forms(view) if view else []
    return show("records/list.html", view, forms=forms, grids=grid_choices(view))


@record_pages.get("/records/map", right=Action.RECORDS_VIEW)
def places() -> str:
    """The same records on a map, by the building or the facility where their subjects are."""
    require_reading(current_actor())
    view = open_page()
    forms = list_forms(view) if view else []
    shell = shell_for(view, [], bounds=street_bounds(view))
    return show("records/map.html", view, shell=shell, forms=forms, grids=grid_choices(view))


@record_pages.get("/records/<record_id>", right=Action.RECORDS_VIEW)
def opened(record_id: str) -> str:
    """One record; what was answered is fetched by its script, which leaves the entry of the trail."""
    with audited_view(page_request()) as view:
        known = known_record(view, record_id)
    title = known.title.get(current_language()) or next(iter(known.title.values()))
    asks_first = known.is_refused and current_actor().role == Role.HEAD
    return show(
        "records/record.html", view, title=title, page_data={"record": record_id, "refused": asks_first}
    )
