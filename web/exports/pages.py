"""The page on which somebody takes data out: what, in which form, as of when, in which coordinates."""

from __future__ import annotations

from flask import Response, request
from pydantic import ValidationError
from werkzeug.exceptions import BadRequest, NotFound

from data.exporters.layer import ExportRequest, Layer
from data.exporters.run import layers_for, preview
from data.exporters.tables import in_tables
from gisgrid.access.actions import Action
from gisgrid.areas.levels import levels_of, used
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.figures.hotspots import LEVELS
from gisgrid.labels.table import N_
from web.blueprints import Pages
from web.context import current_actor, now
from web.exports import notes
from web.exports.answer import ExportQuery, NamedExport, exported, formats_of
from web.frame import open_page, show
from web.navigation import Entry, Group

exporting = Pages("exporting", __name__)


@exporting.get(
    "/exports",
    right=Action.EXPORTS_MAKE,
    entries=(Entry(Group.RECORDS, 3, "exports", N_("资料导出")),),
)
def choose() -> str:
    """Choose a layer; then its form, day and coordinates, with how many rows there are and what is hidden."""
    view = open_page()
    layers = layers_for(current_actor())
    name = request.args.get("layer")
    chosen = next((layer for layer in layers if layer.name == name), None)
    if name is not None and chosen is None:
        raise NotFound
    seen = preview(view, chosen, ExportRequest(now=now())) if view and chosen else None
    return show(
        "exports/list.html",
        view,
        layers=layers,
        chosen=chosen,
        rows=seen.rows if seen else 0,
        columns=in_tables(seen.columns) if seen else (),
        formats=formats_of(chosen) if chosen else [],
        references=notes.references_for(view),
        hidden=notes.hidden_in(chosen, current_actor()) if chosen else [],
        levels=_levels(view, chosen),
        notes=notes,
    )


def _levels(view: View | None, layer: Layer | None) -> list[Level]:
    """Levels the community has, of those the layer is told by."""
    if view is None or layer is None or not layer.of_level:
        return []
    levels = used(levels_of(view), LEVELS if layer.name == "hotspots" else tuple(Level))
    return [level for level in levels if view.division.tree.at_level(level) or level == Level.COMPOUND]


@exporting.get("/exports/<layer>/<format>", right=Action.EXPORTS_MAKE)
def file(layer: str, format: str) -> Response:  # noqa: A002 - the name of the part of the path
    """The file; what is wrong with the wish is told on a page."""
    view = open_page()
    filled = {name: value for name, value in request.args.items() if value}
    try:
        named = NamedExport(layer=layer, format=format)
    except ValidationError:
        raise NotFound from None
    try:
        query = ExportQuery.model_validate(filled)
    except ValidationError:
        raise BadRequest from None
    if view is not None:
        query = query.model_copy(update={"community": view.community.code})
    return exported(named, query)
