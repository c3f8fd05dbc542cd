"""An export from the first question to the written file: the right, the rows, an audit entry, the file."""

from __future__ import annotations

from data.exporters.frame import Sheet, sheet_of
from data.exporters.layer import Layer, Wish
from data.exporters.layers import LAYERS
from data.exporters.origin import Origin
from data.exporters.writing import form_of
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.audit import record
from gisgrid.areas.look import Look


def layers_for(actor: Actor) -> list[Layer]:
    """The layers an actor may export."""
    return [layer for layer in LAYERS.values() if may(actor, layer.action)]


def gather(look: Look, layer: Layer, ending: str, *, wish: Wish, crs: str | None = None) -> Sheet:
    """What of a layer the actor may see, ready to be written. Adds one audit entry to the look's session.

    Whoever calls keeps the entry before the file is handed out.

    Raises
    ------
    NotAllowed
        The role lacks the right to what is in the layer.
    InvalidInput
        No such form, or the CRS is unknown.
    """
    require(look.actor, layer.action)
    form_of(ending, has_shapes=layer.geometry is not None)
    found = layer.read(look, wish)
    sheet = sheet_of(layer, found, crs=crs)
    fields = [column.name for column in sheet.columns] if layer.is_personal else []
    record(
        look.session,
        look.actor,
        f"export:{layer.name}",
        "layer",
        now=wish.now,
        count=len(found),
        fields=fields,
    )
    return sheet


def origin_of(look: Look, wish: Wish, *, titles: bool = False) -> Origin:
    """Who exports this, when, and as of which day."""
    return Origin(
        by=look.actor.operator or look.actor.name,
        at=wish.now.astimezone(look.tz),
        as_of=look.when.day,
        community=look.community.code,
        titles=titles,
    )
